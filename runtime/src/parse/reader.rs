//! Reading a page piece by piece.

use std::collections::VecDeque;
use std::io;

use super::error::{Error, Place};
use super::lines::Lines;
use super::page::{Format, Page};
use super::protobuf::Messages;
use super::told::{Families, Told};
use crate::snapshot::{MetricFamily, SeriesSnapshot};

/// What a [`Reader`] finds on a page.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A family, without its series, which come behind it.
    Family(MetricFamily),
    /// A series of the last family.
    Series(SeriesSnapshot),
    /// The help text of the last family, where it stands behind samples. `OpenMetrics` doesn't allow that.
    Help(String),
    /// The unit of the last family, where it stands behind series, as it mostly does in protobuf.
    Unit(String),
}

/// Reads a page piece by piece, in memory that doesn't grow with the page: the line and the series that are being read,
/// and where the format forbids that names or series come again, a hash of each family's names and of each series of the
/// family, of 16 bytes and at most twice as much room again. The hashes have a random key.
///
/// What it holds of lines is limited too ([`limit`](Self::limit)), so a page that is made to fill the memory is refused.
/// In the text format, in which a histogram's or summary's samples may stand apart within the family, a series that isn't
/// complete waits for more of them up to that limit; where it has to go before, it is
/// [`Irregular`](crate::Value::Irregular). So series come in the order in which they are complete.
///
/// It is an iterator, which ends behind the first error: what came before it may be a part of a page.
///
/// ```
/// use tallymark::parse::{Event, Reader};
///
/// let page = "jobs_total{queue=\"mail\"} 3\njobs_total{queue=\"print\"} 4\n";
/// let mut reader = Reader::text(page.as_bytes());
/// let Some(Ok(Event::Family(family))) = reader.next() else { panic!("it comes first") };
/// assert_eq!(family.name(), "jobs_total");
/// let mut sum = 0.0;
/// while let Some(event) = reader.next() {
///     let Event::Series(series) = event? else { continue };
///     println!("line {}: {:?}", reader.line(), series.labels().collect::<Vec<_>>());
///     let tallymark::Value::Number(jobs) = series.value() else { continue };
///     sum += jobs.as_f64();
/// }
/// assert_eq!((sum, reader.line()), (7.0, 2));
/// # Ok::<(), tallymark::parse::Error>(())
/// ```
#[derive(Debug)]
pub struct Reader<'a> {
    source: Source<'a>,
    /// Where the last event begins.
    line: usize,
    state: State,
}

#[derive(Debug)]
enum Source<'a> {
    Lines(Lines<'a>, Box<Page>),
    Messages(Box<Messages<'a>>),
}

#[derive(Debug)]
enum State {
    Reading,
    /// With what is wrong, which comes behind what was read before it.
    Ended(Option<Error>),
}

/// How many bytes of lines a reader holds unless told otherwise.
const LIMIT: usize = 16 << 20;

impl<'a> Reader<'a> {
    /// Reads a page in Prometheus' text format, as [`text`](super::text) does.
    #[must_use]
    #[inline]
    pub fn text(page: impl io::Read + 'a) -> Self {
        Self::of_stream(Box::new(page), Format::Text)
    }

    /// Reads a page in `OpenMetrics`, as [`openmetrics`](super::openmetrics()) does.
    #[must_use]
    #[inline]
    pub fn openmetrics(page: impl io::Read + 'a) -> Self {
        Self::of_stream(Box::new(page), Format::OpenMetrics)
    }

    /// Reads a page in protobuf, as [`protobuf`](super::protobuf()) does.
    ///
    /// The limit is that of a `Metric`, which is what is held of a page, and of a text. What is made of one takes a few
    /// times as much.
    #[must_use]
    #[inline]
    pub fn protobuf(page: impl io::Read + 'a) -> Self {
        Self::new(Source::Messages(Box::new(Messages::of_stream(Box::new(page), LIMIT))))
    }

    /// Reads a page in the format that its `Content-Type` says.
    ///
    /// ```
    /// use tallymark::exposition::text::CONTENT_TYPE;
    /// use tallymark::parse::Reader;
    ///
    /// let events = Reader::by_content_type(CONTENT_TYPE, &b"jobs_total 3\n"[..])?.count();
    /// assert_eq!(events, 2);
    /// # Ok::<(), tallymark::parse::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where there is no parser for that format.
    #[inline]
    pub fn by_content_type(content_type: &str, page: impl io::Read + 'a) -> Result<Self, Error> {
        match format_of(content_type) {
            Some(Said::Lines(format)) => Ok(Self::of_stream(Box::new(page), format)),
            Some(Said::Messages) => Ok(Self::protobuf(page)),
            None => Err(Error::new(format!(
                "pages of the type `{}` can't be read; those of `text/plain` (version 0.0.4 or 1.0.0), \
                 `application/openmetrics-text` (version 0.0.1 or 1.0.0) and `application/vnd.google.protobuf` \
                 (proto=io.prometheus.client.MetricFamily, encoding=delimited) can",
                super::label::shown(content_type)
            ))),
        }
    }

    /// The same with a limit of so many bytes, by default 16 MiB: of a line, and of the lines of series that aren't
    /// complete yet.
    #[must_use]
    #[inline]
    pub fn limit(mut self, bytes: usize) -> Self {
        match &mut self.source {
            Source::Lines(lines, page) => {
                lines.set_longest(bytes);
                page.limit = bytes;
            }
            Source::Messages(messages) => messages.limit = bytes,
        }
        self
    }

    /// The line in which what the last event says begins, from 1. A page in protobuf has no other.
    #[must_use]
    #[inline]
    pub fn line(&self) -> usize {
        self.line
    }

    #[inline]
    fn of_stream(page: Box<dyn io::Read + 'a>, format: Format) -> Self {
        let told = Told::Events(VecDeque::new());
        Self::new(Source::Lines(Lines::of_stream(page, LIMIT), Box::new(Page::new(format, LIMIT, told))))
    }

    #[inline]
    fn new(source: Source<'a>) -> Self {
        Self { source, line: 1, state: State::Reading }
    }
}

/// Reads the next line, or what the page's end says; says whether that has been read.
#[inline]
fn read(lines: &mut Lines<'_>, page: &mut Page) -> Result<bool, Error> {
    let number = lines.number() + 1;
    let (line, read, ended) = match lines.next()? {
        Some(line) => (line.bytes, page.line(line, number), false),
        None => (&b""[..], page.finish(), true),
    };
    match read {
        Ok(()) => Ok(ended),
        Err(fault) => Err(match fault.place {
            Place::Byte(at) => Error::in_line(number, line, at, fault.message),
            Place::Line(above) => Error::in_line(above, b"", 0, fault.message),
        }),
    }
}

impl Iterator for Reader<'_> {
    type Item = Result<Event, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let told = match &mut self.source {
                Source::Lines(_, page) => &mut page.told,
                Source::Messages(messages) => &mut messages.told,
            };
            if let Some((line, event)) = told.next() {
                self.line = line;
                return Some(Ok(event));
            }
            if let State::Ended(error) = &mut self.state {
                return error.take().map(Err);
            }
            let ended = match &mut self.source {
                Source::Lines(lines, page) => read(lines, page),
                Source::Messages(messages) => messages.read(),
            };
            match ended {
                Ok(false) => {}
                Ok(true) => self.state = State::Ended(None),
                Err(error) => self.state = State::Ended(Some(error)),
            }
        }
    }
}

/// What a `Content-Type` says that a page is made of.
enum Said {
    Lines(Format),
    Messages,
}

/// The media types of the formats; of the parameters, only a version could say that it is another one, or another message.
#[inline]
fn format_of(content_type: &str) -> Option<Said> {
    let mut parts = content_type.split(';').map(str::trim);
    let media_type = parts.next()?;
    let parameter = |wanted: &str| {
        parts.clone().find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"'))
        })
    };
    let version = parameter("version");
    if media_type.eq_ignore_ascii_case("text/plain") {
        version.is_none_or(|version| matches!(version, "0.0.4" | "1.0.0")).then_some(Said::Lines(Format::Text))
    } else if media_type.eq_ignore_ascii_case("application/openmetrics-text") {
        version.is_none_or(|version| matches!(version, "0.0.1" | "1.0.0")).then_some(Said::Lines(Format::OpenMetrics))
    } else if media_type.eq_ignore_ascii_case("application/vnd.google.protobuf") {
        let families = parameter("proto").is_none_or(|proto| proto == "io.prometheus.client.MetricFamily");
        let delimited = parameter("encoding").is_none_or(|encoding| encoding == "delimited");
        (families && delimited).then_some(Said::Messages)
    } else {
        None
    }
}

/// All families of a page in memory. Who has that needs no limit of what is held of it.
#[inline]
pub(super) fn families(page: &[u8], format: Format) -> Result<Vec<MetricFamily>, Error> {
    let mut lines = Lines::of_page(page);
    let mut page = Page::new(format, usize::MAX, Told::Families(Families::default()));
    while !read(&mut lines, &mut page)? {}
    Ok(page.told.into_families())
}
