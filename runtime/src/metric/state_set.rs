//! State sets.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::api::metric_api;
use super::beside::Beside;
use super::builder::MetricBuilder;
use super::core::{Core, FamilyShape, Metric, MetricCell, Room, Shown, read, sealed};
use super::spec::Spec;
use crate::collector::{Collected, Collector, IntoCollector};
use crate::descriptor::{Descriptor, DescriptorRef, MetricKind, Site};
use crate::error::Error;
use crate::label::{Held, LabelTuple, LabelValue, Labels};
use crate::snapshot::{SeriesValue, SeriesView, SeriesVisitor};
use crate::storage::{Blocks, Kind, Scratch, Series, SignedGauge};

/// Which of several states something is in: a task that is starting, running or stopped.
///
/// `E` is an enum with `#[derive(LabelValue)]`, whose variants are the states; it begins in the first. `L` is the struct
/// of its labels. Every state is a series, which reads 1 or 0; the label in which the states stand is called as the
/// metric.
///
/// ```
/// use tallymark::{LabelValue, Registry, StateSet, exposition::text};
///
/// #[derive(Clone, Copy, LabelValue)]
/// enum TaskState { Starting, Running, Stopped }
///
/// let registry = Registry::new();
/// let task = StateSet::<TaskState>::new("task_state", "What the task does.")?;
/// registry.register(&task)?;
/// task.set(TaskState::Running);
/// assert!(text::encode(&registry.gather()).ends_with("\
/// task_state{task_state=\"starting\"} 0
/// task_state{task_state=\"running\"} 1
/// task_state{task_state=\"stopped\"} 0
/// "));
/// # let _ = (TaskState::Starting, TaskState::Stopped);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct StateSet<E: LabelValue + 'static, L: Labels = ()> {
    core: Core<L, States<E>>,
}

/// One series of a [`StateSet`]. Its clones are in the same state.
pub struct StateSetSeries<E> {
    series: Series,
    state: PhantomData<fn() -> E>,
}

/// The number of the state, as a gauge that is set.
pub(crate) struct States<E>(PhantomData<fn() -> E>);

impl<E: LabelValue + 'static> Kind for States<E> {
    type Shape = ();
    type Reading = i64;
    const IS_GAUGE: bool = true;

    fn width((): ()) -> u32 {
        SignedGauge::width(())
    }

    fn read(series: Series, (): (), blocks: &Blocks, scratch: &mut Scratch) -> Option<i64> {
        SignedGauge::read(series, (), blocks, scratch)
    }
}

impl<E: LabelValue + 'static> MetricCell for States<E> {
    const KIND: MetricKind = MetricKind::StateSet;
    const FAULT: Option<&'static str> = fault::<E>();

    type Beside = Names<E>;

    fn shape(_: FamilyShape<'_>) {}

    fn show(shown: &Shown<'_, Self>, room: &mut Room, visitor: &mut dyn SeriesVisitor) -> ControlFlow<()> {
        let Some(state) = shown.read(&mut room.cells) else { return ControlFlow::Continue(()) };
        let states = &shown.beside.states;
        room.states.clear();
        room.states.extend((0..).take(states.len()).map(|index: i64| index == state));
        visitor.series(&SeriesView::new(shown.labels(), SeriesValue::StateSet { states, on: &room.states }))
    }
}

/// Why something can't be the states of anything.
const fn fault<E: LabelValue>() -> Option<&'static str> {
    if !matches!(E::CARDINALITY, Some(1..)) {
        return Some(
            "the states of a `StateSet` must be known when the program is compiled; write `#[derive(tallymark::LabelValue)]` on an enum with a variant for each",
        );
    }
    if E::AMBIGUOUS {
        return Some("two states read alike; give one of them another text: `#[label(\"…\")]`");
    }
    if E::HAS_EMPTY {
        return Some(
            "a state reads as the empty text, which Prometheus takes for no label at all; give it a text: `#[label(\"…\")]`, or a variant of its own instead of `None`",
        );
    }
    None
}

/// The states of a family.
pub(crate) struct Names<E> {
    states: Arc<[Arc<str>]>,
    state: PhantomData<fn() -> E>,
}

impl<E: LabelValue + 'static> Beside for Names<E> {
    fn of_family(_: &Descriptor, _: FamilyShape<'_>) -> Self {
        Self { states: (0..E::CARDINALITY.unwrap_or_default()).map(text::<E>).collect(), state: PhantomData }
    }
}

fn text<E: LabelValue>(index: usize) -> Arc<str> {
    let mut text = String::new();
    // A `String` takes anything.
    let _ = E::write_index(index, &mut text);
    text.into()
}

metric_api!(StateSet, <E: LabelValue, L: Labels>, StateSet<E, L>, States<E>, StateSetSeries<E>, |_core, series| {
    StateSetSeries { series, state: PhantomData }
});

impl<E: LabelValue + 'static> StateSet<E> {
    /// A state set without labels, made at run time. Its site is the caller's.
    ///
    /// # Errors
    /// Where the name breaks the data model's rules for metrics or for labels, since it is both.
    #[track_caller]
    pub fn new(name: impl Into<Cow<'static, str>>, help: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        Self::builder(name, help).build()
    }

    /// Defines a state set with labels at run time. Its site is the caller's.
    #[track_caller]
    pub fn builder(name: impl Into<Cow<'static, str>>, help: impl Into<Cow<'static, str>>) -> MetricBuilder<Self> {
        MetricBuilder::new(name.into(), help.into(), Site::caller())
    }
}

impl<E: LabelValue + 'static, L: Labels + 'static> MetricBuilder<StateSet<E, L>> {
    /// States the labels.
    pub fn labels<N: Labels + 'static>(self) -> MetricBuilder<StateSet<E, N>> {
        self.into_other()
    }
}

/// The same methods on the one series of a state set without labels, and on a series of one with them.
macro_rules! state_set_methods {
    ($on:ty, |$this:ident| $series:expr) => {
        impl<E: LabelValue + 'static> $on {
            /// Goes into a state, and out of the one that it was in.
            #[doc(alias = "state")]
            pub fn set(&self, state: E) {
                let $this = self;
                $series.set_signed(i64::try_from(state.index()).unwrap_or_default());
            }

            /// Whether it is in a state.
            #[must_use]
            pub fn is(&self, state: E) -> bool {
                i64::try_from(state.index()) == Ok(self.number())
            }

            /// The text of the state that it is in.
            #[must_use]
            pub fn get(&self) -> String {
                text::<E>(usize::try_from(self.number()).unwrap_or_default()).as_ref().to_owned()
            }

            fn number(&self) -> i64 {
                let $this = self;
                read::<States<E>>($series, ()).unwrap_or_default()
            }
        }
    };
}

state_set_methods!(StateSet<E>, |this| this.core.only());
state_set_methods!(StateSetSeries<E>, |this| this.series);

impl<E> Clone for StateSetSeries<E> {
    fn clone(&self) -> Self {
        Self { series: self.series, state: PhantomData }
    }
}

impl<E: LabelValue + 'static> fmt::Debug for StateSetSeries<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StateSetSeries({})", self.get())
    }
}
