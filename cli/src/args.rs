//! What the command line asks for.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::Arg::{Long, Short, Value};
use lexopt::{Parser, ValueExt as _};
use tallymark::exposition::Escaping;
use ureq::http::{HeaderName, HeaderValue};

use crate::client::{Request, completed};
use crate::error::Error;
use crate::format::{Format, escaping_of_name};
use crate::help::Topic;
use crate::print::harmless;
use crate::source::Source;

#[derive(Debug)]
pub(crate) enum Command {
    Help(Topic),
    Version,
    Fetch(Fetch),
    Check(Check),
    Convert(Convert),
}

#[derive(Debug)]
pub(crate) struct Fetch {
    pub(crate) url: String,
    /// None where each time another one is asked for.
    pub(crate) format: Option<Format>,
    pub(crate) interval: Option<Duration>,
    /// None where it is not to end.
    pub(crate) count: Option<u64>,
    pub(crate) request: Request,
}

#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) source: Source,
    pub(crate) format: Option<Format>,
    pub(crate) json: bool,
    pub(crate) request: Request,
}

#[derive(Debug)]
pub(crate) struct Convert {
    pub(crate) source: Source,
    pub(crate) from: Option<Format>,
    pub(crate) to: Format,
    pub(crate) escaping: Escaping,
    /// None where it is the standard output.
    pub(crate) output: Option<PathBuf>,
    pub(crate) request: Request,
}

/// As long as Prometheus waits by default.
const TIMEOUT: Duration = Duration::from_secs(10);

const FORMATS: &str = "`text`, `text-1.0`, `openmetrics` or `protobuf`";

pub(crate) fn parse(mut parser: Parser) -> Result<Command, Error> {
    let commands = "`fetch`, `check`, `convert` and `help`";
    let command = match parser.next().map_err(|error| misuse(&error, Topic::All))? {
        None => return Err(Error::usage(format!("what is to be done? There are {commands}; see `tallymark --help`"))),
        Some(Long("help") | Short('h')) => return Ok(Command::Help(Topic::All)),
        Some(Long("version") | Short('V')) => return Ok(Command::Version),
        Some(Value(command)) => command,
        Some(other) => return Err(misuse(&other.unexpected(), Topic::All)),
    };
    match command.to_str() {
        Some("fetch") => asked(&mut parser, Topic::Fetch, fetch),
        Some("check") => asked(&mut parser, Topic::Check, check),
        Some("convert") => asked(&mut parser, Topic::Convert, convert),
        Some("help") => asked(&mut parser, Topic::All, help),
        _ => {
            let command = command.to_string_lossy();
            let command = harmless(&command);
            Err(Error::usage(format!("there is no command `{command}`; there are {commands}")))
        }
    }
}

/// Why a command's arguments are none.
enum Misuse {
    /// It is asked for its help.
    Help,
    Wrong(String),
}

impl From<lexopt::Error> for Misuse {
    fn from(error: lexopt::Error) -> Self {
        Self::Wrong(said(&error))
    }
}

impl From<String> for Misuse {
    fn from(message: String) -> Self {
        Self::Wrong(message)
    }
}

fn asked(
    parser: &mut Parser,
    topic: Topic,
    read: fn(&mut Parser) -> Result<Command, Misuse>,
) -> Result<Command, Error> {
    match read(parser) {
        Ok(command) => Ok(command),
        Err(Misuse::Help) => Ok(Command::Help(topic)),
        Err(Misuse::Wrong(message)) => Err(Error::usage(format!("{message}; see `{}`", topic.command()))),
    }
}

fn misuse(error: &lexopt::Error, topic: Topic) -> Error {
    Error::usage(format!("{}; see `{}`", said(error), topic.command()))
}

fn said(error: &lexopt::Error) -> String {
    harmless(&error.to_string()).into_owned()
}

fn help(parser: &mut Parser) -> Result<Command, Misuse> {
    let topic = match parser.next()? {
        None | Some(Long("help") | Short('h')) => return Ok(Command::Help(Topic::All)),
        Some(Value(topic)) => topic,
        Some(other) => return Err(other.unexpected().into()),
    };
    let found = topic.to_str().and_then(Topic::of_name);
    let topic = found.ok_or_else(|| format!("there is no help about `{}`", harmless(&topic.to_string_lossy())))?;
    match parser.next()? {
        None => Ok(Command::Help(topic)),
        Some(other) => Err(other.unexpected().into()),
    }
}

/// The options that all commands have that ask servers.
#[derive(Default)]
struct Asking {
    headers: Vec<(HeaderName, HeaderValue)>,
    timeout: Option<Duration>,
}

impl Asking {
    fn header(&mut self, parser: &mut Parser) -> Result<(), Misuse> {
        let text = parser.value()?.string()?;
        let header = text.split_once(':').and_then(|(name, value)| {
            let value = HeaderValue::from_str(value.trim()).ok()?;
            Some((name.trim().parse().ok()?, value))
        });
        // What it reads may be a secret.
        let header = header.ok_or_else(|| "a header is written `--header 'Name: value'`".to_owned())?;
        self.headers.push(header);
        Ok(())
    }

    fn request(self, accept: &'static str, debug: bool) -> Request {
        Request { accept, headers: self.headers, timeout: self.timeout.unwrap_or(TIMEOUT), debug }
    }
}

fn fetch(parser: &mut Parser) -> Result<Command, Misuse> {
    let (mut url, mut format, mut interval, mut count, mut debug) = (None, None, None, None, false);
    let mut asking = Asking::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Value(value) => once(&mut url, "page", value)?,
            Long("url") => once(&mut url, "page", parser.value()?)?,
            Long("format") => {
                let name = parser.value()?.string()?;
                format = match name.as_str() {
                    "random" => None,
                    name => Some(format_of(name, "`--format`", ", or `random`, which is another one each time")?),
                };
            }
            Long("interval") | Short('i') => interval = Some(seconds(parser, "--interval")?),
            Long("count") | Short('n') => {
                let text = parser.value()?.string()?;
                let number = text.parse().ok().filter(|number| *number > 0);
                count =
                    Some(number.ok_or_else(|| format!("`--count` is a number from 1 on, not `{}`", harmless(&text)))?);
            }
            Long("timeout") => asking.timeout = Some(seconds(parser, "--timeout")?),
            Long("header") | Short('H') => asking.header(parser)?,
            Long("debug") => debug = true,
            Long("help") | Short('h') => return Err(Misuse::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    if count.is_some_and(|count| count > 1) && interval.is_none() {
        return Err("`--count` says how often to fetch; say by `--interval` after how many seconds".to_owned().into());
    }
    let url = url.ok_or_else(|| "which page? Write its URL, for example `localhost:9464`".to_owned())?;
    let url = url.into_string().map_err(|url| format!("`{}` is no URL", harmless(&url.to_string_lossy())))?;
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    if url.is_empty() || scheme.is_some_and(|scheme| !matches!(scheme, "http" | "https")) {
        let url = harmless(&url);
        return Err(format!("`{url}` can't be fetched; write a URL that begins with `http://` or `https://`").into());
    }
    // `fetch` sets the format that it asks for.
    let request = asking.request(Format::Text.accept(), debug);
    Ok(Command::Fetch(Fetch { url: completed(&url), format, interval, count, request }))
}

fn check(parser: &mut Parser) -> Result<Command, Misuse> {
    let (mut source, mut format, mut json) = (None, None, false);
    let mut asking = Asking::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Value(value) => once(&mut source, "page", value)?,
            Long("format") => format = Some(format_of(&parser.value()?.string()?, "`--format`", "")?),
            Long("json") => json = true,
            Long("timeout") => asking.timeout = Some(seconds(parser, "--timeout")?),
            Long("header") | Short('H') => asking.header(parser)?,
            Long("help") | Short('h') => return Err(Misuse::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    let source = source.ok_or_else(|| "which page? Write a file, a URL, or `-` for the standard input".to_owned())?;
    let request = asking.request(format.map_or(Format::PROMETHEUS, Format::accept), false);
    Ok(Command::Check(Check { source: Source::of(source), format, json, request }))
}

fn convert(parser: &mut Parser) -> Result<Command, Misuse> {
    let (mut source, mut from, mut to, mut escaping, mut output) = (None, None, None, None, None);
    let mut asking = Asking::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Value(value) => once(&mut source, "page", value)?,
            Long("from") => from = Some(format_of(&parser.value()?.string()?, "`--from`", "")?),
            Long("to") => to = Some(format_of(&parser.value()?.string()?, "`--to`", "")?),
            Long("escaping") => {
                let name = parser.value()?.string()?;
                let schemes = "`allow-utf-8`, `underscores`, `dots` or `values`";
                let found = escaping_of_name(&name);
                escaping = Some(found.ok_or_else(|| format!("`--escaping` is {schemes}, not `{}`", harmless(&name)))?);
            }
            Long("output") | Short('o') => once(&mut output, "output", parser.value()?)?,
            Long("timeout") => asking.timeout = Some(seconds(parser, "--timeout")?),
            Long("header") | Short('H') => asking.header(parser)?,
            Long("help") | Short('h') => return Err(Misuse::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    let to = to.ok_or_else(|| format!("into which format? Write `--to` and one of {FORMATS}"))?;
    Ok(Command::Convert(Convert {
        source: source.map_or(Source::Standard, Source::of),
        from,
        to,
        escaping: escaping.unwrap_or(Escaping::AllowUtf8),
        output: output.filter(|path| path != "-").map(PathBuf::from),
        request: asking.request(from.map_or(Format::PROMETHEUS, Format::accept), false),
    }))
}

/// Takes what may stand once.
fn once(place: &mut Option<OsString>, what: &str, value: OsString) -> Result<(), Misuse> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("there is to be one {what}; call it again for another").into()),
    }
}

fn format_of(name: &str, option: &str, others: &str) -> Result<Format, String> {
    Format::of_name(name).ok_or_else(|| format!("{option} is {FORMATS}{others}, not `{}`", harmless(name)))
}

fn seconds(parser: &mut Parser, option: &str) -> Result<Duration, Misuse> {
    let text = parser.value()?.string()?;
    let number = text.parse().ok().filter(|seconds: &f64| *seconds > 0.0 && *seconds < 1e9);
    let duration = number.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let duration = duration.filter(|duration| !duration.is_zero());
    duration.ok_or_else(|| format!("`{option}` is a number of seconds above 0, not `{}`", harmless(&text)).into())
}
