//! Where and with what it was measured.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The crates whose versions matter.
const CRATES: [&str; 17] = [
    "prometheus-client",
    "prometheus",
    "prometheus-static-metric",
    "metrics",
    "metrics-exporter-prometheus",
    "measured",
    "metriken",
    "metriken-exposition",
    "fastmetrics",
    "fast-telemetry",
    "foundations-metrics",
    "opentelemetry_sdk",
    "opentelemetry-prometheus",
    "paracord",
    "tallymark",
    "tallymark-macros",
    "linkme",
];

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The profile that this was built with.
pub(crate) fn profile() -> &'static str {
    env!("BENCH_PROFILE")
}

/// Machine, system, compiler and versions, as a table.
pub(crate) fn table() -> String {
    let mut table = String::from("| | |\n|---|---|\n");
    let mut row = |name: &str, value: &str| {
        writeln!(table, "| {name} | {value} |").expect("writing to a string can't fail");
    };
    row("date", &today());
    row("processor", &processor());
    row("cores", &std::thread::available_parallelism().map_or(0, usize::from).to_string());
    row("system", &system());
    row("compiler", env!("BENCH_RUSTC"));
    row("profile", profile());
    row(
        "crates",
        &CRATES.iter().filter_map(|name| Some(format!("{name} {}", version(name)?))).collect::<Vec<_>>().join(", "),
    );
    table
}

fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let model = field("model name").unwrap_or_else(|| "unknown".to_owned());
    match (field("cpu family"), field("model")) {
        (Some(family), Some(number)) => format!("{model} (family {family}, model {number})"),
        _ => model,
    }
}

fn system() -> String {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name =
        release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).unwrap_or("unknown").trim_matches('"');
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{name}, Linux {}, {}", kernel.trim(), std::env::consts::ARCH)
}

pub(crate) fn version(name: &str) -> Option<&'static str> {
    let lock = include_str!("../Cargo.lock");
    let package = lock.split("[[package]]").find(|package| package.contains(&format!("\nname = \"{name}\"\n")))?;
    package.lines().find_map(|line| line.strip_prefix("version = ")).map(|version| version.trim_matches('"'))
}

/// As in ISO 8601, by the civil-from-days algorithm (Hinnant, "chrono-compatible low-level date algorithms").
fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}
