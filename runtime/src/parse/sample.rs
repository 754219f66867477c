//! The parts of a sample's line.

mod labels;

use std::borrow::Cow;

use self::labels::{read_labels, take_over};
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
        if self.escapes > 0 {
            *self.of(line) == *text
        } else {
            line.as_bytes().get(self.start..self.end) == Some(text.as_bytes())
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    pub(super) name: Part,
    pub(super) value: Part,
}

/// A sample's line. There is one for all lines: its labels need room but once, and a line mostly begins as the one before.
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
    pub(super) same: Same,
    /// The last line up to behind its labels, to which the parts belong until there are new ones.
    before: Vec<u8>,
    /// Where its brace stands; 0 if it has none, or if the name stands within.
    brace: usize,
}

/// What a line has in common with the one before, so that it need not be looked at again. All of it may be said to differ
/// though it doesn't.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Same {
    pub(super) name: bool,
    /// Whether all labels are called the same, in the same order.
    pub(super) label_names: bool,
    /// How many labels there are, from the first, whose names and values are the same.
    pub(super) labels: usize,
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
        let mut before = std::mem::take(&mut self.before);
        let brace_before = std::mem::take(&mut self.brace);
        self.same = Same { name: self.has_name_of(&before, &bytes[start..]), label_names: false, labels: 0 };
        let end =
            if self.same.name { start + self.name.end - self.name.start } else { scan::metric_name(bytes, start) };
        self.name = Part { start, end, escapes: 0 };
        self.quoted = false;
        let mut at = if STRICT { end } else { blanks(line, end) };
        if bytes.get(at) == Some(&b'{') {
            if start < end {
                self.brace = at;
                let behind = if brace_before > 0 {
                    take_over(&before, brace_before, bytes, at, &mut self.labels, &mut self.same)
                } else {
                    at + 1
                };
                at = read_labels::<STRICT>(line, behind, &mut self.labels, &before, &mut self.same, None)?;
            } else {
                let mut name = None;
                at = read_labels::<STRICT>(line, at + 1, &mut self.labels, &before, &mut self.same, Some(&mut name))?;
                let Some(inside) = name else {
                    return fault(
                        start,
                        "the sample has no name; write `name{…}`, or `{\"name\",…}` if it has characters beside letters, \
                         digits, `_` and `:`",
                    );
                };
                (self.name, self.quoted) = (inside, true);
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
        } else {
            self.same.label_names = self.labels.is_empty();
            self.labels.clear();
        }
        before.clear();
        before.extend_from_slice(&bytes[..at]);
        self.before = before;
        Ok(at)
    }

    /// Whether a line begins with the name that the line before has.
    #[inline]
    fn has_name_of(&self, before: &[u8], line: &[u8]) -> bool {
        let Some(name) = before.get(self.name.start..self.name.end) else { return false };
        !self.quoted && !name.is_empty() && line.starts_with(name) && matches!(line.get(name.len()), Some(b'{' | b' '))
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
        let same = &mut Same::default();
        let at = read_labels::<true>(line, start, &mut self.exemplar_labels, b"", same, None)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What a line reads, or what is wrong with it.
    fn read<const STRICT: bool>(sample: &mut Sample, line: &str) -> Result<String, String> {
        let read = if STRICT { sample.read_strictly(line) } else { sample.read_widely(line) };
        read.map_err(|fault| format!("{fault:?}"))?;
        let Sample { name, quoted, labels, value, timestamp, exemplar, .. } = sample;
        let labels: Vec<_> = labels.iter().map(|label| (label.name.of(line), label.value.of(line))).collect();
        let value = value.raw(line);
        let timestamp = timestamp.map(|at| at.raw(line));
        Ok(format!("{:?} {quoted} {labels:?} {value} {timestamp:?} {exemplar:?}", name.of(line)))
    }

    fn follow<const STRICT: bool>(lines: &[&str]) {
        for one in lines {
            for other in lines {
                let mut sample = Sample::default();
                let before = read::<STRICT>(&mut sample, one);
                let labels: Vec<_> = sample
                    .labels
                    .iter()
                    .filter(|_| before.is_ok())
                    .map(|label| (label.name.of(one).into_owned(), label.value.of(one).into_owned()))
                    .collect();
                let name = sample.name.of(one).into_owned();
                let now = read::<STRICT>(&mut sample, other);
                assert_eq!(now, read::<STRICT>(&mut Sample::default(), other), "{other} behind {one}");
                if before.is_err() || now.is_err() {
                    continue;
                }
                let Same { name: same_name, label_names, labels: same } = sample.same;
                assert!(!same_name || sample.name.is(other, &name), "{other} behind {one}");
                assert!(!label_names || labels.len() == sample.labels.len(), "{other} behind {one}");
                for (index, (label, (name, value))) in sample.labels.iter().zip(&labels).enumerate() {
                    assert!(!label_names || label.name.is(other, name), "{other} behind {one}");
                    assert!(index >= same || label.name.is(other, name), "{other} behind {one}");
                    assert!(index >= same || label.value.is(other, value), "{other} behind {one}");
                }
                assert!(same <= labels.len().min(sample.labels.len()), "{other} behind {one}");
            }
        }
    }

    const LINES: [&str; 38] = [
        "a 1",
        "a_b 1",
        "a{} 1",
        "a{x=\"1\"} 1",
        "a{x=\"1\"} 23 4",
        "a{x=\"1\"} 2 # {x=\"1\",y=\"2\"} 3",
        "a{x=\"12\"} 1",
        "a{x=\"1\\\"2\"} 1",
        "a{x=\"1\\\\\"} 1",
        "a{x=\"\"} 1",
        "a{y=\"1\"} 1",
        "a{xy=\"1\"} 1",
        "a{\"x\"=\"1\"} 1",
        "a{\"x=\"=\"1\"} 1",
        "a{\"x\\n\"=\"1\"} 1",
        "a{x=\"1\",y=\"2\"} 1",
        "a{x=\"1\",y=\"3\"} 1",
        "a{x=\"1\",y=\"2\",z=\"3\"} 1",
        "a{x=\"1\",le=\"2\"} 1",
        "a{y=\"2\",x=\"1\"} 1",
        "a{x=\"1\",y=\"2\"",
        "a{x=\"1\",y=\"2",
        "a{x=\"1\",}",
        "a{x=\"1\",} 1",
        "a{x=\"1\"x=\"1\"} 1",
        "a{x=\"1\",x=\"1\"} 1",
        "a{x=\"1\",\"a\"} 1",
        "a{x=1} 1",
        "a{x} 1",
        "a_bucket{x=\"1\",y=\"2\",le=\"0.5\"} 1",
        "a_bucket{x=\"1\",y=\"2\",le=\"+Inf\"} 1",
        "a_sum{x=\"1\",y=\"2\"} 1.5",
        "{\"a\",x=\"1\"} 1",
        "{\"a\"} 1",
        "{\"a{\",x=\"1\",y=\"2\"} 1",
        "{x=\"1\",y=\"2\"} 1",
        "{x=\"1\",\"a\",y=\"2\"} 1",
        "a\"x\" 1",
    ];

    #[test]
    fn a_line_reads_the_same_behind_every_other() {
        follow::<true>(&LINES);
        let wide = [
            " a 1",
            "a\t1",
            "a {x=\"1\"} 1",
            "  a{ x=\"1\" , y = \"2\" , } 1 ",
            "a{x=\"1\" , y=\"2\"}1",
            "a{x=\"1\" y=\"2\"} 1",
            "a{ x=\"1\", y=\"2\"} 1",
            "a{,} 1",
            "{ \"a\" , x=\"1\"} 1",
            " {x=\"1\"} 1",
        ];
        follow::<false>(&[&LINES[..], &wide[..]].concat());
    }

    #[test]
    fn what_lines_have_in_common_is_found() {
        let mut sample = Sample::default();
        for (line, name, label_names, labels) in [
            ("a_bucket{x=\"1\",y=\"2\",le=\"0.5\"} 1", false, false, 0),
            ("a_bucket{x=\"1\",y=\"2\",le=\"+Inf\"} 1", true, true, 2),
            ("a_sum{x=\"1\",y=\"2\"} 1", false, false, 2),
            ("a_sum{x=\"123456789\",y=\"2\"} 1", true, true, 0),
            ("a_sum{x=\"123456789\",y=\"2\"} 1", true, true, 2),
            ("a_sum 1", true, false, 0),
            ("a_sum 1", true, true, 0),
        ] {
            sample.read_strictly(line).unwrap();
            let Same { name: same_name, label_names: same_names, labels: same } = sample.same;
            assert_eq!((same_name, same_names, same), (name, label_names, labels), "{line}");
        }
    }
}
