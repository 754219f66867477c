//! How the program is called.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    All,
    Fetch,
    Check,
    Convert,
}

impl Topic {
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        match name {
            "fetch" => Some(Self::Fetch),
            "check" => Some(Self::Check),
            "convert" => Some(Self::Convert),
            "help" => Some(Self::All),
            _ => None,
        }
    }

    /// The command that shows its text.
    pub(crate) fn command(self) -> &'static str {
        match self {
            Self::All => "tallymark --help",
            Self::Fetch => "tallymark help fetch",
            Self::Check => "tallymark help check",
            Self::Convert => "tallymark help convert",
        }
    }
}

pub(crate) fn text(topic: Topic) -> &'static str {
    match topic {
        Topic::All => ALL,
        Topic::Fetch => FETCH,
        Topic::Check => CHECK,
        Topic::Convert => CONVERT,
    }
}

const ALL: &str = "\
Fetches, checks and converts pages of Prometheus metrics.

Usage: tallymark COMMAND [OPTIONS]

Commands:
  fetch    Show the page of a server, and what changes on it
  check    Find what is wrong with a page
  convert  Write a page in another format
  help     Show this, or the help of a command: `tallymark help fetch`

Options:
  -h, --help     Show this, or behind a command its help
  -V, --version  Show the version
";

const FETCH: &str = "\
Shows the page of a server, as Prometheus would be served it, and what changes on it.

Usage: tallymark fetch [OPTIONS] URL

  URL                     Where it is: `http://` may be left out, and `/metrics` too.
                          A user and a password may stand in front of the host: `http://me:secret@host`

Options:
      --format FORMAT     What to ask for: text, text-1.0, openmetrics, protobuf (or binary), or random,
                          which is text, openmetrics or protobuf each time [default: random]
  -i, --interval SECONDS  Fetch again after so many seconds, until Ctrl-C, and show what has changed since the
                          last page in the same format: what is new or gone, and of what has another value how
                          much that is more, and more in a second
  -n, --count N           End after N pages
      --timeout SECONDS   How long to wait for a page [default: 10]
  -H, --header HEADER     Send this header too, as 'Name: value'; may stand there several times
      --debug             Show the headers of request and response, the size and the time
  -h, --help              Show this

Of a histogram there are its count, sum and mean, and quantiles that are estimated from its buckets as Prometheus does.

Exit codes: 0 the pages came, 1 one didn't or can't be read, 2 wrong usage.
";

const CHECK: &str = "\
Finds what is wrong with a page: what `promtool check metrics` finds, and histograms whose buckets, sum and count don't
belong together, counters that are negative or NaN, series and families that stand there twice, names that are the same
when they are escaped or in OpenMetrics, timestamps, what Prometheus or OpenMetrics wouldn't read, and more.
In text a gauge `x_created` is right where it says since when the counter, histogram or summary `x` counts, as those of
Python's client do: in seconds since 1970, and of no series that `x` doesn't have.

Usage: tallymark check [OPTIONS] FILE|URL|-

Options:
      --format FORMAT    What the page is in: text, text-1.0, openmetrics or protobuf; of a URL what is asked for
                         [default: what the page looks like; what Prometheus asks for]
      --json             Write each finding as a JSON object in a line, with `file`, `line`, `family`, `rule` and `text`
      --timeout SECONDS  How long to wait for a page [default: 10]
  -H, --header HEADER    Send this header too, as 'Name: value'; may stand there several times
  -h, --help             Show this

A finding is written `file:line: family: what is wrong; what would be right`.

Exit codes, those of promtool: 0 nothing was found, 3 something was, 1 the page can't be had or read, 2 wrong usage.
";

const CONVERT: &str = "\
Writes a page in another format. No number on it changes. What the other format can't say is left out and told on the
standard error, with how often; and a page that its readers would refuse isn't written.

Gauges `x_created` of a text page that say since when the series of a counter, histogram or summary `x` count, as
Python's client writes them, are the created times of these series in OpenMetrics and protobuf. If such a gauge says
anything else, it stays one, so that OpenMetrics has no page with both; `tallymark check` says why. On the way from text
to text all gauges stay as they are.

Usage: tallymark convert --to FORMAT [OPTIONS] [FILE|URL|-]

Options:
      --to FORMAT          text, text-1.0, openmetrics or protobuf
      --from FORMAT        The format that the page is in [default: what the server says, or what the page looks like]
      --escaping SCHEME    How to write names of other characters than letters, digits and `_`: allow-utf-8,
                           underscores, dots or values [default: allow-utf-8, and in text underscores]
  -o, --output FILE        Write to this file, which is replaced when the whole page is there [default: standard output]
      --timeout SECONDS    How long to wait for a page [default: 10]
  -H, --header HEADER      Send this header too, as 'Name: value'; may stand there several times
  -h, --help               Show this

Exit codes: 0 the page was written, 1 it can't be had, read, said in that format or written, 2 wrong usage.
";
