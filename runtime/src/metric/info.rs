//! Infos.

use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::api::metric_api;
use super::beside::{Attached, Beside};
use super::builder::MetricBuilder;
use super::core::{Core, FamilyShape, Metric, MetricCell, Room, Shown, sealed};
use super::spec::Spec;
use crate::collector::{Collected, Collector, IntoCollector};
use crate::descriptor::{Descriptor, DescriptorRef, MetricKind, Site};
use crate::error::Error;
use crate::escape::push_label;
use crate::label::{Held, LabelTuple, LabelValue, Labels};
use crate::name::{LabelName, same_label, same_label_fault};
use crate::snapshot::{Number, SeriesValue, SeriesView, SeriesVisitor};
use crate::storage::{Blocks, Kind, Scratch, Series, SignedGauge};

/// Texts that seldom change while a program runs, such as its version: they are the labels of a series whose value is
/// always 1.
///
/// `L` is the struct of the labels that tell several of them apart, if there are several. The name ends in `_info`.
///
/// ```
/// use tallymark::{Info, Registry, exposition::text};
///
/// let registry = Registry::new();
/// let build = Info::new("shop_build", "How the shop was built.")?;
/// registry.register(&build)?;
/// build.set([("version", "1.4.0"), ("branch", "main")])?;
/// assert!(text::encode(&registry.gather()).contains("shop_build_info{version=\"1.4.0\",branch=\"main\"} 1\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Info<L: Labels = ()> {
    core: Core<L, Infos>,
}

/// One series of an [`Info`]. Its clones say the same.
pub struct InfoSeries {
    texts: Arc<Texts>,
}

/// Nothing of an info stands in cells: they are those of a gauge, and nobody counts there.
pub(crate) struct Infos;

impl Kind for Infos {
    type Shape = ();
    type Reading = i64;

    fn width((): ()) -> u32 {
        SignedGauge::width(())
    }

    fn read(series: Series, (): (), blocks: &Blocks, scratch: &mut Scratch) -> Option<i64> {
        SignedGauge::read(series, (), blocks, scratch)
    }
}

impl MetricCell for Infos {
    const KIND: MetricKind = MetricKind::Info;

    type Beside = Said;

    fn shape(_: FamilyShape<'_>) {}

    fn show(shown: &Shown<'_, Self>, room: &mut Room, visitor: &mut dyn SeriesVisitor) -> ControlFlow<()> {
        let texts = shown.beside.texts.find(shown.series());
        // Behind that: who removes it takes its texts away after it.
        if !shown.series().is_there() {
            return ControlFlow::Continue(());
        }
        room.labels.clear();
        room.labels.push_str(shown.labels());
        if let Some(texts) = texts {
            texts.lock().iter().for_each(|(name, text)| push_label(&mut room.labels, name.as_str(), text));
        }
        visitor.series(&SeriesView::new(&room.labels, SeriesValue::Number(Number::Unsigned(1))))
    }
}

/// What the series of an info say.
pub(crate) struct Said {
    texts: Attached<Texts>,
    names: Arc<Names>,
}

struct Names {
    /// Of the info.
    info: String,
    /// Of its labels, which no text may have.
    labels: Vec<String>,
    /// Whether those of texts may have any characters.
    utf8: bool,
}

impl Beside for Said {
    fn of_family(descriptor: &Descriptor, _: FamilyShape<'_>) -> Self {
        let labels = descriptor.label_names().map(ToOwned::to_owned).collect();
        let names = Names { info: descriptor.name().to_owned(), labels, utf8: descriptor.allows_utf8() };
        Self { texts: Attached::default(), names: Arc::new(names) }
    }

    fn forget(&self, series: Series) {
        self.texts.forget(series);
    }

    fn forget_removed(&self) {
        self.texts.forget_removed();
    }
}

impl Said {
    fn of(&self, series: Series) -> InfoSeries {
        InfoSeries { texts: self.texts.of(series, || Texts { names: Arc::clone(&self.names), said: Mutex::default() }) }
    }
}

struct Texts {
    names: Arc<Names>,
    said: Mutex<Vec<(LabelName, String)>>,
}

impl Texts {
    fn lock(&self) -> MutexGuard<'_, Vec<(LabelName, String)>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self) -> Vec<(String, String)> {
        let mut said = Vec::new();
        for (name, text) in self.lock().iter() {
            said.push((name.to_string(), text.clone()));
        }
        said
    }

    #[track_caller]
    fn set(&self, texts: impl Iterator<Item = (Cow<'static, str>, String)>) -> Result<(), Error> {
        let Names { info, labels, utf8 } = &*self.names;
        let site = Site::caller();
        let refuse = |fault: &dyn fmt::Display| Error::new(format!("the info `{info}`: {fault}")).at(site);
        let mut said: Vec<(LabelName, String)> = Vec::new();
        for (name, text) in texts {
            let name = LabelName::checked(name, *utf8).map_err(|fault| refuse(&fault))?;
            if labels.iter().any(|label| label == name.as_str()) {
                return Err(refuse(&format_args!("`{name}` is one of its labels; call the text something else")));
            }
            if said.iter().any(|(taken, _)| *taken == name) {
                return Err(refuse(&format_args!("it can't say two texts called `{name}`; drop one of them")));
            }
            let mut taken = labels.iter().map(String::as_str).chain(said.iter().map(|(taken, _)| taken.as_str()));
            if let Some(taken) = taken.find(|taken| same_label(taken, name.as_str())) {
                return Err(refuse(&same_label_fault(taken, name.as_str())));
            }
            said.push((name, text));
        }
        *self.lock() = said;
        Ok(())
    }
}

metric_api!(Info, <L: Labels>, Info<L>, Infos, InfoSeries, |core, series| core.beside().of(series));

impl Info {
    /// An info without labels, made at run time. Its site is the caller's. Where the name doesn't end in `_info`, that is
    /// appended.
    ///
    /// # Errors
    /// Where the name breaks the data model's rules.
    #[track_caller]
    pub fn new(name: impl Into<Cow<'static, str>>, help: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        Self::builder(name, help).build()
    }

    /// Defines an info with labels at run time. Its site is the caller's.
    #[track_caller]
    pub fn builder(name: impl Into<Cow<'static, str>>, help: impl Into<Cow<'static, str>>) -> MetricBuilder<Self> {
        MetricBuilder::new(name.into(), help.into(), Site::caller())
    }

    fn only(&self) -> InfoSeries {
        self.core.beside().of(self.core.only())
    }
}

impl<L: Labels + 'static> MetricBuilder<Info<L>> {
    /// States the labels.
    pub fn labels<N: Labels + 'static>(self) -> MetricBuilder<Info<N>> {
        self.into_other()
    }
}

/// The same methods on the one series of an info without labels, and on a series of one with them.
macro_rules! info_methods {
    ($on:ty, |$this:ident| $series:expr) => {
        impl $on {
            /// Says these texts, and nothing of what it said before: names, which are those of labels, and what they
            /// read.
            ///
            /// # Errors
            /// Where a name breaks the data model's rules, repeats, or is that of a label. It says what it said before.
            #[doc(alias = "info")]
            #[track_caller]
            pub fn set<N: Into<Cow<'static, str>>, T: Into<String>>(
                &self,
                texts: impl IntoIterator<Item = (N, T)>,
            ) -> Result<(), Error> {
                let $this = self;
                $series.texts.set(texts.into_iter().map(|(name, text)| (name.into(), text.into())))
            }

            /// What it says.
            #[must_use]
            pub fn get(&self) -> Vec<(String, String)> {
                let $this = self;
                $series.texts.get()
            }
        }
    };
}

info_methods!(Info, |this| this.only());
info_methods!(InfoSeries, |this| this);

impl Clone for InfoSeries {
    fn clone(&self) -> Self {
        Self { texts: Arc::clone(&self.texts) }
    }
}

impl fmt::Debug for InfoSeries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.get()).finish()
    }
}
