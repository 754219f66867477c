//! Measurements that need a process of their own.

use std::env;
use std::process::{Command, Stdio};

use crate::harness::Figure;
use crate::workloads;

/// The first argument of a child.
pub(crate) const FLAG: &str = "--child";

/// Runs a measurement of a contender in a process of its own, so many times.
pub(crate) fn figure(workload: &str, contender: &'static str, times: usize) -> Figure {
    let samples = (0..times).map(|_| number(workload, contender)).collect();
    Figure::of(contender, samples, false)
}

fn number(workload: &str, contender: &str) -> f64 {
    let this = env::current_exe().expect("the system knows where the program is");
    let mut command = Command::new(this);
    let output = command.args([FLAG, workload, contender]).stderr(Stdio::inherit()).output().expect("it has just run");
    let text = String::from_utf8_lossy(&output.stdout);
    let number = text.lines().last().and_then(|line| line.trim().parse().ok());
    number.unwrap_or_else(|| panic!("{workload} of {contender} gave {:?}, not a number", text.trim()))
}

/// What a child does: measures, and prints the number.
pub(crate) fn run(workload: &str, contender: &str) {
    let children = [
        ("resident-bytes-a-series", workloads::resident::child as fn(&str) -> f64),
        ("scrape-memory", workloads::scrape::memory_child),
        ("inc-during-scrape", workloads::scrape::inc_child),
        ("register-marked", workloads::register::marked_child),
    ];
    let (_, child) = children.iter().find(|(name, _)| *name == workload).expect("the parent names one of them");
    println!("{}", child(contender));
}

/// A number of `/proc/self/status` in bytes.
pub(crate) fn status(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a Linux system");
    let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("Linux has the field");
    let kilobytes: f64 = line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().expect("a number");
    kilobytes * 1024.0
}
