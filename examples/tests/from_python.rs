//! The programs of the Python libraries' documents: ours show what the originals show.
// Where a page of memory has 4 KiB, as `originals.txt` has it.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::BTreeMap;
use std::process::Command;

/// What `originals.py` prints.
const ORIGINALS: &str = include_str!("../from_python/originals.txt");

/// A page by what it says: its comments, and its samples, each by its name and labels.
#[derive(Debug, Default, PartialEq)]
struct Page {
    comments: BTreeMap<String, String>,
    samples: BTreeMap<String, Shown>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shown {
    Number(f64),
    /// How long something took, or what time it was.
    Measured,
}

/// Where an original is wrong: page, sample, its number, and ours. Of five observations aioprometheus gives the third
/// as their 99th percentile, whose rank may be off by a thousandth.
const WRONG: [(&str, &str, f64, f64); 1] = [(
    "aioprometheus_application 1",
    "request_payload_size_bytes{app=\"ExampleApp-1\",host=\"alpha\",path=\"/data\",quantile=0.99}",
    301.5,
    402.0,
)];

#[test]
fn each_program_shows_the_figures_of_its_original() {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(|deps| deps.parent()).unwrap();
    let output = Command::new(built.join("examples").join("from_python")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let ours = String::from_utf8(output.stdout).unwrap();
    let (mut originals, mut ours) = (pages(ORIGINALS), pages(&ours));
    for (page, sample, wrong, right) in WRONG {
        let page = originals.get_mut(page).unwrap();
        let original = page.samples.insert(sample.to_owned(), Shown::Number(right));
        assert_eq!(original, Some(Shown::Number(wrong)), "{sample} has been corrected");
    }
    assert!(originals.len() > 60, "{}", originals.len());
    assert_eq!(originals.keys().collect::<Vec<_>>(), ours.keys().collect::<Vec<_>>());
    for (name, original) in &originals {
        let ours = ours.get_mut(name).unwrap();
        for (sample, shown) in &original.samples {
            if let (Shown::Measured, Some(ours)) = (shown, ours.samples.get_mut(sample)) {
                assert!(matches!(ours, Shown::Number(number) if *number >= 0.0), "{name}: {sample} is {ours:?}");
                *ours = Shown::Measured;
            }
        }
        if name.starts_with("client_python_process_of_another ") {
            ours.leave_out(is_more_of_a_process);
            // Every library has words of its own for what a process is.
            ours.comments.iter_mut().for_each(|(comment, text)| {
                if comment.starts_with("HELP ") {
                    original.comments[comment].clone_into(text);
                }
            });
        }
        assert_eq!(original, ours, "{name}");
    }
}

/// What Python's client doesn't show of a process.
fn is_more_of_a_process(name: &str) -> bool {
    let more = ["virtual_memory_max_bytes", "threads", "network_receive_bytes_total", "network_transmit_bytes_total"];
    name.strip_prefix("mydaemon_process_").is_some_and(|name| more.contains(&name))
}

impl Page {
    fn leave_out(&mut self, is_left_out: impl Fn(&str) -> bool) {
        self.comments.retain(|comment, _| !is_left_out(comment.split_once(' ').unwrap().1));
        self.samples.retain(|sample, _| !is_left_out(sample.split_once('{').unwrap().0));
    }
}

/// Every page, by the line above it.
fn pages(text: &str) -> BTreeMap<String, Page> {
    let mut pages: BTreeMap<String, Page> = BTreeMap::new();
    let mut name = String::new();
    for line in text.lines() {
        if let Some(next) = line.strip_prefix("== ") {
            next.clone_into(&mut name);
            assert!(pages.insert(name.clone(), Page::default()).is_none(), "{name} stands twice");
            continue;
        }
        let page = pages.get_mut(&name).unwrap();
        if let Some(comment) = line.strip_prefix("# ") {
            let (what, text) = comment.split_at(comment.match_indices(' ').nth(1).unwrap().0);
            assert_eq!(page.comments.insert(what.to_owned(), text.trim().to_owned()), None, "{name}: {what}");
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let shown = if value == "measured" { Shown::Measured } else { Shown::Number(value.parse().unwrap()) };
        assert_eq!(page.samples.insert(in_one_order(series), shown), None, "{name}: {series}");
    }
    pages
}

/// A series with its labels sorted, and the numbers among them written in one way.
fn in_one_order(series: &str) -> String {
    let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
    let mut labels: Vec<String> = labels
        .trim_end_matches('}')
        .split_terminator("\",")
        .map(|label| {
            let (label, value) = label.trim().trim_end_matches('"').split_once("=\"").unwrap();
            match label {
                "le" | "quantile" => format!("{label}={:?}", value.parse::<f64>().unwrap()),
                _ => format!("{label}={value:?}"),
            }
        })
        .collect();
    labels.sort_unstable();
    format!("{name}{{{}}}", labels.join(","))
}
