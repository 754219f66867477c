//! One family of counters by two open labels of each contender, for workloads that take them one at a time.

use super::{
    Counters, Page, fastmetrics as fastmetrics_peer, foundations, measured as measured_peer, metrics,
    opentelemetry as otel, prometheus as prometheus_peer, prometheus_client as client, tallymark as ours,
};

/// What can be done with any of them.
pub(crate) trait Visitor {
    type Output;

    fn visit<C: Counters + Page>(self) -> Self::Output;
}

/// Those that are looked up with labels and write a page.
pub(crate) const NAMES: [&str; 9] = [
    "tallymark",
    "prometheus-client",
    "prometheus",
    "metrics",
    "measured",
    "fastmetrics",
    "fast-telemetry",
    "foundations-metrics",
    "opentelemetry_sdk",
];

pub(crate) fn visit<V: Visitor>(name: &str, visitor: V) -> V::Output {
    match name {
        "tallymark" => visitor.visit::<ours::Family<tallymark::Counter<ours::Place<'static>>>>(),
        "prometheus-client" => visitor.visit::<client::CounterFamily>(),
        "prometheus" => visitor.visit::<prometheus_peer::Family<prometheus::IntCounterVec>>(),
        "metrics" => visitor.visit::<metrics::Family<false>>(),
        "measured" => visitor.visit::<measured::CounterVec<measured_peer::PlaceSet>>(),
        "fastmetrics" => visitor.visit::<fastmetrics_peer::Family<fastmetrics::metrics::counter::Counter>>(),
        "fast-telemetry" => visitor.visit::<fast_telemetry::DynamicCounter>(),
        "foundations-metrics" => visitor.visit::<foundations::CounterFamily>(),
        "opentelemetry_sdk" => visitor.visit::<otel::Family<opentelemetry::metrics::Counter<u64>>>(),
        _ => unreachable!("the parent names one of `NAMES`"),
    }
}
