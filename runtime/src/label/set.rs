//! Sets of labels.

use super::tuple::LabelTuple;

/// A set of labels: a struct whose fields are the labels.
///
/// ```
/// use tallymark::{Counter, LabelValue, Labels};
///
/// #[derive(Clone, Copy, LabelValue)]
/// enum Method { Get, Post }
///
/// #[derive(Labels)]
/// struct HttpLabels { method: Method, #[label("path")] route: &'static str }
///
/// /// Requests served.
/// #[tallymark::counter(name = "http_requests_total")]
/// static REQUESTS: Counter<HttpLabels>;
///
/// REQUESTS.with(&HttpLabels { method: Method::Get, route: "/" }).inc();
/// # assert_eq!(REQUESTS.with(&HttpLabels { method: Method::Get, route: "/" }).get(), 1);
/// # let _ = Method::Post;
/// ```
///
/// The struct may borrow: declare the metric with `'static`, and [`with`](crate::Counter::with) takes the struct with
/// any lifetime. A field is called like its label, or renamed by `#[label("…")]`; `#[label(display)]` writes a field by
/// its `Display`; `#[label("http.method", allow_utf8)]` allows any characters in the name (see
/// [`LabelName::utf8`](crate::LabelName::utf8)). At most 12 labels. `le`, `quantile` and names that begin with `__` are no metric's; in Python's
/// client histograms and summaries alone lack the first two.
///
/// Where every label is finite and there are up to 100 combinations, all of them show at 0 from the first scrape,
/// unless `init` says otherwise. In Python's client a series shows once its labels have been named.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no set of labels",
    label = "is no set of labels",
    note = "write `#[derive(tallymark::Labels)]` on a struct whose fields are the labels, and name that struct here"
)]
pub trait Labels {
    /// The same struct with another lifetime.
    #[doc(hidden)]
    type With<'a>: Labels;
    /// The types of the fields.
    #[doc(hidden)]
    type Values: LabelTuple;
    /// The fields, borrowed.
    #[doc(hidden)]
    type Refs<'s>: LabelTuple
    where
        Self: 's;
    /// The names, in the order of the fields.
    #[doc(hidden)]
    const NAMES: &'static [&'static str];

    #[doc(hidden)]
    fn refs(&self) -> Self::Refs<'_>;
}

#[diagnostic::do_not_recommend]
impl Labels for () {
    type With<'a> = ();
    type Values = ();
    type Refs<'s> = ();
    const NAMES: &'static [&'static str] = &[];

    fn refs(&self) {}
}

/// The labels of a marked function: their names stand in its [`Spec`](crate::__private::Spec).
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Positional<T>(pub T);

impl<T: LabelTuple> Labels for Positional<T> {
    type With<'a> = Self;
    type Values = T;
    type Refs<'s>
        = &'s T
    where
        Self: 's;
    const NAMES: &'static [&'static str] = &[];

    fn refs(&self) -> &T {
        &self.0
    }
}
