//! What is printed and written.

use std::fmt::Write;

use serde_json::json;

use crate::harness::Figure;
use crate::machine;
use crate::workloads::{Reach, Unit, Workload};

/// What came out of one workload with so many threads.
pub(crate) struct Outcome {
    pub(crate) workload: &'static Workload,
    pub(crate) threads: usize,
    pub(crate) figures: Vec<Figure>,
}

/// What came out of a run.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) outcomes: Vec<Outcome>,
}

const OURS: &str = "tallymark";
const LIMIT: &str = "limit";

/// A ratio, what it must be, and whether it is.
struct Verdict {
    /// What it is a ratio to, or what the number is.
    to: String,
    is: f64,
    reach: f64,
}

impl Verdict {
    fn reached(&self) -> bool {
        self.is <= self.reach
    }
}

impl Outcome {
    fn title(&self) -> String {
        match self.workload.threads {
            [_] => self.workload.name.to_owned(),
            _ => format!("{}, {} thread{}", self.workload.name, self.threads, if self.threads == 1 { "" } else { "s" }),
        }
    }

    fn median(&self, contender: &str) -> Option<f64> {
        self.figures.iter().find(|figure| figure.contender == contender).map(|figure| figure.median)
    }

    /// The peers, the best first. A name with a slash is a way to use a contender that the requirement doesn't mean.
    fn peers(&self) -> Vec<&Figure> {
        let scored = |figure: &&Figure| ![OURS, LIMIT].contains(&figure.contender) && !figure.contender.contains('/');
        let mut peers: Vec<&Figure> = self.figures.iter().filter(scored).collect();
        peers.sort_by(|a, b| a.median.total_cmp(&b.median));
        peers
    }

    fn verdicts(&self) -> Vec<Verdict> {
        let Some(ours) = self.median(OURS) else { return Vec::new() };
        let peers = self.peers();
        let over = |peer: &Figure, reach| Verdict { to: peer.contender.to_owned(), is: ours / peer.median, reach };
        match (self.workload.reach)(self.threads) {
            Reach::Best(reach) => peers.first().map(|best| over(best, reach)).into_iter().collect(),
            Reach::BestAndOthers(best, others) => {
                let reaches = [best, others];
                peers.iter().zip(reaches).map(|(peer, reach)| over(peer, reach)).collect()
            }
            Reach::Over(contender, reach) => {
                let figure = self.figures.iter().find(|figure| figure.contender == contender);
                figure.map(|figure| over(figure, reach)).into_iter().collect()
            }
            Reach::None => Vec::new(),
            Reach::AtMost(reach) => vec![Verdict { to: self.workload.unit.name().to_owned(), is: ours, reach }],
        }
    }

    pub(crate) fn table(&self) -> String {
        let unit = self.workload.unit;
        let mut out = format!("\n## {}\n\n{}\n\n", self.title(), self.workload.about);
        let best = self.peers().first().map(|figure| figure.median);
        let limit = self.median(LIMIT);
        let name = unit.name();
        line(&mut out, &format!("| contender | {name} | p10 | p90 | to the best peer | to the limit | rounds |"));
        line(&mut out, "|---|--:|--:|--:|--:|--:|--:|");
        let mut figures: Vec<&Figure> = self.figures.iter().collect();
        figures.sort_by(|a, b| a.median.total_cmp(&b.median));
        for figure in figures {
            let ratio = |to: Option<f64>| to.map_or_else(String::new, |to| short(figure.median / to));
            let disturbed = if figure.disturbed { " (disturbed)" } else { "" };
            line(
                &mut out,
                &format!(
                    "| {} | {} | {} | {} | {} | {} | {}{disturbed} |",
                    figure.contender,
                    short(figure.median),
                    short(figure.p10),
                    short(figure.p90),
                    ratio(best),
                    ratio(limit),
                    figure.rounds,
                ),
            );
        }
        out.push('\n');
        for verdict in self.verdicts() {
            line(&mut out, &sentence(&verdict, self.workload));
        }
        out
    }
}

fn sentence(verdict: &Verdict, workload: &Workload) -> String {
    let Verdict { to, is, reach } = verdict;
    let end = if verdict.reached() { "reached" } else { "**not reached**" };
    match (workload.reach)(1) {
        Reach::AtMost(_) => format!("tallymark: {} {to}, to reach ≤ {}: {end}", short(*is), short(*reach)),
        _ => format!("tallymark is {} × {to}, to reach ≤ {} ×: {end}", short(*is), short(*reach)),
    }
}

impl Report {
    /// One line a workload.
    pub(crate) fn summary(&self) -> String {
        let mut out = String::from(
            "| workload | unit | tallymark | limit | best peer | ratio or number | to reach | |\n|---|---|--:|--:|---|--:|--:|---|\n",
        );
        for outcome in &self.outcomes {
            let number = |name| outcome.median(name).map_or_else(|| "–".to_owned(), short);
            let peers = outcome.peers();
            let best = peers
                .first()
                .map_or_else(|| "–".to_owned(), |best| format!("{} {}", best.contender, short(best.median)));
            let verdicts = outcome.verdicts();
            let all = |text: &dyn Fn(&Verdict) -> String| verdicts.iter().map(text).collect::<Vec<_>>().join("; ");
            line(
                &mut out,
                &format!(
                    "| {} | {} | {} | {} | {best} | {} | {} | {} |",
                    outcome.title(),
                    outcome.workload.unit.name(),
                    number(OURS),
                    number(LIMIT),
                    all(&|verdict| short(verdict.is)),
                    all(&|verdict| format!("≤ {}", short(verdict.reach))),
                    all(&|verdict| if verdict.reached() { "reached".to_owned() } else { "**not reached**".to_owned() }),
                ),
            );
        }
        out
    }

    /// Rows for programs.
    pub(crate) fn json(&self) -> String {
        let mut rows = Vec::new();
        for Outcome { workload, threads, figures } in &self.outcomes {
            for figure in figures {
                let mut row = json!({
                    "workload": workload.name,
                    "threads": threads,
                    "contender": figure.contender,
                    "ns": figure.median,
                });
                if workload.unit != Unit::Nanoseconds {
                    row["unit"] = workload.unit.name().into();
                }
                rows.push(format!("  {row}"));
            }
        }
        format!("[\n{}\n]\n", rows.join(",\n"))
    }

    /// `BENCHMARKS.md`: the old page with the section of this profile replaced.
    pub(crate) fn page(&self, old: &str) -> String {
        let profile = machine::profile();
        let mut sections: Vec<(String, String)> = sections(old).filter(|(name, _)| name != profile).collect();
        let mut section = format!("# Profile `{profile}`\n\n{}\n{}", machine::table(), self.summary());
        for outcome in &self.outcomes {
            section.push_str(&outcome.table());
        }
        sections.push((profile.to_owned(), section));
        // The stock profile first.
        sections.sort_by_key(|(name, _)| (name != "release", name.clone()));
        let mut page = format!("{INTRODUCTION}\n{}\n", NOTES.trim());
        for (name, section) in sections {
            write!(page, "\n{BEGIN}{name} -->\n{}\n{END}\n", section.trim()).expect("writing to a string can't fail");
        }
        page
    }
}

const BEGIN: &str = "<!-- begin profile ";
const END: &str = "<!-- end profile -->";

/// What the figures don't say by themselves.
const NOTES: &str = include_str!("notes.md");

const INTRODUCTION: &str = "\
# Benchmarks

Written by `cargo run --release --manifest-path benches/Cargo.toml`, one section a profile; the stock one
is `--release`, the other `--profile fat` (`lto = \"fat\"`, one codegen unit). Run it again to replace a section.

Contenders are measured interleaved in one process: each runs once a round, in rotating order, and the median over the
rounds counts. Numbers are those that one thread sees. `limit` is written by hand for the workload alone. A contender
with a slash in its name is another way to use it, which requirements don't mean. Ratios hold across machines better
than nanoseconds do.
";

fn sections(page: &str) -> impl Iterator<Item = (String, String)> {
    page.split(BEGIN).skip(1).filter_map(|part| {
        let (name, rest) = part.split_once(" -->")?;
        let (section, _) = rest.split_once(END)?;
        Some((name.to_owned(), section.to_owned()))
    })
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

/// Three digits that matter.
fn short(number: f64) -> String {
    match number.abs() {
        100.0.. => format!("{number:.0}"),
        10.0.. => format!("{number:.1}"),
        1.0.. => format!("{number:.2}"),
        _ => format!("{number:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_replaces_the_section_of_its_own_profile() {
        let report = Report::default();
        let other = format!("{BEGIN}other -->\n# Profile `other`\n\nkept\n{END}\n");
        let once = report.page(&other);
        let twice = report.page(&once);
        assert_eq!(once, twice);
        assert!(twice.contains("kept"));
        assert_eq!(twice.matches(BEGIN).count(), 2);
    }
}
