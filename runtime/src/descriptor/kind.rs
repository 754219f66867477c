//! The types of metric families, and what they mean for names.

use std::fmt;

/// The type of a metric family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MetricKind {
    /// A number that only goes up.
    Counter,
    /// A number that goes up and down.
    Gauge,
    /// Observations, counted in buckets.
    Histogram,
    /// Observations: how many, their sum, and quantiles if asked for.
    Summary,
    /// Texts that don't change while a program runs, as labels.
    Info,
    /// States, each of which holds or doesn't.
    StateSet,
    /// What is there now, counted in buckets: a histogram that goes up and down.
    GaugeHistogram,
    /// A number of which nobody said what it is.
    Unknown,
}

impl MetricKind {
    /// What the names of this type's families end in that isn't part of the name for the whole family.
    const fn ending(self) -> &'static str {
        match self {
            Self::Counter => "_total",
            Self::Info => "_info",
            Self::Gauge | Self::Histogram | Self::Summary | Self::StateSet | Self::GaugeHistogram | Self::Unknown => "",
        }
    }

    /// What every name of this type's families ends in.
    pub(crate) const fn required_ending(self) -> &'static str {
        if matches!(self, Self::Info) { "_info" } else { "" }
    }

    /// The name that stands for a whole family of this type in any format: a counter's ends in `_total` in some only,
    /// and an info's in `_info`.
    pub(crate) fn base(self, name: &str) -> &str {
        name.strip_suffix(self.ending()).unwrap_or(name)
    }

    /// The same for a name in parts.
    pub(super) fn base_of_parts(self, name: crate::name::NameParts<'_>) -> crate::name::NameParts<'_> {
        name.without(self.ending()).unwrap_or(name)
    }

    /// What families of this type add to their base: each takes the base itself, and those of its samples in any format
    /// (`OpenMetrics` 1.0.0, "Suffixes").
    pub(crate) const fn suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Counter => &["", "_total", "_created"],
            Self::Gauge | Self::StateSet | Self::Unknown => &[""],
            Self::Histogram => &["", "_bucket", "_sum", "_count", "_created"],
            Self::Summary => &["", "_sum", "_count", "_created"],
            Self::Info => &["", "_info"],
            Self::GaugeHistogram => &["", "_bucket", "_gsum", "_gcount"],
        }
    }

    /// What the samples of this type add to the family's name.
    pub(crate) const fn sample_suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Counter | Self::Gauge | Self::Info | Self::StateSet | Self::Unknown => &[""],
            Self::Histogram => &["_bucket", "_sum", "_count"],
            Self::Summary => &["", "_sum", "_count"],
            Self::GaugeHistogram => &["_bucket", "_gsum", "_gcount"],
        }
    }

    /// Whether its series say when they began to count (`OpenMetrics` 1.0.0, "Metric Types").
    pub(crate) const fn has_created(self) -> bool {
        matches!(self, Self::Counter | Self::Histogram | Self::Summary)
    }

    /// Whether its families may have a unit (`OpenMetrics` 1.0.0, "Unit": not those of infos and state sets).
    pub(crate) const fn has_unit(self) -> bool {
        !matches!(self, Self::Info | Self::StateSet)
    }

    /// The word that `OpenMetrics` has for it in `# TYPE`. The text format has fewer: there an info and a state set are
    /// gauges, a gauge histogram is a histogram, and what is unknown is `untyped`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
            Self::Info => "info",
            Self::StateSet => "stateset",
            Self::GaugeHistogram => "gaugehistogram",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for MetricKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
