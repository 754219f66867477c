//! Prometheus' server asks for protobuf where it wants native histograms: it takes every type, also a native histogram that
//! has classic buckets or nothing at all, and a family that is several messages, and gives exemplars back.

use tallymark::http::Exporter;
use tallymark::{Counter, Histogram, Labels, NativeOptions, Registry};

use crate::Page;
use crate::checks::{Checks, Result};
use crate::prometheus::Prometheus;
use crate::values::{Sample, Values};

const FEATURES: [&str; 1] = ["--enable-feature=native-histograms,exemplar-storage"];

pub(crate) fn check(checks: &mut Checks, pages: &[Page]) {
    let own = Own::new().and_then(|own| Ok((Exporter::builder().registry(&own.registry).start("127.0.0.1:0")?, own)));
    let (exporter, own) = match own {
        Ok(own) => own,
        Err(error) => return checks.failed("a page with native histograms is served", &error.to_string()),
    };
    let mut jobs: Vec<_> = pages.iter().map(|page| (page.name, page.addr())).collect();
    jobs.push(("native", exporter.local_addr()));
    let start = || Prometheus::start(&jobs, &FEATURES);
    let Some(prometheus) = checks.prepare("Prometheus starts with native histograms", start) else { return };
    for (job, _) in &jobs {
        checks.run(&format!("Prometheus takes the page of {job} in protobuf"), || {
            prometheus.number(&format!("up{{job=\"{job}\"}} == 1"))?;
            let samples = prometheus.number(&format!("scrape_samples_scraped{{job=\"{job}\"}}"))?;
            Ok(format!("{samples} samples"))
        });
    }
    // In OpenMetrics the family of a counter is called without `_total`.
    checks.run("Prometheus has asked for protobuf", || prometheus.described("peers_made_jobs_total", "counter"));
    for page in pages {
        let name = format!("Prometheus has the values of {} from protobuf", page.name);
        checks.run(&name, || {
            let suffixes = !prometheus.query("{__name__=~\".+_level_bucket\"}")?.is_empty();
            prometheus.has(page.name, &in_protobuf(&page.values, suffixes))
        });
    }
    own.check(checks, &prometheus);
    exporter.shutdown();
}

/// Prometheus calls the sum and the count of a gauge histogram as those of another one. Version 2.42 gives none of its parts
/// a suffix, so the sum and the count are one series there, which has one of both.
fn in_protobuf(values: &Values, suffixes: bool) -> Vec<Sample> {
    let mut samples = Vec::new();
    for sample in &values.samples {
        let of_gauge = sample.name.contains("_level");
        let name = match sample.name.rsplit_once('_') {
            Some((name, "gsum")) if suffixes => format!("{name}_sum"),
            Some((name, "gcount")) if suffixes => format!("{name}_count"),
            Some((_, "gsum" | "gcount")) => continue,
            Some((name, "bucket")) if of_gauge && !suffixes => name.to_owned(),
            _ => sample.name.clone(),
        };
        samples.push(Sample { name, labels: sample.labels.clone(), number: sample.number });
    }
    samples
}

#[derive(Labels)]
struct Numbered {
    number: u64,
}

/// Native histograms, exemplars, and a family that is several messages.
struct Own {
    registry: Registry,
    /// What was observed, by size.
    observed: Vec<f64>,
}

const COUNT: u64 = 20_000;

impl Own {
    fn new() -> Result<Self> {
        let registry = Registry::new();
        let both = Histogram::builder("peers_both_seconds", "Both.").buckets([0.01, 1.0, 100.0])?;
        let both = both.native(NativeOptions::new())?.build()?;
        let empty = Histogram::builder("peers_empty_seconds", "Empty.").native(NativeOptions::new())?.build()?;
        let counter = Counter::new("peers_traced_total", "Traced.")?;
        let many = Counter::builder("peers_many_total", "Many.").labels::<Numbered>().max_series(1 << 20).build()?;
        registry.register(&both)?;
        registry.register(&empty)?;
        registry.register(&counter)?;
        registry.register(&many)?;
        let mut observed = Vec::new();
        for number in 0..COUNT {
            many.with(&Numbered { number }).inc_by(number);
            // Evenly spread over magnitudes from a thousandth to a thousand.
            #[expect(clippy::cast_precision_loss, reason = "they are small")]
            let value = 10_f64.powf((number * 7_919 % COUNT) as f64 / COUNT as f64 * 6.0 - 3.0);
            both.observe(value);
            observed.push(value);
        }
        observed.sort_by(f64::total_cmp);
        both.observe_with_exemplar(0.5, [("trace_id", "of both")]);
        counter.inc_with_exemplar([("trace_id", "of the counter")]);
        Ok(Self { registry, observed })
    }

    fn check(&self, checks: &mut Checks, prometheus: &Prometheus) {
        checks.run("PromQL gives quantiles of native buckets beside classic ones", || {
            let mut most = 1.0_f64;
            for (quantile, rank) in [(0.01, 1), (0.1, 10), (0.5, 50), (0.9, 90), (0.99, 99)] {
                let found = prometheus.number(&format!("histogram_quantile({quantile}, peers_both_seconds)"))?;
                let truth = self.observed[self.observed.len() * rank / 100];
                most = most.max(found / truth).max(truth / found);
            }
            // Buckets reach by a factor of 1.1 at most, and the value is somewhere in one.
            if most < 1.1 {
                Ok(format!("at most {:.2} % off", 100.0 * (most - 1.0)))
            } else {
                Err(format!("{most}").into())
            }
        });
        checks.run("Prometheus knows an empty native histogram as such", || {
            let count = prometheus.number("histogram_count(peers_empty_seconds)")?;
            if count == 0.0 { Ok(String::new()) } else { Err(count.to_string().into()) }
        });
        for (name, text) in [("peers_traced_total", "of the counter"), ("peers_both_seconds", "of both")] {
            checks.run(&format!("Prometheus gives the exemplar of {name} back"), || prometheus.exemplar(name, text));
        }
        checks.run("Prometheus takes a family that is several messages as one", || {
            let count = prometheus.number("count(peers_many_total)")?;
            let sum = prometheus.number("sum(peers_many_total)")?;
            #[expect(clippy::cast_precision_loss, reason = "they are small")]
            let expected = (COUNT as f64, (COUNT * (COUNT - 1) / 2) as f64);
            if (count, sum) == expected { Ok(format!("{count} series")) } else { Err(format!("{count}, {sum}").into()) }
        });
    }
}
