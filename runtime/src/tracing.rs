//! Exemplars from spans of the crate `tracing`: with the feature `tracing`.
//!
//! Spans have no ids that a page could show; those of a trace are fields that the program, or what it traces with, gives
//! them. An [`ExemplarLayer`] keeps them, [`current`] reads those of the span that the caller is in, and a mark with the
//! argument `exemplar` does so by itself:
//!
//! ```
//! use tallymark::Registry;
//! use tallymark::tracing::{ExemplarLayer, current};
//! use tracing_subscriber::layer::SubscriberExt as _;
//!
//! /// Telegrams sent.
//! #[tallymark::counter(exemplar, name = "telegrams_total")]
//! #[tallymark::histogram(exemplar, name = "telegram_duration_seconds", buckets = [0.1, 1.0])]
//! fn send_telegram() {}
//!
//! /// Those of more than a page.
//! #[tallymark::counter(name = "long_telegrams_total")]
//! static LONG: tallymark::Counter;
//!
//! let subscriber = tracing_subscriber::registry().with(ExemplarLayer::new());
//! // What `subscriber.init()` does for the whole program.
//! tracing::subscriber::with_default(subscriber, || {
//!     let request = tracing::info_span!("request", trace_id = "4bf92f3577b34da6a3ce929d0e0e4736");
//!     request.in_scope(|| {
//!         send_telegram();
//!         LONG.inc_with_exemplar(current());
//!     });
//! });
//!
//! for family in Registry::global().gather().iter().filter(|family| family.name().contains("telegram")) {
//!     let exemplar = &family.series()[0].exemplars()[0];
//!     assert!(exemplar.labels().eq([("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736")]));
//! }
//! ```
//!
//! Where `#[tracing::instrument]` stands on the same function, write it below the marks: what is written first is expanded
//! first, and comes to stand within the span. A count that is taken on entry takes the span that is current then,
//! everything else the one that is current at the end.
//!
//! Nothing but marks with `exemplar` and [`current`] asks for a span, so nothing else costs more than without the feature.

use std::fmt;
use std::sync::OnceLock;

use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Dispatch, Subscriber, dispatcher};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::snapshot::Exemplar;

/// Keeps the fields of spans that lead to their trace: a layer of a
/// [`Registry`](https://docs.rs/tracing-subscriber/latest/tracing_subscriber/registry/struct.Registry.html).
///
/// A field may also be given later, by `Span::record`, where it is declared as `tracing::field::Empty`.
pub struct ExemplarLayer {
    fields: Box<[Box<str>]>,
    /// Finds a span of the subscriber below this layer, whose type is known when it is put on that.
    find: OnceLock<Find>,
}

type Find = fn(&Dispatch, &Id, &mut SpanLabels);

/// The fields that are kept unless others are stated.
const FIELDS: [&str; 2] = ["trace_id", "span_id"];

impl ExemplarLayer {
    /// Keeps the fields `trace_id` and `span_id`.
    #[must_use]
    pub fn new() -> Self {
        Self::of_fields(FIELDS)
    }

    /// Keeps fields of these names, which become labels.
    #[must_use]
    pub fn of_fields<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        let mut fields = Vec::new();
        for name in names {
            fields.push(name.into().into_boxed_str());
        }
        Self { fields: fields.into(), find: OnceLock::new() }
    }

    fn read<S: for<'a> LookupSpan<'a>>(&self, span: &SpanRef<'_, S>, record: impl FnOnce(&mut Fields<'_>)) {
        let mut read = Fields { wanted: &self.fields, found: Vec::new() };
        record(&mut read);
        if read.found.is_empty() {
            return;
        }
        let mut extensions = span.extensions_mut();
        match extensions.get_mut::<SpanLabels>() {
            None => extensions.insert(SpanLabels(read.found)),
            Some(labels) => {
                for (name, value) in read.found {
                    labels.0.retain(|(known, _)| *known != name);
                    labels.0.push((name, value));
                }
            }
        }
    }
}

impl Default for ExemplarLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ExemplarLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExemplarLayer").field("fields", &self.fields).finish_non_exhaustive()
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for ExemplarLayer {
    fn on_layer(&mut self, _: &mut S) {
        self.find.get_or_init(|| find::<S>);
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            self.read(&span, |fields| attributes.record(fields));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            self.read(&span, |fields| values.record(fields));
        }
    }
}

/// The labels of a span and of those in which it is; of two of one name that of the inner one.
fn find<S: Subscriber + for<'a> LookupSpan<'a>>(dispatch: &Dispatch, id: &Id, labels: &mut SpanLabels) {
    let Some(span) = dispatch.downcast_ref::<S>().and_then(|subscriber| subscriber.span(id)) else { return };
    for span in span.scope() {
        if let Some(SpanLabels(found)) = span.extensions().get::<SpanLabels>() {
            for (name, value) in found {
                if labels.0.iter().all(|(known, _)| known != name) {
                    labels.0.push((name, value.clone()));
                }
            }
        }
    }
}

/// What the span that the caller is in says of its trace, with what those say in which it is: labels for an exemplar.
///
/// There are none outside of spans, and where no [`ExemplarLayer`] is in place.
#[must_use]
pub fn current() -> SpanLabels {
    let mut labels = SpanLabels(Vec::new());
    dispatcher::get_default(|dispatch| {
        if let Some(layer) = dispatch.downcast_ref::<ExemplarLayer>()
            && let Some(find) = layer.find.get()
            && let Some(id) = dispatch.current_span().id()
        {
            find(dispatch, id, &mut labels);
        }
    });
    labels
}

/// Labels that a span leads to its trace by: see [`current`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpanLabels(Vec<(&'static str, Box<str>)>);

impl SpanLabels {
    /// Whether there are none: an exemplar without labels would lead nowhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl IntoIterator for SpanLabels {
    type Item = (&'static str, Box<str>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Takes those of a span's fields that are wanted.
struct Fields<'a> {
    wanted: &'a [Box<str>],
    found: Vec<(&'static str, Box<str>)>,
}

impl Fields<'_> {
    fn take(&mut self, field: &Field, text: &str) {
        // As long as a whole exemplar is too long, and is dropped as such.
        let end = text.char_indices().nth(Exemplar::MAX_LENGTH + 1).map_or(text.len(), |(end, _)| end);
        self.found.push((field.name(), text[..end].into()));
    }

    fn wants(&self, field: &Field) -> bool {
        self.wanted.iter().any(|wanted| **wanted == *field.name())
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if self.wants(field) {
            self.take(field, value);
        }
    }

    /// Numbers, and what is recorded by `%` or `?`.
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if self.wants(field) {
            self.take(field, &format!("{value:?}"));
        }
    }
}
