//! What was found, and how it is told.

use std::io::{self, Write};

use crate::print::{harmless, name_of};

#[derive(Debug)]
pub(super) struct Finding {
    line: Option<usize>,
    /// None of what is wrong with the page as a whole.
    family: Option<String>,
    rule: &'static str,
    text: String,
    /// How many more series of the family have the same.
    more: usize,
}

/// What is found, family by family.
#[derive(Debug, Default)]
pub(super) struct Findings {
    all: Vec<Finding>,
    family: String,
    line: Option<usize>,
    /// The first one of the family.
    first: usize,
}

impl Findings {
    /// What is told from here on is about this family.
    pub(super) fn begin(&mut self, family: &str, line: Option<usize>) {
        family.clone_into(&mut self.family);
        self.line = line;
        self.first = self.all.len();
    }

    /// Something about the family.
    pub(super) fn tell(&mut self, rule: &'static str, text: &str) {
        self.push(self.line, Some(self.family.clone()), rule, text);
    }

    /// Something about a series of the family. Where it was told of another one, it is counted there.
    pub(super) fn tell_in(&mut self, line: Option<usize>, rule: &'static str, text: impl FnOnce() -> String) {
        match self.all[self.first..].iter_mut().find(|finding| finding.rule == rule) {
            Some(told) => told.more += 1,
            None => self.push(line.or(self.line), Some(self.family.clone()), rule, &text()),
        }
    }

    /// Something about the page.
    pub(super) fn of_page(&mut self, rule: &'static str, text: &str) {
        self.push(None, None, rule, text);
    }

    /// Something about a line.
    pub(super) fn of_line(&mut self, line: usize, rule: &'static str, text: &str) {
        self.push(Some(line), None, rule, text);
    }

    fn push(&mut self, line: Option<usize>, family: Option<String>, rule: &'static str, text: &str) {
        self.all.push(Finding { line, family, rule, text: harmless(text).into_owned(), more: 0 });
    }

    /// By their lines.
    pub(super) fn sorted(mut self) -> Vec<Finding> {
        self.all.sort_by_key(|finding| finding.line);
        self.all
    }
}

impl Finding {
    pub(super) fn write(&self, out: &mut dyn Write, file: &str) -> io::Result<()> {
        write!(out, "{file}:")?;
        if let Some(line) = self.line {
            write!(out, "{line}:")?;
        }
        if let Some(family) = &self.family {
            write!(out, " {}:", name_of(family))?;
        }
        writeln!(out, " {}", self.text())
    }

    /// (<https://www.rfc-editor.org/rfc/rfc8259>)
    pub(super) fn write_json(&self, out: &mut dyn Write, file: &str) -> io::Result<()> {
        let line = self.line.map_or_else(|| "null".to_owned(), |line| line.to_string());
        let family = self.family.as_deref().map_or_else(|| "null".to_owned(), json);
        let (file, rule, text) = (json(file), json(self.rule), json(&self.text()));
        writeln!(out, "{{\"file\":{file},\"line\":{line},\"family\":{family},\"rule\":{rule},\"text\":{text}}}")
    }

    fn text(&self) -> String {
        match self.more {
            0 => self.text.clone(),
            1 => format!("{} (another series too)", self.text),
            more => format!("{} ({more} other series too)", self.text),
        }
    }
}

fn json(text: &str) -> String {
    let mut json = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if c.is_control() => json.extend(format!("\\u{:04x}", u32::from(c)).chars()),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_no_character_that_ends_it() {
        assert_eq!(json("a\"b\\c\n\u{7f}ä"), r#""a\"b\\c\u000a\u007fä""#);
    }

    #[test]
    fn the_same_of_many_series_is_told_once() {
        let mut findings = Findings::default();
        findings.begin("a", Some(1));
        findings.tell_in(Some(2), "x", || "has x".to_owned());
        findings.tell_in(Some(3), "x", || unreachable!("it was told"));
        findings.begin("b", Some(9));
        findings.tell_in(None, "x", || "has x".to_owned());
        let mut out = Vec::new();
        for finding in findings.sorted() {
            finding.write(&mut out, "f").unwrap();
        }
        assert_eq!(String::from_utf8(out).unwrap(), "f:2: a: has x (another series too)\nf:9: b: has x\n");
    }
}
