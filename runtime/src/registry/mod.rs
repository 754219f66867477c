//! Registries: which families stand on a page.
//!
//! A registry owns its collectors. Registering asks a collector what it will show, checks that against all that is
//! there, and changes something only then. Gathering asks each collector for its families, one after the other, and
//! keeps what can stand on one page.

mod builder;
mod by_name;
mod conflict;
mod constant;
mod error;
mod failures;
mod gather;
mod member;
mod names;
mod page;
#[cfg_attr(not(feature = "http"), expect(dead_code, reason = "nobody serves it"))]
mod serving;
mod state;

use std::any::Any;
use std::borrow::Borrow;
use std::fmt;
use std::panic::Location;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

pub use builder::RegistryBuilder;
pub use conflict::{Collision, Collisions};
pub use error::{MissingCrates, RegisterError};

use crate::collector::{Collected, Collector, IntoCollector};
use crate::descriptor::{Descriptor, Site};
use crate::linked;
use crate::snapshot::{MetricFamily, Page};
use crate::storage::Counted;
use constant::ConstLabels;
use failures::Failures;
use gather::Shown;
use member::{Custom, Described, Members};
use page::Families;
use serving::Serving;
use state::{Provided, State};

/// A set of collectors that are shown together. Its clones are handles to the same set.
///
/// ```
/// use tallymark::{Gauge, Registry};
///
/// let registry = Registry::new();
/// let free = Gauge::new("disk_free_bytes", "Free space.")?;
/// registry.register(&free)?;
/// free.set(4096.0);
/// assert_eq!(registry.gather()[0].name(), "disk_free_bytes");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
}

struct Inner {
    auto_describe: bool,
    /// Whether this is the global one, which also shows how it fares itself.
    global: bool,
    const_labels: ConstLabels,
    state: RwLock<State>,
    failures: Failures,
    serving: Serving,
}

/// A collector in a registry: what [`Registry::unregister`] takes.
#[derive(Clone)]
pub struct Registered {
    registry: Weak<Inner>,
    id: u64,
}

impl Registered {
    /// Takes the collector out of its registry; says whether it was still there.
    #[expect(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn unregister(&self) -> bool {
        self.registry.upgrade().is_some_and(|inner| Registry { inner }.unregister(self))
    }
}

impl fmt::Debug for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registered").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Registry {
    /// A registry with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Options for a new registry.
    pub fn builder() -> RegistryBuilder {
        RegistryBuilder::default()
    }

    /// The registry of every marked metric of every crate that is linked into the program. It also has
    /// [`collectors::BuildInfo`](crate::collectors::BuildInfo) and, on Linux,
    /// [`collectors::Process`](crate::collectors::Process) from the start.
    #[must_use]
    pub fn global() -> &'static Self {
        static GLOBAL: OnceLock<Registry> = OnceLock::new();
        GLOBAL.get_or_init(|| {
            let mut state = State::of_linked(linked::entries());
            if !state.collisions.is_empty() {
                // Which of two is the earlier must depend on the source alone; where none collide, no order is needed.
                state = State::of_linked(linked::sorted(linked::entries().to_vec()).leak());
            }
            Self::with(true, true, ConstLabels::none(), state)
        })
    }

    fn with(auto_describe: bool, global: bool, const_labels: ConstLabels, state: State) -> Self {
        let (failures, serving) = Default::default();
        let state = RwLock::new(state);
        Self { inner: Arc::new(Inner { auto_describe, global, const_labels, state, failures, serving }) }
    }

    /// Registers a metric by reference, or a collector by value. Everything is checked before anything changes.
    ///
    /// # Errors
    /// Where a family of it collides with one that is there, or two of its own do; where `describe`, or `collect` under
    /// [`auto_describe`](RegistryBuilder::auto_describe), panics or gives what breaks a rule. The registry is as it was.
    #[track_caller]
    pub fn register(&self, collector: impl IntoCollector) -> Result<Registered, RegisterError> {
        self.take_in(collector.into_collector(), Location::caller())
    }

    fn take_in(
        &self,
        collector: Arc<dyn Collector>,
        location: &'static Location<'static>,
    ) -> Result<Registered, RegisterError> {
        let id = if collector.__descriptor().is_some() {
            let taken_in = self.write().take_in_own(Arc::clone(&collector), &self.inner.const_labels);
            // What is refused is dropped outside the lock: a gauge owns its function, which may own a registry.
            drop(collector);
            taken_in.map_err(RegisterError::of_collisions)?
        } else {
            // Outside the lock: a collector may use the registry.
            let site = Site::at(location);
            let families = Described::Families(self.described(&*collector, site)?);
            let custom = Custom { collector, families, site };
            let taken_in = self.write().take_in(custom, &self.inner.const_labels);
            // What is refused is dropped outside it, as above.
            taken_in.map_err(|(collisions, _)| RegisterError::of_collisions(collisions))?
        };
        Ok(Registered { registry: Arc::downgrade(&self.inner), id })
    }

    fn described(&self, collector: &dyn Collector, site: Site) -> Result<Vec<Descriptor>, RegisterError> {
        let panicked = |method, payload: Box<dyn Any + Send>| {
            let message = panic_message(&*payload);
            gather::drop_harmlessly(payload);
            RegisterError::of_panic(method, site, message)
        };
        let mut descriptors =
            catch_unwind(AssertUnwindSafe(|| collector.describe())).map_err(|payload| panicked("describe", payload))?;
        if !descriptors.is_empty() || !self.inner.auto_describe {
            return Ok(descriptors);
        }
        let mut out = Collected::default();
        catch_unwind(AssertUnwindSafe(|| collector.collect(&mut out)))
            .map_err(|payload| panicked("collect", payload))?;
        let (families, mut faults) = out.into_parts();
        if !faults.is_empty() {
            return Err(RegisterError::of_fault(site, faults.swap_remove(0)));
        }
        for family in &families {
            match gather::descriptor_of(family, site) {
                Ok(descriptor) => descriptors.push(descriptor),
                Err(fault) => return Err(RegisterError::of_fault(site, fault)),
            }
        }
        Ok(descriptors)
    }

    /// Takes a collector out; says whether it was there. Its names are free again.
    pub fn unregister(&self, registered: impl Borrow<Registered>) -> bool {
        let registered = registered.borrow();
        if !std::ptr::eq(registered.registry.as_ptr(), Arc::as_ptr(&self.inner)) {
            return false;
        }
        let released = self.write().release(registered.id);
        self.inner.failures.forget(registered.id);
        // They are dropped here, outside the lock: a collector may use the registry.
        !released.is_empty()
    }

    /// The registration of the [`Process`](crate::collectors::Process) that the [global registry](Self::global) has from
    /// the start on Linux: what switches it off. None in another registry, on another system, and once it has been taken out.
    ///
    /// ```
    /// use tallymark::Registry;
    ///
    /// if let Some(process) = Registry::global().process_collector() {
    ///     process.unregister();
    /// }
    /// let families = Registry::global().gather();
    /// assert!(!families.iter().any(|family| family.name().starts_with("process_")));
    /// ```
    #[must_use]
    pub fn process_collector(&self) -> Option<Registered> {
        self.provided(|provided| provided.process)
    }

    /// The registration of the [`BuildInfo`](crate::collectors::BuildInfo) that the [global registry](Self::global) has
    /// from the start. None in another registry, and once it has been taken out.
    #[must_use]
    pub fn build_info_collector(&self) -> Option<Registered> {
        self.provided(|provided| provided.build_info)
    }

    fn provided(&self, which: impl FnOnce(&Provided) -> Option<u64>) -> Option<Registered> {
        let state = self.read();
        let id = which(&state.provided).filter(|id| state.members.get(*id).is_some())?;
        Some(Registered { registry: Arc::downgrade(&self.inner), id })
    }

    /// Finds every collision of what is registered. Only the global registry can have any: linked metrics come without
    /// asking.
    ///
    /// # Errors
    /// All collisions, each with both places.
    pub fn check(&self) -> Result<(), Collisions> {
        let all = self.read().collisions.clone();
        if all.is_empty() { Ok(()) } else { Err(Collisions { all }) }
    }

    /// Asks every collector for its families. They come by name, their series by label values.
    ///
    /// Of two families that collide, the later is left out and counted in the gauge `tallymark_collisions`. A collector
    /// that panics or breaks a rule loses those families and is counted in
    /// `tallymark_collector_failures_total{collector}`. The others are given as ever.
    #[must_use]
    pub fn gather(&self) -> Vec<MetricFamily> {
        self.inner.snapshots(self.shown(), Counted::ByAll)
    }

    /// Asks every collector for its families, as [`gather`](Self::gather) does, but leaves the values of this crate's
    /// metrics where they are until the page is written: so the memory that it takes does not grow with the page.
    ///
    /// The series of a family come by label values; those of one with more than 10,000 and an open label, in the order
    /// in which they were made.
    #[must_use]
    pub fn page(&self) -> Page {
        self.inner.page_of(self.shown())
    }

    fn shown(&self) -> Vec<Shown> {
        let Inner { failures, serving, const_labels, global, .. } = &*self.inner;
        gather::gather(&self.members(), (failures, &serving.asking), const_labels, *global)
    }

    /// A view of the families with these names, whole, and of the samples with these names alone: `x` is all of the
    /// histogram `x`, `x_count` its count. Names are looked up at each gather. Collectors of other families are not
    /// asked; so a family that no collector has described isn't found, nor is what the registry tells of itself.
    pub fn restricted<N: Into<String>>(&self, names: impl IntoIterator<Item = N>) -> Restricted {
        Restricted { registry: self.clone(), names: names.into_iter().map(Into::into).collect() }
    }

    /// Makes sure that marks of these crates have been linked. A crate that no code names is not, unless
    /// [`link!`](crate::link) names it.
    ///
    /// # Errors
    /// The crates of which there is no mark.
    pub fn expect_crates<N: AsRef<str>>(&self, crates: impl IntoIterator<Item = N>) -> Result<(), MissingCrates> {
        let state = self.read();
        let linked = |name: &str| state.members.has_crate(name);
        let missing: Vec<String> =
            crates.into_iter().map(|name| name.as_ref().replace('-', "_")).filter(|name| !linked(name)).collect();
        if missing.is_empty() { Ok(()) } else { Err(MissingCrates::of(missing)) }
    }

    /// The members as they are now.
    fn members(&self) -> Arc<Members> {
        if let Some(shared) = &self.read().shared {
            return Arc::clone(shared);
        }
        let State { members, shared, .. } = &mut *self.write();
        Arc::clone(shared.get_or_insert_with(|| Arc::new(members.clone())))
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.inner.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.inner.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("collectors", &self.read().members.iter().count()).finish_non_exhaustive()
    }
}

impl Inner {
    fn snapshots(&self, shown: Vec<Shown>, counted: Counted) -> Vec<MetricFamily> {
        let mut families = Vec::with_capacity(shown.len());
        for family in shown {
            let mut family = family.into_snapshot(counted);
            self.const_labels.add_to(&mut family);
            families.push(family);
        }
        families
    }

    fn page_of(&self, shown: Vec<Shown>) -> Page {
        Page::new(Families::new(shown, &self.const_labels))
    }
}

/// A part of a registry, from [`Registry::restricted`].
#[derive(Clone, Debug)]
pub struct Restricted {
    registry: Registry,
    names: Vec<String>,
}

impl Restricted {
    /// Asks the collectors of the named families.
    #[must_use]
    pub fn gather(&self) -> Vec<MetricFamily> {
        self.registry.inner.snapshots(self.shown(), Counted::ByAll)
    }

    /// As [`Registry::page`].
    #[must_use]
    pub fn page(&self) -> Page {
        self.registry.inner.page_of(self.shown())
    }

    fn shown(&self) -> Vec<Shown> {
        let inner = &self.registry.inner;
        gather::gather_named(
            &self.registry.members(),
            (&inner.failures, &inner.serving.asking),
            &inner.const_labels,
            &self.names,
        )
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
