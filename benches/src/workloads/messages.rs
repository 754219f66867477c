//! Pages in protobuf, and those read back.

use std::hint::black_box;
use std::sync::{Mutex, PoisonError};

use crate::contenders::{
    Buffer, Counters, Histograms, Messages, prometheus as prometheus_peer, prometheus_client as client,
    tallymark as ours,
};
use crate::data::{self, Pair, pairs};
use crate::harness::{Case, Figure, Plan, case, measure};

type OurCounters = ours::Family<tallymark::Counter<ours::Place<'static>>>;
type OurHistograms = ours::Family<tallymark::Histogram<ours::Place<'static>>>;

/// The page of so many counters.
pub(super) fn counters(count: usize) -> Vec<Figure> {
    let pairs = pairs(count);
    let plan = if count < 100_000 { Plan::PAGE } else { Plan::HUGE_PAGE };
    let cases = vec![
        written(OurCounters::NAME, counted::<OurCounters>(pairs), count),
        written(client::CounterFamily::NAME, counted::<client::CounterFamily>(pairs), count),
        written("prometheus", counted::<prometheus_peer::Family<prometheus::IntCounterVec>>(pairs), count),
    ];
    measure(plan, 1, cases)
}

/// The page of so many histograms, each with 3 observations.
pub(super) fn histograms(count: usize) -> Vec<Figure> {
    let pairs = pairs(count);
    let cases = vec![
        written(OurHistograms::NAME, observed::<OurHistograms>(pairs), count),
        written(client::HistogramFamily::NAME, observed::<client::HistogramFamily>(pairs), count),
        written("prometheus", observed::<prometheus_peer::Family<prometheus::HistogramVec>>(pairs), count),
    ];
    measure(Plan::PAGE, 1, cases)
}

/// A page of 10,000 counters and 1,000 histograms, up to families in memory.
pub(super) fn parse(_: usize) -> Vec<Figure> {
    const COUNTERS: usize = 10_000;
    const HISTOGRAMS: usize = 1_000;

    let mut page = Buffer::default();
    counted::<prometheus_peer::Family<prometheus::IntCounterVec>>(pairs(COUNTERS)).messages(&mut page);
    observed::<prometheus_peer::Family<prometheus::HistogramVec>>(pairs(HISTOGRAMS)).messages(&mut page);
    let page = &*page.bytes.leak();
    let read = |name: &'static str, read: fn(&[u8]) -> usize| {
        assert_eq!(read(page), COUNTERS + HISTOGRAMS, "{name} finds another number of series");
        let case = case!(name, |_, i| {
            black_box(read(black_box(page)));
        });
        case.operations(COUNTERS + HISTOGRAMS)
    };
    let cases = vec![read("tallymark", series), read("prost", by_prost), read("protobuf", by_protobuf)];
    measure(Plan::PAGE, 1, cases)
}

fn series(page: &[u8]) -> usize {
    let families = tallymark::parse::protobuf(page).expect("it is one");
    families.iter().map(|family| family.series().len()).sum()
}

/// The messages alone, of which no families of series have been made.
fn by_prost(mut page: &[u8]) -> usize {
    use prometheus_client::encoding::prometheus_protobuf::prometheus_data_model::MetricFamily;
    use prost::Message as _;

    let mut families = Vec::new();
    while !page.is_empty() {
        families.push(MetricFamily::decode_length_delimited(&mut page).expect("it is one"));
    }
    families.iter().map(|family| family.metric.len()).sum()
}

fn by_protobuf(page: &[u8]) -> usize {
    use protobuf::{CodedInputStream, Message as _};

    let mut input = CodedInputStream::from_bytes(page);
    let mut families = Vec::new();
    while !input.eof().expect("it is in memory") {
        let length = input.read_raw_varint64().expect("it is one");
        let before = input.push_limit(length).expect("it is in memory");
        families.push(prometheus::proto::MetricFamily::parse_from(&mut input).expect("it is one"));
        input.pop_limit(before);
    }
    families.iter().map(|family| family.get_metric().len()).sum()
}

fn counted<C: Counters + Messages>(pairs: &'static [Pair]) -> C {
    let family = C::new();
    for &(tenant, path) in pairs {
        family.inc(tenant, path);
    }
    family
}

fn observed<H: Histograms + Messages>(pairs: &'static [Pair]) -> H {
    let family = H::new();
    let latencies = data::latencies();
    for (i, &(tenant, path)) in pairs.iter().enumerate() {
        for step in i..i + 3 {
            family.observe(tenant, path, latencies.at(step));
        }
    }
    family
}

fn written(name: &'static str, page: impl Messages, count: usize) -> Case {
    let mut buffer = Buffer::default();
    page.messages(&mut buffer);
    // A page that lacks series would be written fast. That of ours has gone through a buffer smaller than itself.
    assert!(buffer.streamed > 30 * count || series(&buffer.bytes) == count, "{name} wrote another number of series");
    let buffer = Mutex::new(buffer);
    let case = case!(name, |_, i| {
        let mut buffer = buffer.lock().unwrap_or_else(PoisonError::into_inner);
        buffer.clear();
        page.messages(&mut buffer);
        black_box(&*buffer);
    });
    case.operations(count)
}
