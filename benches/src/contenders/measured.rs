//! measured.

use measured::label::StaticLabelSet;
use measured::metric::MetricFamilyEncoding;
use measured::metric::histogram::Thresholds;
use measured::metric::name::MetricName;
use measured::text::TextEncoder;
use measured::{CounterVec, HistogramVec, LabelGroup};
use paracord::ParaCord;

use super::{Buffer, COUNTER, Counters, HISTOGRAM, Histograms, Page};
use crate::data::{BOUNDS, Method, Status};

/// Two finite labels.
#[derive(Clone, Copy, LabelGroup)]
#[label(set = RequestSet)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) status: Status,
}

/// Two open labels.
#[derive(Clone, Copy, LabelGroup)]
#[label(set = PlaceSet)]
pub(crate) struct Place<'a> {
    #[label(dynamic_with = ParaCord)]
    pub(crate) tenant: &'a str,
    #[label(dynamic_with = ParaCord)]
    pub(crate) path: &'a str,
}

pub(crate) fn requests() -> CounterVec<RequestSet> {
    CounterVec::with_label_set(RequestSet { method: StaticLabelSet::new(), status: StaticLabelSet::new() })
}

pub(crate) fn places() -> PlaceSet {
    PlaceSet { tenant: ParaCord::default(), path: ParaCord::default() }
}

pub(crate) type Buckets = Thresholds<{ BOUNDS.len() }>;

impl Page for CounterVec<PlaceSet> {
    fn page(&self, buffer: &mut Buffer) {
        let Ok(()) = self.collect_family_into(MetricName::from_str(COUNTER), &mut buffer.measured);
        buffer.shared = buffer.measured.finish();
    }
}

impl Counters for CounterVec<PlaceSet> {
    const NAME: &'static str = "measured";

    fn new() -> Self {
        Self::with_label_set(places())
    }

    #[inline]
    fn inc(&self, tenant: &str, path: &str) {
        self.inc(Place { tenant, path });
    }
}

/// Its other encoder, on which the one that its documentation shows is built, on a plain buffer.
pub(crate) struct Plain(CounterVec<PlaceSet>);

impl Page for Plain {
    fn page(&self, buffer: &mut Buffer) {
        let mut encoder = TextEncoder::new(&mut buffer.bytes);
        self.0.collect_family_into(MetricName::from_str(COUNTER), &mut encoder).expect("writing to memory can't fail");
        encoder.flush().expect("writing to memory can't fail");
    }
}

impl Counters for Plain {
    const NAME: &'static str = "measured/TextEncoder";

    fn new() -> Self {
        Self(CounterVec::with_label_set(places()))
    }

    #[inline]
    fn inc(&self, tenant: &str, path: &str) {
        self.0.inc(Place { tenant, path });
    }
}

pub(crate) type HistogramFamily = HistogramVec<PlaceSet, { BOUNDS.len() }>;

impl Page for HistogramFamily {
    fn page(&self, buffer: &mut Buffer) {
        let Ok(()) = self.collect_family_into(MetricName::from_str(HISTOGRAM), &mut buffer.measured);
        buffer.shared = buffer.measured.finish();
    }
}

impl Histograms for HistogramFamily {
    const NAME: &'static str = "measured";

    fn new() -> Self {
        Self::with_label_set_and_metadata(places(), Buckets::with_buckets(BOUNDS))
    }

    #[inline]
    fn observe(&self, tenant: &str, path: &str, seconds: f64) {
        self.observe(Place { tenant, path }, seconds);
    }
}
