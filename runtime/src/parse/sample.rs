//! The parts of a sample's line.

use std::borrow::Cow;

use super::error::{Fault, fault};
use super::label::{shown, unescaped};
use super::scan;

/// A part of a line; of a quoted one, what stands between the quotes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part {
    pub(super) start: usize,
    pub(super) end: usize,
    /// How many backslashes it has that begin an escape. (A `bool` would leave room behind it, which is slow to copy.)
    pub(super) escapes: usize,
}

impl Part {
    /// As it is written.
    #[inline]
    pub(super) fn raw(self, line: &str) -> &str {
        line.get(self.start..self.end).unwrap_or_default()
    }

    /// As it reads.
    #[inline]
    pub(super) fn of(self, line: &str) -> Cow<'_, str> {
        let raw = self.raw(line);
        if self.escapes > 0 { Cow::Owned(unescaped(raw, true)) } else { Cow::Borrowed(raw) }
    }

    /// Whether it reads like this.
    #[inline]
    pub(super) fn is(self, line: &str, text: &str) -> bool {
        if self.escapes > 0 { *self.of(line) == *text } else { self.raw(line).as_bytes() == text.as_bytes() }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    pub(super) name: Part,
    pub(super) value: Part,
}

/// A sample's line. There is one for all lines, so that its labels need room but once.
#[derive(Debug, Default)]
pub(super) struct Sample {
    pub(super) name: Part,
    /// Whether the name stands in quotes.
    pub(super) quoted: bool,
    pub(super) labels: Vec<Label>,
    pub(super) value: Part,
    pub(super) timestamp: Option<Part>,
    pub(super) exemplar: Option<ExemplarParts>,
    pub(super) exemplar_labels: Vec<Label>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct ExemplarParts {
    pub(super) start: usize,
    pub(super) value: Part,
    pub(super) timestamp: Option<Part>,
}

impl Sample {
    /// Reads a line of `OpenMetrics` ("ABNF", `sample`), in which each blank has its place.
    #[inline]
    pub(super) fn read_strictly(&mut self, line: &str) -> Result<(), Fault> {
        let mut at = self.read_name_and_labels::<true>(line)?;
        if line.as_bytes().get(at) != Some(&b' ') {
            return fault(at, "behind the name and the labels there is to be one blank, and the value");
        }
        (self.value, at) = word(line, at + 1, "value")?;
        self.timestamp = None;
        self.exemplar = None;
        let bytes = line.as_bytes();
        if bytes.get(at) == Some(&b' ') && bytes.get(at + 1) != Some(&b'#') {
            let (timestamp, behind) = word(line, at + 1, "timestamp")?;
            self.timestamp = Some(timestamp);
            at = behind;
        }
        if at < bytes.len() {
            at = self.read_exemplar(line, at)?;
        }
        if at < bytes.len() {
            return fault(at, format!("behind the sample there is `{}`, which has no place there", shown(&line[at..])));
        }
        Ok(())
    }

    /// Reads a line of the text format, in which blanks and tabs may stand between all parts.
    #[inline]
    pub(super) fn read_widely(&mut self, line: &str) -> Result<(), Fault> {
        // Lines may end as in the files of some systems.
        let line = line.trim_end_matches([' ', '\t', '\r']);
        let at = self.read_name_and_labels::<false>(line)?;
        let (value, at) = word(line, blanks(line, at), "value")?;
        self.value = value;
        self.timestamp = None;
        self.exemplar = None;
        let at = blanks(line, at);
        if at == line.len() {
            return Ok(());
        }
        let (timestamp, at) = word(line, at, "timestamp")?;
        self.timestamp = Some(timestamp);
        let at = blanks(line, at);
        if at < line.len() {
            return fault(
                at,
                format!("behind the timestamp there is `{}`, which has no place there", shown(&line[at..])),
            );
        }
        Ok(())
    }

    #[inline]
    fn read_name_and_labels<const STRICT: bool>(&mut self, line: &str) -> Result<usize, Fault> {
        let bytes = line.as_bytes();
        let start = if STRICT { 0 } else { blanks(line, 0) };
        let end = scan::metric_name(bytes, start);
        self.labels.clear();
        self.name = Part { start, end, escapes: 0 };
        self.quoted = false;
        let mut at = if STRICT { end } else { blanks(line, end) };
        let braces = bytes.get(at) == Some(&b'{');
        if braces {
            let mut name = (start == end).then_some(None);
            at = read_labels::<STRICT>(line, at + 1, &mut self.labels, name.as_mut())?;
            match name {
                None => {}
                Some(Some(inside)) => (self.name, self.quoted) = (inside, true),
                Some(None) => {
                    return fault(
                        start,
                        "the sample has no name; write `name{…}`, or `{\"name\",…}` if it has characters beside letters, \
                         digits, `_` and `:`",
                    );
                }
            }
        } else if start == end {
            return fault(start, no_name(&line[start..]));
        } else if at == end && at < bytes.len() && bytes.get(at) != Some(&b' ') {
            let rest = &line[at..];
            return fault(
                at,
                format!(
                    "a name has letters, digits, `_` and `:` alone, not `{}`; write others in quotes, as in `{{\"my.name\"}}`",
                    shown(rest.split([' ', '{']).next().unwrap_or(rest))
                ),
            );
        }
        Ok(at)
    }

    #[inline]
    fn read_exemplar(&mut self, line: &str, at: usize) -> Result<usize, Fault> {
        let Some(labels) = line[at..].strip_prefix(" # {") else {
            return fault(
                at,
                format!(
                    "behind the value there may be a timestamp and an exemplar like ` # {{trace_id=\"7f\"}} 0.5`, not `{}`",
                    shown(&line[at..])
                ),
            );
        };
        let start = line.len() - labels.len();
        self.exemplar_labels.clear();
        let at = read_labels::<true>(line, start, &mut self.exemplar_labels, None)?;
        if line.as_bytes().get(at) != Some(&b' ') {
            return fault(at, "behind an exemplar's labels there is to be one blank, and its value");
        }
        let (value, mut at) = word(line, at + 1, "exemplar's value")?;
        let mut timestamp = None;
        if line.as_bytes().get(at) == Some(&b' ') {
            let (part, behind) = word(line, at + 1, "exemplar's timestamp")?;
            timestamp = Some(part);
            at = behind;
        }
        self.exemplar = Some(ExemplarParts { start, value, timestamp });
        Ok(at)
    }
}

#[cold]
#[inline]
fn no_name(rest: &str) -> String {
    match rest.chars().next() {
        None => "the line is blank; `OpenMetrics` has no blank lines".to_owned(),
        Some(' ' | '\t') => "the line begins with a blank; begin it with the name".to_owned(),
        Some('\u{feff}') => "the page begins with a byte order mark; leave that out".to_owned(),
        Some(_) => format!(
            "a name begins with a letter, `_` or `:`, not as in `{}`; write others in quotes, as in `{{\"my.name\"}}`",
            shown(rest)
        ),
    }
}

/// Behind the blanks and tabs that stand here.
#[inline]
pub(super) fn blanks(line: &str, from: usize) -> usize {
    let mut at = from;
    while matches!(line.as_bytes().get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    at
}

/// What stands up to the next blank, and where that is.
#[inline]
fn word(line: &str, start: usize, what: &str) -> Result<(Part, usize), Fault> {
    let mut end = start;
    while let Some(byte) = line.as_bytes().get(end)
        && !matches!(byte, b' ' | b'\t')
    {
        end += 1;
    }
    if start == end {
        return fault(start, format!("the {what} is missing"));
    }
    Ok((Part { start, end, escapes: 0 }, end))
}

/// A text in quotes from behind the first one, and where the line goes on behind the last one.
#[inline]
pub(super) fn quoted(line: &str, start: usize) -> Result<(Part, usize), Fault> {
    let bytes = line.as_bytes();
    let (mut at, mut escapes) = (start, 0);
    while let Some(end) = scan::quote_or_backslash(bytes, at) {
        if bytes[end] == b'"' {
            return Ok((Part { start, end, escapes }, end + 1));
        }
        escapes += 1;
        at = end + 2;
    }
    fault(start, "the quotes that are opened here aren't closed in this line; a line feed in them is written `\\n`")
}

/// Reads labels from behind the brace, up to behind the closing one. Where `name` is given, the metric's name is to be
/// among them.
#[inline]
fn read_labels<const STRICT: bool>(
    line: &str,
    start: usize,
    labels: &mut Vec<Label>,
    mut name: Option<&mut Option<Part>>,
) -> Result<usize, Fault> {
    let bytes = line.as_bytes();
    let skip = |at: usize| if STRICT { at } else { blanks(line, at) };
    let mut at = skip(start);
    if !STRICT && bytes.get(at) == Some(&b',') && bytes.get(skip(at + 1)) == Some(&b'}') {
        // Python's client reads a comma without labels.
        at = skip(at + 1);
    }
    if bytes.get(at) == Some(&b'}') {
        return Ok(at + 1);
    }
    loop {
        let item;
        (item, at) = if bytes.get(at) == Some(&b'"') {
            quoted(line, at + 1)?
        } else {
            let end = scan::label_name(bytes, at);
            (Part { start: at, end, escapes: 0 }, end)
        };
        let opened = item.end < at;
        at = skip(at);
        match bytes.get(at) {
            Some(b'=') if item.start < item.end => {
                at = skip(at + 1);
                if bytes.get(at) != Some(&b'"') {
                    return fault(at, format!("the value of the label `{}` is to stand in \"\"", item.of(line)));
                }
                let value;
                (value, at) = quoted(line, at + 1)?;
                labels.push(Label { name: item, value });
            }
            Some(b',' | b'}') if opened && item.start < item.end => match &mut name {
                Some(name @ None) => **name = Some(item),
                _ => {
                    return fault(
                        item.start,
                        format!(
                            "`{}` would be the metric's name, but there is one already; a label has a value, as in `\"a\"=\"b\"`",
                            shown(&item.of(line))
                        ),
                    );
                }
            },
            _ if opened && item.start == item.end => return fault(item.start, "a name in quotes is not to be empty"),
            _ => return fault(at, no_label(line, at, item)),
        }
        let behind = at;
        at = skip(at);
        match bytes.get(at) {
            Some(b'}') => return Ok(at + 1),
            Some(b',') => {
                at = skip(at + 1);
                if !STRICT && bytes.get(at) == Some(&b'}') {
                    return Ok(at + 1);
                }
            }
            // Prometheus reads labels with blanks alone between them.
            Some(_) if !STRICT && behind < at => {}
            _ => return fault(at, "behind a label there is to be `,` and another, or `}`"),
        }
    }
}

#[cold]
#[inline]
fn no_label(line: &str, at: usize, item: Part) -> String {
    let rest = shown(&line[at..]);
    if item.start == item.end {
        match line.as_bytes().get(at) {
            None => "the labels aren't closed; write `}` behind the last one".to_owned(),
            Some(b'}') => "a comma is to be followed by another label".to_owned(),
            Some(b' ' | b'\t') => "`OpenMetrics` has no blanks among labels".to_owned(),
            Some(_) => format!(
                "a label's name begins with a letter or `_`, not as in `{rest}`; write others in quotes, as in `\"my.label\"=\"x\"`"
            ),
        }
    } else {
        format!("behind the label's name `{}` there is to be `=\"` and its value, not `{rest}`", item.of(line))
    }
}
