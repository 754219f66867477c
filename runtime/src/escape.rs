//! Labels in the text formats: what is escaped, and how.

use std::borrow::Cow;

use crate::name::is_plain_label;

/// Renders labels behind others, as every text format has them: `a="x",b="y"`.
pub(crate) fn push_labels<'a>(text: &mut String, labels: impl Iterator<Item = (&'a str, &'a str)>) {
    for (name, value) in labels {
        push_label(text, name, value);
    }
}

/// Stands for the length of a value which is as long as that, or in which something is escaped.
pub(crate) const NO_LENGTH: u8 = 64;

pub(crate) fn push_label(text: &mut String, name: &str, value: &str) {
    if !text.is_empty() {
        text.push(',');
    }
    if is_plain_label(name) {
        text.push_str(name);
    } else {
        push_quoted(text, name);
    }
    text.push('=');
    push_quoted(text, value);
}

/// Renders a text in quotes, as a label's value or a name that isn't plain.
pub(crate) fn push_quoted(text: &mut String, value: &str) {
    text.push('"');
    text.extend(escaped(value, true));
    text.push('"');
}

/// The names and values in rendered labels.
pub(crate) fn read_labels(labels: &str) -> Vec<(Cow<'_, str>, String)> {
    let mut read = Vec::new();
    let mut rest = labels;
    while !rest.is_empty() {
        rest = rest.strip_prefix(',').unwrap_or(rest);
        let (name, after) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (name, after) = unescaped(quoted);
                (Cow::Owned(name), after.strip_prefix('=').unwrap_or(after))
            }
            // No name without quotes has a `=`.
            None => match rest.split_once('=') {
                Some((name, after)) => (Cow::Borrowed(name), after),
                None => break,
            },
        };
        let (value, after) = unescaped(after.strip_prefix('"').unwrap_or(after));
        read.push((name, value));
        rest = after;
    }
    read
}

/// The pieces of an escaped text. In help texts `\` and line feeds are escaped, in label values `"` too.
///
/// <https://prometheus.io/docs/instrumenting/exposition_formats/#comments-help-text-and-type-information>
pub(crate) fn escaped(text: &str, quotes: bool) -> impl Iterator<Item = &str> {
    let special = move |byte: &u8| matches!(byte, b'\\' | b'\n') || (quotes && *byte == b'"');
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let at = rest.as_bytes().iter().position(special).unwrap_or(rest.len());
        if at > 0 {
            let (plain, after) = rest.split_at(at);
            rest = after;
            return Some(plain);
        }
        let (first, after) = rest.split_at(1);
        rest = after;
        Some(match first {
            "\n" => "\\n",
            "\"" => "\\\"",
            _ => "\\\\",
        })
    })
}

/// What an escaped text that ends in a quote reads, and what follows the quote.
pub(crate) fn unescaped(quoted: &str) -> (String, &str) {
    let mut text = String::new();
    let mut rest = quoted;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\')) {
        text.push_str(&rest[..at]);
        let escape = rest.as_bytes()[at] == b'\\';
        rest = &rest[at + 1..];
        let Some(next) = rest.chars().next().filter(|_| escape) else { return (text, rest) };
        text.push(if next == 'n' { '\n' } else { next });
        rest = &rest[next.len_utf8()..];
    }
    text.push_str(rest);
    (text, "")
}
