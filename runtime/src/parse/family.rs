//! A family while its samples are read.

use std::sync::Arc;

use super::label::Names;
use super::number::Recurring;
use super::page::Format;
use crate::descriptor::MetricKind;
use crate::snapshot::MetricFamily;

/// What a sample says of its series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Its number; of a summary a quantile, of a state set a state.
    Value,
    Bucket,
    Sum,
    Count,
    Created,
}

impl Role {
    /// What the samples of this role add to the name of their family, as the model has it.
    #[inline]
    pub(super) fn suffix(self, kind: MetricKind) -> &'static str {
        match (self, kind) {
            (Self::Value, _) => "",
            (Self::Bucket, _) => "_bucket",
            (Self::Sum, MetricKind::GaugeHistogram) => "_gsum",
            (Self::Sum, _) => "_sum",
            (Self::Count, MetricKind::GaugeHistogram) => "_gcount",
            (Self::Count, _) => "_count",
            (Self::Created, _) => "_created",
        }
    }
}

/// What is known of the family whose samples are read.
#[derive(Debug)]
pub(super) struct Family {
    /// The name as `# TYPE` has it.
    pub(super) base: String,
    pub(super) quoted: bool,
    pub(super) kind: Option<MetricKind>,
    pub(super) help: Option<String>,
    pub(super) unit: Option<String>,
    /// Whether the type is that of a family with this name further up.
    pub(super) recalled: bool,
    /// Where it begins.
    pub(super) line: usize,
    /// Whether there was a sample.
    pub(super) begun: bool,
    pub(super) names: Names,
    pub(super) last: Option<Last>,
    /// Those in the labels in which its samples say which they are.
    pub(super) own_numbers: Recurring,
    /// The bounds and states of the last series: mostly the next one has the same.
    pub(super) bounds: Option<Arc<[f64]>>,
    pub(super) states: Option<Arc<[Arc<str>]>>,
}

/// What is known of the last line that was a sample of the family.
#[derive(Clone, Copy, Debug)]
pub(super) struct Last {
    pub(super) role: Role,
    /// Which of its labels is not the series' own.
    pub(super) own: Option<usize>,
    /// How many labels the series has, where they stand in front of the one that is not.
    pub(super) leading: Option<usize>,
}

impl Family {
    #[inline]
    pub(super) fn new(base: String, quoted: bool, kind: Option<MetricKind>, line: usize) -> Self {
        Self {
            base,
            quoted,
            kind,
            help: None,
            unit: None,
            recalled: false,
            line,
            begun: false,
            names: Names::default(),
            last: None,
            own_numbers: Recurring::default(),
            bounds: None,
            states: None,
        }
    }

    #[inline]
    pub(super) fn kind(&self) -> MetricKind {
        self.kind.unwrap_or(MetricKind::Unknown)
    }

    /// The family without series. A counter and an info are called as their samples.
    #[inline]
    pub(super) fn head(&self, format: Format) -> MetricFamily {
        let suffix = match (format, self.kind()) {
            (Format::OpenMetrics, MetricKind::Counter) => "_total",
            (Format::OpenMetrics, MetricKind::Info) => "_info",
            _ => "",
        };
        MetricFamily {
            name: [&self.base, suffix].concat(),
            help: self.help.clone().unwrap_or_default(),
            kind: self.kind(),
            unit: self.unit.clone().filter(|unit| !unit.is_empty()),
            series: Vec::new(),
            only: None,
        }
    }

    /// What a sample with this name says, if it is one of this family's.
    #[inline]
    pub(super) fn role(&self, format: Format, name: &str) -> Option<Role> {
        role(format, self.kind(), name.strip_prefix(self.base.as_str())?)
    }

    /// The label in which samples of this role say which of several they are.
    #[inline]
    pub(super) fn own_label(&self, role: Role) -> Option<&str> {
        match (self.kind(), role) {
            (_, Role::Bucket) => Some("le"),
            (MetricKind::Summary, Role::Value) => Some("quantile"),
            (MetricKind::StateSet, _) => Some(&self.base),
            _ => None,
        }
    }

    /// The one that the labels of this type's series can't be called as.
    #[inline]
    pub(super) fn reserved_label(&self) -> Option<&'static str> {
        match self.kind() {
            MetricKind::Histogram | MetricKind::GaugeHistogram => Some("le"),
            MetricKind::Summary => Some("quantile"),
            _ => None,
        }
    }
}

/// What a sample says by what its name adds to the family's (`OpenMetrics` 1.0.0, "Suffixes"; in the text format, which
/// has no gauge histograms, those of Prometheus' Go library end as histograms).
#[inline]
pub(super) fn role(format: Format, kind: MetricKind, suffix: &str) -> Option<Role> {
    let openmetrics = format == Format::OpenMetrics;
    let distribution = matches!(kind, MetricKind::Histogram | MetricKind::Summary);
    let gauge_histogram = kind == MetricKind::GaugeHistogram;
    match suffix {
        "" => match kind {
            MetricKind::Counter => !openmetrics,
            MetricKind::Gauge | MetricKind::Summary | MetricKind::StateSet | MetricKind::Unknown => true,
            MetricKind::Histogram | MetricKind::Info | MetricKind::GaugeHistogram => false,
        }
        .then_some(Role::Value),
        "_bucket" => (kind == MetricKind::Histogram || gauge_histogram).then_some(Role::Bucket),
        "_sum" => (distribution || (gauge_histogram && !openmetrics)).then_some(Role::Sum),
        "_count" => (distribution || (gauge_histogram && !openmetrics)).then_some(Role::Count),
        "_gsum" => gauge_histogram.then_some(Role::Sum),
        "_gcount" => gauge_histogram.then_some(Role::Count),
        "_total" => (openmetrics && kind == MetricKind::Counter).then_some(Role::Value),
        "_info" => (openmetrics && kind == MetricKind::Info).then_some(Role::Value),
        "_created" => (openmetrics && kind.has_created()).then_some(Role::Created),
        _ => None,
    }
}
