//! metriken. Its families have no lookup: whoever makes a member keeps it.

use metriken::{CounterFamily, CounterMember, metric};
use metriken_exposition::{PrometheusOptions, prometheus_text};

use super::{Buffer, Page};
use crate::data::Pair;

#[metric(name = "requests_total", description = "Requests served.")]
static REQUESTS: CounterFamily = CounterFamily::new();

/// Members of the family, which leave it when they are dropped.
pub(crate) struct Members {
    members: Vec<CounterMember<'static>>,
}

pub(crate) fn member((tenant, path): (&str, &str)) -> CounterMember<'static> {
    REQUESTS.member([("tenant", tenant), ("path", path)])
}

impl Members {
    pub(crate) fn new(pairs: &[Pair]) -> Self {
        Self { members: pairs.iter().map(|&pair| member(pair)).collect() }
    }

    pub(crate) fn inc_all(&self) {
        for member in &self.members {
            member.increment();
        }
    }
}

impl Page for Members {
    fn page(&self, buffer: &mut Buffer) {
        buffer.text = prometheus_text(&PrometheusOptions::default());
    }
}
