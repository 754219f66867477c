//! A scrape as Prometheus sees it: a page of text.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tallymark::{Registry, exposition::text};

/// The samples of a page, by name and labels as they are written.
pub(crate) type Samples = HashMap<String, f64>;

pub(crate) fn scrape(registry: &Registry) -> Samples {
    let page: Vec<u8> = text::pieces(registry.page()).flatten().collect();
    parse(&String::from_utf8(page).unwrap())
}

pub(crate) fn parse(page: &str) -> Samples {
    let mut samples = Samples::new();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(samples.insert(name.to_owned(), value.parse().unwrap()).is_none(), "twice on a page: {name}");
    }
    samples
}

/// The sum of all samples of a name.
pub(crate) fn total(samples: &Samples, name: &str) -> f64 {
    let of_name = samples.iter().filter(|(sample, _)| sample.split('{').next() == Some(name));
    of_name.map(|(_, value)| value).sum()
}

/// What has fallen from one scrape to the next, or is no longer there.
pub(crate) fn fallen(before: &Samples, now: &Samples) -> Option<String> {
    before.iter().find_map(|(name, before)| match now.get(name) {
        Some(now) if now >= before => None,
        now => Some(format!("{name} fell from {before} to {now:?}")),
    })
}

/// Scrapes until `done`, and once more; each page must have nothing less than the one before. How often it did.
pub(crate) fn scrape_until(registry: &Registry, done: &AtomicBool) -> u64 {
    let mut before = scrape(registry);
    let mut scrapes = 1;
    loop {
        let last = done.load(Relaxed);
        let now = scrape(registry);
        assert_eq!(fallen(&before, &now), None, "scrape {scrapes}");
        before = now;
        scrapes += 1;
        if last {
            return scrapes;
        }
    }
}

/// Ends what watches a flag, also where a thread panics.
pub(crate) struct Done<'a>(pub(crate) &'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

#[test]
fn a_sample_that_falls_is_found() {
    let before = parse("# TYPE a_total counter\na_total 3\nb_total{x=\"1\"} 2\nb_total{x=\"2\"} 2\n");
    assert_eq!(total(&before, "b_total"), 4.0);
    assert_eq!(fallen(&before, &parse("a_total 3\nb_total{x=\"1\"} 2\nb_total{x=\"2\"} 4\n")), None);
    assert!(fallen(&before, &parse("a_total 2\nb_total{x=\"1\"} 2\nb_total{x=\"2\"} 4\n")).is_some());
    assert!(fallen(&before, &parse("a_total 3\nb_total{x=\"2\"} 4\n")).is_some());
}
