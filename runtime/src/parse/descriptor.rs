//! Lines that begin with `#`: what they say of a family.

use std::borrow::Cow;

use super::error::{Fault, fault};
use super::label::shown;
use super::sample::{Part, blanks, quoted};
use super::scan;

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Help,
    Type,
    Unit,
}

impl Word {
    #[inline]
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Help => "HELP",
            Self::Type => "TYPE",
            Self::Unit => "UNIT",
        }
    }
}

/// A line about a family.
#[derive(Debug)]
pub(super) struct Descriptor<'a> {
    pub(super) word: Word,
    pub(super) name: Cow<'a, str>,
    pub(super) quoted: bool,
    /// Where the text begins.
    pub(super) at: usize,
    pub(super) text: &'a str,
}

/// Reads a line of `OpenMetrics` ("ABNF", `metric-descriptor`), in which each blank has its place.
#[inline]
pub(super) fn read_strictly(line: &str) -> Result<Descriptor<'_>, Fault> {
    const LINES: &str = "`# TYPE`, `# UNIT`, `# HELP` and, as the last line, `# EOF`";
    let word = match line.get(..7) {
        Some("# HELP ") => Word::Help,
        Some("# TYPE ") => Word::Type,
        Some("# UNIT ") => Word::Unit,
        _ => {
            return fault(
                0,
                format!("`OpenMetrics` has no comments; lines that begin with `#` are {LINES}, in one blank each"),
            );
        }
    };
    let (name, quoted, at) = read_name(line, 7, word)?;
    if line.as_bytes().get(at) != Some(&b' ') {
        return fault(at, format!("behind the name there is to be one blank, and the text of `{}`", word.as_str()));
    }
    Ok(Descriptor { word, name, quoted, at: at + 1, text: &line[at + 1..] })
}

/// Reads a line of the text format, if it says something: all others are comments.
#[inline]
pub(super) fn read_widely(line: &str) -> Result<Option<Descriptor<'_>>, Fault> {
    let hash = blanks(line, 0);
    let start = blanks(line, hash + 1);
    let end = start + line[start..].find([' ', '\t', '\r']).unwrap_or(line.len() - start);
    let word = match &line[start..end] {
        "HELP" => Word::Help,
        "TYPE" => Word::Type,
        _ => return Ok(None),
    };
    let at = blanks(line, end);
    if line[at..].trim_end_matches('\r').is_empty() {
        return Ok(None);
    }
    // So encoders write it. Blanks that are left then belong to the text.
    let exact = (hash, start, at) == (0, 2, 7);
    let (name, quoted, at) = read_name(line, at, word)?;
    let at = match line.as_bytes().get(at) {
        Some(b' ' | b'\t') if exact && word == Word::Help => at + 1,
        Some(b' ' | b'\t') => blanks(line, at),
        Some(b'\r') | None => at,
        Some(_) => return fault(at, no_name(&line[at..], word)),
    };
    let text = &line[at..];
    let text = if word == Word::Type { text.trim_end_matches([' ', '\t', '\r']) } else { text };
    Ok(Some(Descriptor { word, name, quoted, at, text }))
}

/// The name that stands here, whether in quotes, and where it ends.
#[inline]
fn read_name(line: &str, start: usize, word: Word) -> Result<(Cow<'_, str>, bool, usize), Fault> {
    let bytes = line.as_bytes();
    let (part, quotes, end) = if bytes.get(start) == Some(&b'"') {
        let (part, end) = quoted(line, start + 1)?;
        (part, true, end)
    } else {
        let end = scan::metric_name(bytes, start);
        (Part { start, end, escapes: 0 }, false, end)
    };
    if part.start == part.end {
        return fault(start, no_name(&line[start..], word));
    }
    Ok((part.of(line), quotes, end))
}

#[cold]
#[inline]
fn no_name(rest: &str, word: Word) -> String {
    format!(
        "behind `# {} ` there is to be a metric's name, of letters, digits, `_` and `:` or in quotes, not `{}`",
        word.as_str(),
        shown(rest)
    )
}
