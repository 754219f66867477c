//! Formats of pages, by the names that the command line has for them.

use std::fmt;

use tallymark::exposition::{self, Escaping};
use tallymark::{MetricFamily, parse};

use crate::print::harmless;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Text1,
    OpenMetrics,
    Protobuf,
}

impl Format {
    pub(crate) const ALL: [Self; 4] = [Self::Text, Self::Text1, Self::OpenMetrics, Self::Protobuf];

    /// `binary` is what aioprometheus' fetcher calls protobuf.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        if name == "binary" {
            return Some(Self::Protobuf);
        }
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Text1 => "text-1.0",
            Self::OpenMetrics => "openmetrics",
            Self::Protobuf => "protobuf",
        }
    }

    /// Whether it is one of the text formats, which have no times since when series count.
    pub(crate) fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Text1)
    }

    /// How people call it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Text | Self::Text1 => "the text format",
            Self::OpenMetrics => "OpenMetrics",
            Self::Protobuf => "protobuf",
        }
    }

    /// The `Accept` of who wants it, and takes the text format where there is nothing else.
    pub(crate) fn accept(self) -> &'static str {
        match self {
            Self::Text => "text/plain;version=0.0.4",
            Self::Text1 => "text/plain;version=1.0.0;escaping=allow-utf-8,text/plain;version=0.0.4;q=0.5",
            Self::OpenMetrics => {
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8,\
                 application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5"
            }
            Self::Protobuf => {
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;\
                 escaping=allow-utf-8,text/plain;version=0.0.4;q=0.5"
            }
        }
    }

    /// What Prometheus 3 asks for where it scrapes no native histograms.
    pub(crate) const PROMETHEUS: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
        application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
        text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

    /// The format that a `Content-Type` says.
    pub(crate) fn of_content_type(content_type: &str) -> Option<Self> {
        let mut parts = content_type.split(';').map(str::trim);
        let media_type = parts.next()?.to_ascii_lowercase();
        let version_1 = parts.any(|part| part.replace(['"', ' '], "").eq_ignore_ascii_case("version=1.0.0"));
        match media_type.as_str() {
            "text/plain" if version_1 => Some(Self::Text1),
            "text/plain" => Some(Self::Text),
            "application/openmetrics-text" => Some(Self::OpenMetrics),
            "application/vnd.google.protobuf" => Some(Self::Protobuf),
            _ => None,
        }
    }

    /// The format that a page seems to be in, by what only one of them has.
    pub(crate) fn of_page(page: &[u8]) -> Self {
        if is_message(page) {
            return Self::Protobuf;
        }
        let last = page.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
        let openmetrics = |line: &[u8]| {
            let types = [&b" info"[..], b" stateset", b" gaugehistogram", b" unknown"];
            line.starts_with(b"# UNIT ")
                || (line.starts_with(b"# TYPE ") && types.iter().any(|word| line.ends_with(word)))
        };
        if last == Some(b"# EOF") || page.split(|byte| *byte == b'\n').any(openmetrics) {
            Self::OpenMetrics
        } else {
            Self::Text
        }
    }

    /// How it is written: with names as they are, where the format can say them.
    pub(crate) fn written(self, escaping: Escaping) -> exposition::Format {
        let format = match self {
            Self::Text => exposition::Format::TEXT_0_0_4,
            Self::Text1 => exposition::Format::TEXT_1_0_0,
            Self::OpenMetrics => exposition::Format::OPENMETRICS_1_0_0,
            Self::Protobuf => exposition::Format::PROTOBUF,
        };
        format.with_escaping(escaping)
    }

    /// Reads a page.
    pub(crate) fn read(self, page: &[u8]) -> Result<Vec<MetricFamily>, Unread> {
        match self {
            Self::Text | Self::Text1 => Ok(parse::text(page)?),
            Self::OpenMetrics => Ok(parse::openmetrics(page)?),
            Self::Protobuf => Ok(parse::protobuf(page)?),
        }
    }
}

/// Why a page can't be read.
#[derive(Debug)]
pub(crate) struct Unread {
    /// The line and the column.
    pub(crate) place: Option<(usize, usize)>,
    /// What is wrong there.
    pub(crate) text: String,
}

impl From<parse::Error> for Unread {
    fn from(error: parse::Error) -> Self {
        let place = error.line().zip(error.column());
        let text = error.to_string();
        let before = place.map(|(line, column)| format!("line {line}, column {column}: ")).unwrap_or_default();
        let text = text.strip_prefix(&before).unwrap_or(&text);
        Self { place, text: harmless(text).into_owned() }
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.text)
    }
}

/// Whether a page begins with a message that is a family: its length, and in it as the first field a name.
/// (<https://protobuf.dev/programming-guides/encoding/>)
fn is_message(page: &[u8]) -> bool {
    let Some((length, message)) = varint(page) else { return false };
    let Some(message) = message.get(..length) else { return false };
    let Some((length, rest)) = message.strip_prefix(&[0x0A]).and_then(varint) else { return false };
    let Some((name, rest)) = rest.split_at_checked(length) else { return false };
    let named = str::from_utf8(name).is_ok_and(|name| !name.contains(char::is_control));
    // Behind it help, type, metrics or unit.
    named && matches!(rest.first(), None | Some(0x12 | 0x18 | 0x22 | 0x2A))
}

fn varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut number = 0_usize;
    for (at, byte) in bytes.iter().enumerate().take(4) {
        number |= usize::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[at + 1..]));
        }
    }
    None
}

/// The escaping with this name.
pub(crate) fn escaping_of_name(name: &str) -> Option<Escaping> {
    let all = [Escaping::AllowUtf8, Escaping::Underscores, Escaping::Dots, Escaping::Values];
    all.into_iter().find(|escaping| escaping.as_str() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_known_by_what_only_their_format_has() {
        for (page, format) in [
            (&b""[..], Format::Text),
            (b"jobs_total 3\n", Format::Text),
            (b"#\n# comment\njobs_total 3\n", Format::Text),
            (b"#\n\nhttp_requests_total 5 and so on, longer than a message\n", Format::Text),
            (b"# EOF\n", Format::OpenMetrics),
            (b"jobs_total 3\n# EOF", Format::OpenMetrics),
            (b"# TYPE build info\nbuild_info 1\n", Format::OpenMetrics),
            (b"# TYPE a gauge\n# UNIT a \na 1\n", Format::OpenMetrics),
            (b"\x08\x0a\x01x\x12\x01h\x18\x00", Format::Protobuf),
            (b"\x03\x0a\x01x", Format::Protobuf),
            (b"\x09\x0a\x01x\x12\x01h\x18\x00", Format::Text),
        ] {
            assert_eq!(Format::of_page(page), format, "{:?}", String::from_utf8_lossy(page));
        }
    }

    #[test]
    fn content_types_are_known_with_their_versions() {
        for format in Format::ALL {
            let content_type = format.written(Escaping::AllowUtf8).content_type();
            assert_eq!(Format::of_content_type(content_type), Some(format));
            assert_eq!(Format::of_name(format.name()), Some(format));
        }
        assert_eq!(Format::of_content_type("TEXT/PLAIN"), Some(Format::Text));
        assert_eq!(Format::of_content_type("text/plain; version=\"1.0.0\""), Some(Format::Text1));
        assert_eq!(Format::of_content_type("text/html; charset=utf-8"), None);
        assert_eq!(Format::of_content_type(""), None);
        assert_eq!(Format::of_name("binary"), Some(Format::Protobuf));
    }
}
