//! What people see: texts of strangers made harmless, and colours where there is a terminal.

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal as _, StdoutLock, Write as _};

/// The standard output. Who writes to it flushes it.
pub(crate) fn output() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(64 * 1024, io::stdout().lock())
}

/// Says something beside the output. Where nobody can be told, there is nobody to tell.
pub(crate) fn warn(text: &str) {
    let _ = writeln!(io::stderr().lock(), "tallymark: {text}");
}

/// A text of somebody else's, in which no character does anything to a terminal.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\'' | '\\' => shown.push(c),
            c => shown.extend(c.escape_debug()),
        }
    }
    Cow::Owned(shown)
}

/// A text in quotes, as pages have label values.
pub(crate) fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{}\"", harmless(&escaped))
}

/// Labels as they stand on a page.
pub(crate) fn labels<'a>(labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, value) in labels {
        text.push_str(if text.is_empty() { "{" } else { "," });
        text.push_str(&name_of(name));
        text.push('=');
        text.push_str(&quoted(value));
    }
    if !text.is_empty() {
        text.push('}');
    }
    text
}

/// A name as it stands on a page, in quotes where it needs them.
pub(crate) fn name_of(name: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    if !name.is_empty() && name.chars().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit()) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(quoted(name))
    }
}

/// `1 series`, `2 series`; `1 family`, `2 families`.
pub(crate) fn count(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Whether texts are to stand out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    on: bool,
}

impl Style {
    /// On a terminal, unless `NO_COLOR` says otherwise (<https://no-color.org>).
    pub(crate) fn of_output() -> Self {
        let asked = std::env::var_os("NO_COLOR").is_none_or(|text| text.is_empty());
        Self { on: asked && io::stdout().is_terminal() }
    }

    pub(crate) fn strong(self, text: &str) -> Cow<'_, str> {
        if self.on { Cow::Owned(format!("\x1b[1m{text}\x1b[0m")) } else { Cow::Borrowed(text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_move_a_cursor_is_written_out() {
        assert_eq!(harmless("plain \"text\""), "plain \"text\"");
        assert_eq!(harmless("größe"), "größe");
        assert_eq!(harmless("\x1b[2J\r\u{202e}\u{9b}"), "\\u{1b}[2J\\r\\u{202e}\\u{9b}");
    }

    #[test]
    fn labels_read_as_on_a_page() {
        assert_eq!(labels([("a", "x\n\"\\"), ("b.c", "")]), r#"{a="x\n\"\\","b.c"=""}"#);
        assert_eq!(labels([]), "");
        assert_eq!(name_of("9a"), "\"9a\"");
        assert_eq!(name_of(""), "\"\"");
    }

    #[test]
    fn nothing_is_coloured_unless_there_is_a_terminal() {
        assert_eq!(Style { on: false }.strong("x"), "x");
        assert_eq!(Style { on: true }.strong("x"), "\x1b[1mx\x1b[0m");
    }
}
