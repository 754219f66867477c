//! The formats that a page can be in.

/// A format of pages, and how it writes names that older readers don't know.
///
/// ```
/// use tallymark::exposition::{Escaping, Format};
///
/// let format = Format::OPENMETRICS_1_0_0.with_escaping(Escaping::AllowUtf8);
/// assert_eq!(
///     format.content_type(),
///     "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Format {
    pub(super) syntax: Syntax,
    escaping: Escaping,
    created: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Syntax {
    Text0_0_4,
    Text1_0_0,
    OpenMetrics0_0_1,
    OpenMetrics1_0_0,
    Protobuf,
}

/// How names are written that aren't of ASCII letters, digits, `_` and `:`.
///
/// (<https://prometheus.io/docs/instrumenting/escaping_schemes/>; where the text and Prometheus' code differ, as the code
/// has it.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Escaping {
    /// As they are, in quotes.
    AllowUtf8,
    /// Each other character as `_`. That is what readers get who don't ask.
    #[default]
    Underscores,
    /// A `.` as `_dot_`, `_` as `__`, each other character as `__`.
    Dots,
    /// Behind `U__`: `_` as `__`, each other character as its number in hexadecimal between underscores.
    Values,
}

impl Format {
    /// Prometheus' text format, version 0.0.4: what every scraper reads.
    /// (<https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>)
    pub const TEXT_0_0_4: Self = Self::of(Syntax::Text0_0_4);

    /// Prometheus' text format, version 1.0.0, in which names may be of any characters.
    pub const TEXT_1_0_0: Self = Self::of(Syntax::Text1_0_0);

    /// `OpenMetrics`, version 0.0.1: as 1.0.0, by the name that it had before.
    pub const OPENMETRICS_0_0_1: Self = Self::of(Syntax::OpenMetrics0_0_1);

    /// `OpenMetrics`, version 1.0.0.
    /// (<https://prometheus.io/docs/specs/om/open_metrics_spec/>)
    pub const OPENMETRICS_1_0_0: Self = Self::of(Syntax::OpenMetrics1_0_0);

    /// Messages `io.prometheus.client.MetricFamily`, each behind its length: the only one that has native histograms.
    /// (<https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto>)
    pub const PROTOBUF: Self = Self::of(Syntax::Protobuf);

    const fn of(syntax: Syntax) -> Self {
        let created = !matches!(syntax, Syntax::Text0_0_4 | Syntax::Text1_0_0);
        Self { syntax, escaping: Escaping::Underscores, created }
    }

    /// The same with this escaping. Text 0.0.4 and `OpenMetrics` 0.0.1 have no names in quotes: there
    /// [`Escaping::AllowUtf8`] is [`Escaping::Underscores`].
    #[must_use]
    pub const fn with_escaping(self, escaping: Escaping) -> Self {
        let quotes = !matches!(self.syntax, Syntax::Text0_0_4 | Syntax::OpenMetrics0_0_1);
        let escaping = match escaping {
            Escaping::AllowUtf8 if !quotes => Escaping::Underscores,
            escaping => escaping,
        };
        Self { escaping, ..self }
    }

    /// How it writes names.
    #[must_use]
    pub const fn escaping(self) -> Escaping {
        self.escaping
    }

    /// The same, and whether it says when each series began to count. `OpenMetrics` and protobuf do unless told
    /// otherwise; the text formats don't unless asked, and then as gauges, as Python's client does.
    #[must_use]
    pub const fn with_created(self, created: bool) -> Self {
        Self { created, ..self }
    }

    /// Whether it says when each series began to count.
    #[must_use]
    pub const fn created(self) -> bool {
        self.created
    }

    pub(super) const fn is_openmetrics(self) -> bool {
        matches!(self.syntax, Syntax::OpenMetrics0_0_1 | Syntax::OpenMetrics1_0_0)
    }

    /// Its `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match (self.syntax, self.escaping) {
            (Syntax::Text0_0_4, _) => "text/plain; version=0.0.4; charset=utf-8",
            (Syntax::Text1_0_0, Escaping::AllowUtf8) => {
                "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
            }
            (Syntax::Text1_0_0, Escaping::Underscores) => {
                "text/plain; version=1.0.0; charset=utf-8; escaping=underscores"
            }
            (Syntax::Text1_0_0, Escaping::Dots) => "text/plain; version=1.0.0; charset=utf-8; escaping=dots",
            (Syntax::Text1_0_0, Escaping::Values) => "text/plain; version=1.0.0; charset=utf-8; escaping=values",
            (Syntax::OpenMetrics0_0_1, _) => "application/openmetrics-text; version=0.0.1; charset=utf-8",
            (Syntax::OpenMetrics1_0_0, Escaping::AllowUtf8) => {
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
            }
            (Syntax::OpenMetrics1_0_0, Escaping::Underscores) => {
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
            }
            (Syntax::OpenMetrics1_0_0, Escaping::Dots) => {
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=dots"
            }
            (Syntax::OpenMetrics1_0_0, Escaping::Values) => {
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=values"
            }
            (Syntax::Protobuf, Escaping::Underscores) => {
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
            }
            (Syntax::Protobuf, Escaping::AllowUtf8) => {
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=allow-utf-8"
            }
            (Syntax::Protobuf, Escaping::Dots) => {
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=dots"
            }
            (Syntax::Protobuf, Escaping::Values) => {
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=values"
            }
        }
    }
}

impl Escaping {
    /// The word for it in `Accept` and `Content-Type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AllowUtf8 => "allow-utf-8",
            Self::Underscores => "underscores",
            Self::Dots => "dots",
            Self::Values => "values",
        }
    }
}
