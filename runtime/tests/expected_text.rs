//! Pages beside what they should read.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use tallymark::testing::compare_text;
use tallymark::{Collected, Collector, Counter, Descriptor, Histogram, Registry};

struct Undescribed;

impl Collector for Undescribed {
    fn describe(&self) -> Vec<Descriptor> {
        Vec::new()
    }

    fn collect(&self, out: &mut Collected) {
        out.gauge("given_kb", "").series([("fromWhere", "a")], 1);
    }
}

fn registry() -> Registry {
    let registry = Registry::new();
    let jobs = Counter::new("jobs_total", "Jobs done.").unwrap();
    let latency = Histogram::builder("latency_seconds", "How long.").buckets([1.0]).unwrap().build().unwrap();
    registry.register(&jobs).unwrap();
    registry.register(&latency).unwrap();
    registry.register(Undescribed).unwrap();
    registry
}

#[test]
fn the_named_families_and_samples_of_a_page_are_compared() {
    let registry = registry();
    let jobs = "# HELP jobs_total Jobs done.\n# TYPE jobs_total counter\njobs_total 0\n";
    let count = "# HELP latency_seconds How long.\n# TYPE latency_seconds histogram\nlatency_seconds_count 0\n";
    let given = "# TYPE given_kb gauge\ngiven_kb{fromWhere=\"a\"} 1\n";
    for (names, expected) in [
        (&["jobs_total"][..], jobs.to_owned()),
        (&["jobs"], jobs.to_owned()),
        (&["latency_seconds_count", "jobs_total"], format!("{jobs}\n\n{count}")),
        (&["given_kb"], given.to_owned()),
        (&["given_kb", "jobs_total"], format!("{given}{jobs}")),
    ] {
        assert_eq!(compare_text(&registry, names, &expected), Ok(()), "{names:?}");
        let indented: String = expected.lines().flat_map(|line| ["\t\t", line, " \r\n\n"]).collect();
        assert_eq!(compare_text(&registry, names, &indented), Ok(()), "{names:?}");
        assert!(compare_text(&registry, &[], &expected).is_err());
    }
}

#[test]
fn a_difference_names_a_metric_that_is_not_there() {
    let difference = compare_text(&registry(), &["jobs_totl"], "jobs_total 1").unwrap_err().to_string();
    assert!(
        difference.ends_with("- jobs_total 1\nthere is no metric `jobs_totl` in the registry; near is `jobs_total`")
    );
}
