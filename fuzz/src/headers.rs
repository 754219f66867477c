//! What holds of any headers and queries, and of those that are well formed.

use std::fmt::Write as _;

use arbitrary::{Arbitrary, Unstructured};
use tallymark::exposition::{Escaping, Format};
use tallymark::fuzzing;

/// So many names may be asked for at once.
const MOST_NAMES: usize = 128;

const ESCAPINGS: [Escaping; 4] = [Escaping::AllowUtf8, Escaping::Underscores, Escaping::Dots, Escaping::Values];

const FORMATS: [Format; 5] =
    [Format::TEXT_0_0_4, Format::TEXT_1_0_0, Format::OPENMETRICS_0_0_1, Format::OPENMETRICS_1_0_0, Format::PROTOBUF];

/// Takes the bytes for headers, one in each line, and for a query; behind a zero, for headers that are well formed.
///
/// # Panics
/// Where an answer breaks a rule.
pub fn check(bytes: &[u8]) {
    if let [0, chosen @ ..] = bytes {
        let mut chosen = Unstructured::new(chosen);
        if let Ok((accept, encodings)) = chosen.arbitrary::<(Vec<Clause>, Vec<Coding>)>() {
            check_clauses(&accept);
            check_codings(&encodings);
        }
        return;
    }
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    check_accept(bytes, &lines);
    check_accept_encoding(bytes, &lines);
    check_query(&String::from_utf8_lossy(bytes));
}

/// Whether all is closed in it that quotes or a backslash begin.
fn is_closed(line: &[u8]) -> bool {
    !line.contains(&b'"') && !line.contains(&b'\\')
}

fn check_accept(bytes: &[u8], lines: &[&[u8]]) {
    let format = Format::negotiate(lines);
    let known = |known: &Format| ESCAPINGS.into_iter().any(|escaping| known.with_escaping(escaping) == format);
    assert!(FORMATS.iter().any(known), "{format:?} is none of ours");
    if !bytes.contains(&b'/') {
        assert_eq!(format, Format::TEXT_0_0_4);
    }
    // Headers of one name are the same as one with all (RFC 9110, section 5.2).
    if lines.iter().all(|line| is_closed(line)) {
        assert_eq!(Format::negotiate([lines.join(&b","[..])]), format);
    }
    // What isn't ours changes nothing.
    let html = [&[&b"text/html"[..]], lines, &[b"image/*;q=0", b"text/plain;version=9", b"x"]].concat();
    assert_eq!(Format::negotiate(html), format);
}

fn check_accept_encoding(bytes: &[u8], lines: &[&[u8]]) {
    let coding = fuzzing::coding(lines);
    let lower = bytes.to_ascii_lowercase();
    let has = |name: &[u8]| lower.windows(name.len()).any(|window| window == name);
    match coding {
        None => {}
        Some("gzip") => assert!(has(b"gzip") || has(b"*")),
        Some("zstd") => assert!(has(b"zstd")),
        Some(other) => panic!("{other} is none of ours"),
    }
    if lines.iter().all(|line| is_closed(line)) {
        assert_eq!(fuzzing::coding(&[&lines.join(&b","[..])]), coding);
    }
}

fn check_query(query: &str) {
    let Some(names) = fuzzing::names(query) else {
        assert!(query.matches('=').count() > MOST_NAMES);
        return;
    };
    assert!(names.len() <= MOST_NAMES);
    // A byte that isn't UTF-8 reads as a character of three.
    assert!(names.iter().map(String::len).sum::<usize>() <= 3 * query.len());
    assert!(names.iter().all(|name| !name.is_empty()));
    let mut again = String::new();
    for name in &names {
        again.push_str("&name%5b%5D=");
        for byte in name.bytes() {
            // A `String` takes all.
            let _ = write!(again, "%{byte:02x}");
        }
    }
    assert_eq!(fuzzing::names(&again), Some(names));
}

/// A clause of `Accept`.
#[derive(Arbitrary, Debug)]
struct Clause {
    range: Range,
    escaping: Word<4>,
    charset: Word<1>,
    /// In thousandths; absent where it is beyond them.
    weight: u16,
    blank: bool,
    quoted: bool,
    upper: bool,
}

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    Text,
    Text0_0_4,
    Text1_0_0,
    OpenMetrics,
    OpenMetrics0_0_1,
    OpenMetrics1_0_0,
    Protobuf,
    AnyText,
    AnyApplication,
    Any,
    Html,
}

/// A parameter: absent, one of so many that are known, or another.
#[derive(Debug)]
enum Word<const COUNT: usize> {
    Absent,
    Known(usize),
    Other,
}

impl<'a, const COUNT: usize> Arbitrary<'a> for Word<COUNT> {
    fn arbitrary(chosen: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let number = usize::from(u8::arbitrary(chosen)?) % (COUNT + 3);
        Ok(match number {
            0 | 1 => Self::Absent,
            2 => Self::Other,
            known => Self::Known(known - 3),
        })
    }
}

const FULL: u16 = 1000;

impl Clause {
    fn weight(&self) -> u16 {
        if self.weight % 1100 > FULL { FULL } else { self.weight % 1100 }
    }

    fn text(&self) -> String {
        let (range, version) = match self.range {
            Range::Text => ("text/plain", None),
            Range::Text0_0_4 => ("text/plain", Some("0.0.4")),
            Range::Text1_0_0 => ("text/plain", Some("1.0.0")),
            Range::OpenMetrics => ("application/openmetrics-text", None),
            Range::OpenMetrics0_0_1 => ("application/openmetrics-text", Some("0.0.1")),
            Range::OpenMetrics1_0_0 => ("application/openmetrics-text", Some("1.0.0")),
            Range::Protobuf => ("application/vnd.google.protobuf", None),
            Range::AnyText => ("text/*", None),
            Range::AnyApplication => ("application/*", None),
            Range::Any => ("*/*", None),
            Range::Html => ("text/html", None),
        };
        let mut text = if self.upper { range.to_ascii_uppercase() } else { range.to_owned() };
        let mut push = |name: &str, value: &str| {
            text.push_str(if self.blank { " ;\t" } else { ";" });
            text.push_str(&if self.upper { name.to_ascii_uppercase() } else { name.to_owned() });
            text.push('=');
            let quoted = if self.quoted { format!("\"{value}\"") } else { value.to_owned() };
            text.push_str(&quoted);
        };
        if self.range == Range::Protobuf {
            push("proto", "io.prometheus.client.MetricFamily");
            push("encoding", "delimited");
        }
        if let Some(version) = version {
            push("version", version);
        }
        match self.escaping {
            Word::Known(known) => push("escaping", ESCAPINGS[known].as_str()),
            Word::Other => push("escaping", "none"),
            Word::Absent => {}
        }
        match self.charset {
            Word::Known(_) => push("charset", if self.upper { "UTF-8" } else { "utf-8" }),
            Word::Other => push("charset", "latin1"),
            Word::Absent => {}
        }
        if self.weight % 1100 <= FULL {
            let weight = self.weight();
            // A `String` takes all.
            let _ = write!(text, ";q={}.{:03}", weight / FULL, weight % FULL);
        }
        text
    }

    /// Whether it is for a format with an escaping: see the table of [`Format::negotiate`].
    fn fits(&self, format: Format, escaping: Escaping) -> bool {
        let refuses = self.weight() == 0;
        let types = match self.range {
            Range::Text | Range::AnyText => format == Format::TEXT_0_0_4 || format == Format::TEXT_1_0_0,
            Range::Text0_0_4 => format == Format::TEXT_0_0_4,
            Range::Text1_0_0 => format == Format::TEXT_1_0_0,
            Range::OpenMetrics => format == Format::OPENMETRICS_0_0_1 || format == Format::OPENMETRICS_1_0_0,
            Range::OpenMetrics0_0_1 => format == Format::OPENMETRICS_0_0_1,
            Range::OpenMetrics1_0_0 => format == Format::OPENMETRICS_1_0_0,
            Range::Protobuf => format == Format::PROTOBUF,
            // There are other messages of protobuf, so who asks for anything can't read them; who refuses all, can't either.
            Range::AnyApplication => {
                format == Format::OPENMETRICS_0_0_1
                    || format == Format::OPENMETRICS_1_0_0
                    || (refuses && format == Format::PROTOBUF)
            }
            Range::Any => format != Format::PROTOBUF || refuses,
            Range::Html => false,
        };
        let charset = format == Format::PROTOBUF || !matches!(self.charset, Word::Other);
        let escapes = match self.escaping {
            Word::Known(known) => ESCAPINGS[known] == escaping,
            Word::Other => !refuses,
            Word::Absent => true,
        };
        types && charset && escapes
    }

    fn specificity(&self) -> (u8, bool, bool, bool) {
        let (types, exact) = match self.range {
            Range::Any => (0, false),
            Range::AnyText | Range::AnyApplication => (1, false),
            Range::Text | Range::OpenMetrics | Range::Html => (2, false),
            _ => (2, true),
        };
        let charset = !matches!(self.charset, Word::Absent);
        (types, exact, matches!(self.escaping, Word::Known(_)), charset)
    }
}

/// What is refused is never chosen while anything is accepted, and nothing is preferred to what the reader names exactly.
fn check_clauses(clauses: &[Clause]) {
    let header = clauses.iter().map(Clause::text).collect::<Vec<_>>().join(", ");
    let chosen = Format::negotiate([&header]);
    // Each format with each escaping: how much it is wanted, and whether by just that.
    let mut wanted = Vec::new();
    for format in FORMATS {
        for escaping in ESCAPINGS {
            let fitting = clauses.iter().filter(|clause| clause.fits(format, escaping));
            let of = fitting.map(|clause| (clause.specificity(), clause.weight())).max();
            wanted.push((
                format.with_escaping(escaping),
                of.map_or(0, |of| of.1),
                of.is_some_and(|((types, exact, escaping, _), _)| types == 2 && exact && escaping),
            ));
        }
    }
    if wanted.iter().all(|(_, weight, _)| *weight == 0) {
        assert_eq!(chosen, Format::TEXT_0_0_4, "{header}");
        return;
    }
    let of_chosen = wanted.iter().filter(|(format, ..)| *format == chosen).map(|(_, weight, _)| *weight).max();
    let named = wanted.iter().filter(|(.., named)| *named).map(|(_, weight, _)| *weight).max();
    assert!(of_chosen > Some(0), "{header} refuses {chosen:?}");
    assert!(of_chosen >= named, "{header} prefers another to {chosen:?}");
}

/// An element of `Accept-Encoding`.
#[derive(Arbitrary, Debug)]
struct Coding {
    name: Name,
    weight: u16,
    upper: bool,
}

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Gzip,
    OldGzip,
    Zstd,
    Identity,
    Any,
    Brotli,
}

impl Coding {
    fn text(&self) -> String {
        let name = match self.name {
            Name::Gzip => "gzip",
            Name::OldGzip => "x-gzip",
            Name::Zstd => "zstd",
            Name::Identity => "identity",
            Name::Any => "*",
            Name::Brotli => "br",
        };
        let weight = self.weight % 1100;
        let weight = if weight > FULL { String::new() } else { format!(";q={}.{:03}", weight / FULL, weight % FULL) };
        let text = name.to_owned() + &weight;
        if self.upper { text.to_ascii_uppercase() } else { text }
    }
}

fn check_codings(codings: &[Coding]) {
    let header = codings.iter().map(Coding::text).collect::<Vec<_>>().join(",");
    let of = |names: &[Name]| {
        let named = codings.iter().filter(|coding| names.contains(&coding.name));
        named.map(|coding| (coding.weight % 1100).min(FULL)).max()
    };
    let any = of(&[Name::Any]);
    let gzip = of(&[Name::Gzip, Name::OldGzip]).or(any).unwrap_or(0);
    let zstd = of(&[Name::Zstd]).unwrap_or(0);
    let identity = of(&[Name::Identity]).or(any).unwrap_or(0);
    let most = gzip.max(zstd).max(identity);
    let expected = match most {
        0 => None,
        _ if zstd == most => Some("zstd"),
        _ if gzip == most => Some("gzip"),
        _ => None,
    };
    assert_eq!(fuzzing::coding(&[header.as_bytes()]), expected, "{header}");
}
