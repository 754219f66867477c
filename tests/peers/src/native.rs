//! Quantiles that Prometheus computes of native histograms are as near as their factor says.

use std::net::SocketAddr;

use tallymark::http::{BackgroundExporter, Exporter};
use tallymark::{Histogram, NativeOptions, Registry};

use crate::checks::{Checks, Result};
use crate::prometheus::Prometheus;

/// By how much a bucket ends above the one before it: 2^(1/8) for the 1.1 that is asked for.
const FACTOR: f64 = 1.090_507_732_665_257_7;

/// Observations, and the page that says so.
struct Page {
    exporter: BackgroundExporter,
    /// Of each histogram, its name and what was observed in it, sorted.
    observed: Vec<(&'static str, Vec<f64>)>,
}

pub(crate) fn check(checks: &mut Checks) {
    let Some(page) = checks.prepare("native histograms are served", Page::serve) else { return };
    let jobs = [("native", page.addr())];
    let start = || Prometheus::start(&jobs, &["--enable-feature=native-histograms"]);
    if let Some(prometheus) = checks.prepare("Prometheus starts with native histograms", start) {
        page.check(checks, &prometheus, "native", str::to_owned);
    }
    let start = || Prometheus::start(&jobs, &[]);
    if let Some(prometheus) = checks.prepare("Prometheus starts without native histograms", start) {
        page.check(checks, &prometheus, "classic", |name| format!("{name}_bucket"));
    }
    page.exporter.shutdown();
}

impl Page {
    fn serve() -> Result<Self> {
        let registry = Registry::new();
        let mut observed = Vec::new();
        // From some microseconds to some minutes, most of them near 50 milliseconds.
        let latencies: Vec<f64> = (1..20_000_u32).map(|n| 0.05 * (spread(n) * 2.5).exp()).collect();
        let temperatures: Vec<f64> = (1..20_000_u32).map(|n| 20.0 * spread(n)).collect();
        let sizes: Vec<f64> = (0..20_000_u32).map(|n| if n % 10 == 0 { 0.0 } else { f64::from(n) }).collect();
        for (name, mut values) in [
            ("native_latency_seconds", latencies),
            ("native_temperature_celsius", temperatures),
            ("native_size_bytes", sizes),
        ] {
            let options = NativeOptions::new().max_buckets(1000);
            let histogram = Histogram::builder(name, "A native histogram.").native(options)?.build()?;
            registry.register(&histogram)?;
            for value in &values {
                histogram.observe(*value);
            }
            values.sort_by(f64::total_cmp);
            observed.push((name, values));
        }
        let exporter = Exporter::builder().registry(&registry).start("127.0.0.1:0")?;
        Ok(Self { exporter, observed })
    }

    fn addr(&self) -> SocketAddr {
        self.exporter.local_addr()
    }

    /// `selected` is what quantiles are computed of.
    fn check(&self, checks: &mut Checks, prometheus: &Prometheus, what: &str, selected: impl Fn(&str) -> String) {
        for (name, values) in &self.observed {
            let of = selected(name);
            checks.run(&format!("Prometheus computes quantiles of {name} from {what} buckets"), || {
                let mut farthest = 1.0_f64;
                for quantile in [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999] {
                    let expected = rank(values, quantile);
                    let query = format!("histogram_quantile({quantile}, {of}{{job=\"native\"}})");
                    let found = prometheus.number(&query)?;
                    if expected == 0.0 {
                        if found.abs() > 1e-30 {
                            return Err(format!("{query} is {found}, not 0").into());
                        }
                        continue;
                    }
                    let off = (found / expected).max(expected / found);
                    if !(1.0..=FACTOR + 1e-12).contains(&off) {
                        return Err(format!("{query} is {found}, not about {expected}").into());
                    }
                    farthest = farthest.max(off);
                }
                Ok(format!("by a factor of {farthest:.3} off at most"))
            });
        }
        checks.run(&format!("Prometheus counts the observations in {what} buckets"), || {
            for (name, values) in &self.observed {
                let query = match what {
                    "native" => format!("histogram_count({name}{{job=\"native\"}})"),
                    _ => format!("{name}_bucket{{job=\"native\", le=\"+Inf\"}}"),
                };
                let count = prometheus.number(&query)?;
                #[expect(clippy::cast_precision_loss, reason = "some thousands")]
                let expected = values.len() as f64;
                if count.to_bits() != expected.to_bits() {
                    return Err(format!("{query} is {count}, not {expected}").into());
                }
            }
            Ok(format!("of {} histograms", self.observed.len()))
        });
    }
}

/// The value of the rank that Prometheus looks for.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "small ranks")]
fn rank(values: &[f64], quantile: f64) -> f64 {
    let rank = (quantile * values.len() as f64).ceil() as usize;
    values[rank.clamp(1, values.len()) - 1]
}

/// About as a normal distribution has it: the sum of twelve numbers of 0..1, less 6.
fn spread(seed: u32) -> f64 {
    let mut state = u64::from(seed);
    (0..12).fold(-6.0, |sum, _| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let bits = u32::try_from(state >> 33).unwrap_or_default();
        sum + f64::from(bits) / f64::from(1_u32 << 31)
    })
}
