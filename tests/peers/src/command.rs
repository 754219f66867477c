//! The command `tallymark check` beside promtool: what promtool finds it finds too, and what promtool can't read isn't
//! right for it.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tallymark::testing::Rule;

use crate::checks::{Checks, Result};
use crate::conventions;
use crate::process::built;
use crate::promtool;

/// So many pages are made up; each takes promtool some 30 ms.
const PAGES: u64 = 400;

pub(crate) fn check(checks: &mut Checks) {
    let command = checks.prepare("`tallymark` is built", || built("tallymark-cli", &["--bin", "tallymark"]));
    let Some(command) = command else { return };
    checks.run("`tallymark check` finds on made-up pages what promtool finds", || compare(&command));
}

/// What is said of a page.
struct Verdict {
    code: Option<i32>,
    /// Names of metrics, and rules that they break.
    found: BTreeSet<(String, String)>,
}

fn compare(command: &Path) -> Result<String> {
    let (mut right, mut odd, mut unreadable, mut more) = (0, 0, 0, 0);
    for seed in 1..=PAGES {
        let page = Made { state: seed }.page();
        let (theirs, ours) = (of_promtool(&page)?, of_command(command, &page)?);
        let same = match theirs.code {
            Some(0) => matches!(ours.code, Some(0 | 3)),
            Some(3) => ours.code == Some(3) && theirs.found.is_subset(&ours.found),
            _ => matches!(ours.code, Some(1 | 3)),
        };
        if !same {
            let lacking: Vec<_> = theirs.found.difference(&ours.found).collect();
            return Err(
                format!("promtool {:?}, ours {:?}, lacking {lacking:?}:\n{page}", theirs.code, ours.code).into()
            );
        }
        match theirs.code {
            Some(0) => right += 1,
            Some(3) => odd += 1,
            _ => unreadable += 1,
        }
        more += usize::from(ours.found.len() > theirs.found.len() && theirs.code != Some(1));
    }
    if right == 0 || odd == 0 || unreadable == 0 {
        return Err(format!("the pages are all of a kind: {right} right, {odd} odd, {unreadable} unreadable").into());
    }
    Ok(format!("{right} right for promtool, {odd} odd, {unreadable} unreadable; more is found on {more}"))
}

fn of_promtool(page: &str) -> Result<Verdict> {
    let (status, said) = promtool::said_of(page)?;
    let mut found = BTreeSet::new();
    if status.code() == Some(3) {
        for line in said.lines() {
            let (name, text) = line.split_once(' ').ok_or_else(|| format!("promtool says `{line}`"))?;
            let rule =
                conventions::rule(text).ok_or_else(|| format!("promtool says `{line}`, which is no rule of ours"))?;
            found.insert((name.to_owned(), slug(rule).to_owned()));
        }
    }
    Ok(Verdict { code: status.code(), found })
}

fn of_command(command: &Path, page: &str) -> Result<Verdict> {
    let mut command = Command::new(command);
    command.args(["check", "--json", "--format", "text", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().ok_or("it has no input")?;
    stdin.write_all(page.as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    let mut found = BTreeSet::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        let finding: Value = serde_json::from_str(line)?;
        let text = |field: &str| finding[field].as_str().unwrap_or_default().to_owned();
        found.insert((text("family"), text("rule")));
    }
    Ok(Verdict { code: output.status.code(), found })
}

/// What the command calls a rule.
fn slug(rule: Rule) -> &'static str {
    match rule {
        Rule::Help => "help",
        Rule::BaseUnit => "base-unit",
        Rule::Total => "total",
        Rule::ReservedSuffix => "reserved-suffix",
        Rule::ReservedLabel => "reserved-label",
        Rule::TypeInName => "type-in-name",
        Rule::Colon => "colon",
        Rule::SnakeCase => "snake-case",
        Rule::AbbreviatedUnit => "abbreviated-unit",
        _ => "",
    }
}

/// Makes up pages that are mostly nearly right.
struct Made {
    state: u64,
}

const KINDS: [&str; 5] = ["counter", "gauge", "histogram", "summary", "untyped"];
const WORDS: [&str; 8] = ["jobs", "latency", "queueDepth", "count", "Depth", "gauge", "ms", "x"];
/// Of two units in one name promtool reports either.
const UNITS: [&str; 6] = ["bytes", "minutes", "kilobytes", "seconds", "all", "of:them"];
const VALUES: [&str; 12] =
    ["0", "1", "2", "3.5", "-1", "NaN", "+Inf", "1e3", "0x1p-2", "1_000", "abc", "18446744073709551616"];
const LABELS: [&str; 8] = [
    "{a=\"b\"}",
    "{a=\"b\",}",
    "{ a = \"b\" , c=\"\\n\" }",
    "{le=\"1\"}",
    "{quantile=\"0.5\"}",
    "{statusCode=\"1\"}",
    "{a=\"b\",a=\"c\"}",
    "{a=\"b}",
];

impl Made {
    /// A number below this one (xorshift64*).
    fn below(&mut self, end: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let number = self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap_or_default() % end
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    /// Mostly what is right.
    fn rarely<'a>(&mut self, right: &'a str, others: &[&'a str]) -> &'a str {
        if self.below(12) == 0 { self.one_of(others) } else { right }
    }

    fn page(&mut self) -> String {
        // The first numbers of small seeds are small.
        for _ in 0..8 {
            self.below(2);
        }
        let mut lines: Vec<String> = Vec::new();
        for at in 0..=self.below(3) {
            self.family(at, &mut lines);
        }
        // Something happens to half of them.
        let (one, other) = (self.below(lines.len()), self.below(lines.len()));
        match self.below(10) {
            0 => drop(lines.remove(one)),
            1 => lines.swap(one, other),
            2 => lines.insert(one, lines[other].clone()),
            3 => lines[one] = lines[one].replacen(' ', "\t", 1),
            4 => lines.insert(one, self.one_of(&["", "# a comment", "#", "   ", "# EOF", "{", "a"]).to_owned()),
            _ => {}
        }
        let end = self.rarely("\n", &["", "\r\n", "\n\n"]);
        lines.join("\n") + end
    }

    fn family(&mut self, at: usize, lines: &mut Vec<String>) {
        let kind = self.one_of(&KINDS);
        let total = if kind == "counter" { self.rarely("_total", &["", "_count"]) } else { "" };
        let (word, unit) = (self.one_of(&WORDS), self.one_of(&UNITS));
        let (first, last) = if self.below(2) == 0 { (word, unit) } else { (unit, word) };
        let name = format!("f{at}_{first}_{last}{total}");
        if self.below(12) > 0 {
            lines.push(format!("# HELP {name} Help."));
        }
        if self.below(12) > 0 {
            let word = self.rarely(kind, &["stateset", "Counter", ""]);
            lines.push(format!("# TYPE {name} {word}"));
        }
        match kind {
            "histogram" => {
                for (bound, count) in [("0.5", "1"), ("1", "2"), ("+Inf", "4")] {
                    let (bound, count) = (self.rarely(bound, &["0.5", "x", "1.0"]), self.rarely(count, &VALUES));
                    lines.push(format!("{name}_bucket{{le=\"{bound}\"}} {count}"));
                }
                lines.push(format!("{name}_sum {}", self.rarely("3.5", &VALUES)));
                lines.push(format!("{name}_count {}", self.rarely("4", &VALUES)));
            }
            "summary" => {
                let quantile = self.rarely("0.5", &["1.5", "x", "-1"]);
                lines.push(format!("{name}{{quantile=\"{quantile}\"}} {}", self.rarely("2", &VALUES)));
                lines.push(format!("{name}_sum {}", self.rarely("3.5", &VALUES)));
                lines.push(format!("{name}_count {}", self.rarely("4", &VALUES)));
            }
            _ => {
                for right in ["", "{a=\"x\"}"] {
                    let (labels, value) = (self.rarely(right, &LABELS), self.rarely("5", &VALUES));
                    let time = self.rarely("", &[" 1520879607789", " soon"]);
                    lines.push(format!("{name}{labels} {value}{time}"));
                }
            }
        }
    }
}
