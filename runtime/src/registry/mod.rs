//! Registries: which families stand on a page.
//!
//! A registry owns its collectors. Registering asks a collector what it will show, checks that against all that is
//! there, and changes something only then. Gathering asks each collector for its families, one after the other, and
//! keeps what can stand on one page.

mod by_name;
mod conflict;
mod constant;
mod error;
mod failures;
mod gather;
mod member;
mod names;
mod page;

use std::any::Any;
use std::borrow::{Borrow, Cow};
use std::fmt;
use std::panic::Location;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

pub use conflict::{Collision, Collisions};
pub use error::{MissingCrates, RegisterError};

use crate::collector::{Collected, Collector, IntoCollector};
use crate::collectors::{BuildInfo, Process};
use crate::descriptor::{Descriptor, Site};
use crate::linked::{self, Entry};
use crate::snapshot::{MetricFamily, Page};
use crate::storage::Counted;
use constant::{ConstLabels, Pairs, TargetInfo};
use failures::Failures;
use gather::Shown;
use member::{Custom, Described, Members, Registrant};
use names::Names;
use page::Families;

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
}

#[derive(Default)]
struct State {
    members: Members,
    /// The same for gathers, if nothing has changed since the last one.
    shared: Option<Arc<Members>>,
    names: Names,
    collisions: Vec<Collision>,
    provided: Provided,
}

/// The numbers of the collectors that the global registry has from the start.
#[derive(Clone, Copy, Default)]
struct Provided {
    process: Option<u64>,
    build_info: Option<u64>,
}

/// Makes a [`Registry`] with options.
#[derive(Clone, Debug, Default)]
#[must_use = "a builder makes nothing until `build`"]
pub struct RegistryBuilder {
    auto_describe: bool,
    const_labels: Vec<(Cow<'static, str>, String)>,
    target_info: Vec<(Cow<'static, str>, String)>,
    site: Option<Site>,
}

impl RegistryBuilder {
    /// Whether a collector that describes nothing is collected once when it is registered, so that its families are
    /// checked. The global registry does so.
    pub fn auto_describe(mut self, auto_describe: bool) -> Self {
        self.auto_describe = auto_describe;
        self
    }

    /// Adds a label with the same value to every series, for example `("host", hostname)`. A family that has a label of
    /// that name itself collides with it. Of two with one name the later counts.
    ///
    /// A name that breaks the data model's rules adds nothing, and [`Registry::check`] says so.
    ///
    /// ```
    /// use tallymark::{Counter, Registry, exposition::text};
    ///
    /// let registry = Registry::builder().const_label("host", "a1").build();
    /// let jobs = Counter::new("jobs_total", "Jobs done.")?;
    /// registry.register(&jobs)?;
    /// assert!(text::encode(&registry.gather()).contains("jobs_total{host=\"a1\"} 0"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn const_label(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.site = self.site.or(Some(Site::caller()));
        self.const_labels.push((name.into(), value.into()));
        self
    }

    /// States what the page is about, for example `[("service_name", "shop"), ("env", "prod")]`: the family `target_info`,
    /// which stands first and has none of the constant labels.
    ///
    /// A name that breaks the data model's rules adds nothing, and [`Registry::check`] says so.
    #[track_caller]
    pub fn target_info<N: Into<Cow<'static, str>>, T: Into<String>>(
        mut self,
        labels: impl IntoIterator<Item = (N, T)>,
    ) -> Self {
        self.site = self.site.or(Some(Site::caller()));
        self.target_info.extend(labels.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// Makes the registry, with nothing in it.
    #[must_use]
    #[track_caller]
    pub fn build(self) -> Registry {
        let site = self.site.unwrap_or(Site::caller());
        let (const_labels, target_info) = (Pairs::of(&self.const_labels), Pairs::of(&self.target_info));
        let mut state = State::default();
        for fault in const_labels.faults().iter().chain(target_info.faults()) {
            state.collisions.push(Collision::of_fault(fault, site));
        }
        if !self.target_info.is_empty() {
            let collector = TargetInfo::new(target_info, site);
            let families = Described::Families(collector.describe());
            // There is nothing yet that it could collide with.
            let _ = state.take_in(Custom { collector: Arc::new(collector), families, site }, &ConstLabels::none());
        }
        Registry::with(self.auto_describe, false, ConstLabels::new(const_labels, site), state)
    }
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
    /// [`BuildInfo`] and, on Linux, [`Process`] from the start.
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
        let failures = Failures::default();
        Self { inner: Arc::new(Inner { auto_describe, global, const_labels, state: RwLock::new(state), failures }) }
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

    /// The registration of the [`Process`] that the [global registry](Self::global) has from the start on Linux: what
    /// switches it off. None in another registry, on another system, and once it has been taken out.
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

    /// The registration of the [`BuildInfo`] that the [global registry](Self::global) has from the start. None in
    /// another registry, and once it has been taken out.
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
        gather::gather(&self.members(), &self.inner.failures, &self.inner.const_labels, self.inner.global)
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

impl Provided {
    /// Puts them behind the linked ones, so that of two families that collide the marked one stays.
    fn put_into(members: &mut Members) -> Self {
        let process = cfg!(target_os = "linux").then(|| {
            let families = Described::Known(Process::families());
            members.push_custom(Custom { collector: Arc::new(Process::new()), families, site: Process::SITE })
        });
        Self { process, build_info: Some(members.push_own(Arc::new(BuildInfo::new()))) }
    }
}

impl State {
    fn of_linked(entries: &'static [Entry]) -> Self {
        let mut members = Members::of_linked(entries);
        let provided = Provided::put_into(&mut members);
        let mut names = Names::with_capacity(members.end() as usize);
        let mut found = Vec::new();
        for place in 0..members.end() {
            let known = |place| members.family(place);
            let Some(family) = known(place) else { continue };
            let (stays, rivals) = names.add(family, place, &known);
            Collision::push_all(&rivals, family, &known, &mut found);
            if !stays {
                members.leave_out(place);
            }
        }
        Self { members, names, collisions: found, provided, shared: None }
    }

    /// Takes a metric of ours in, unless it collides with something.
    fn take_in_own(&mut self, metric: Arc<dyn Collector>, const_labels: &ConstLabels) -> Result<u64, Vec<Collision>> {
        let Self { members, names, .. } = self;
        if let Some(family) = metric.__descriptor() {
            if let Some(label) = const_labels.clash(family) {
                return Err(vec![Collision::of_label(label, const_labels.site(), family)]);
            }
            let known = |place| members.family(place);
            if let Err(rivals) = names.claim(family, members.end(), &known) {
                let mut found = Vec::new();
                Collision::push_all(&rivals, family, &known, &mut found);
                return Err(found);
            }
        }
        self.shared = None;
        Ok(self.members.push_own(metric))
    }

    /// Takes somebody else's collector in, unless a family of it collides with something, or two of its own do.
    fn take_in(&mut self, custom: Custom, const_labels: &ConstLabels) -> Result<u64, (Vec<Collision>, Custom)> {
        let Self { members, names, .. } = self;
        let known = |place| members.family(place);
        let families = || (0..).zip(custom.families.iter());
        let own = |index: u32| custom.families.get(index as usize);
        let (mut own_names, mut found) = (Names::default(), Vec::new());
        for (index, family) in families() {
            if let Some(label) = const_labels.clash(family) {
                found.push(Collision::of_label(label, const_labels.site(), family));
            }
            Collision::push_all(&names.rivals(family, &known), family, &known, &mut found);
            let (_, rivals) = own_names.add(family, index, &own);
            Collision::push_all(&rivals, family, &own, &mut found);
        }
        if !found.is_empty() {
            return Err((found, custom));
        }
        let end = members.end();
        for (index, family) in families() {
            // None of them collides with another, but names must be read to know.
            names.add(family, end + index, &|place| place.checked_sub(end).map_or_else(|| known(place), own));
        }
        self.shared = None;
        Ok(self.members.push_custom(custom))
    }

    /// Takes a collector out and frees its names. It collided with nothing, or it would not have been registered, so
    /// nothing else changes. Only what the registry had from the start may collide, and it is the later one then.
    fn release(&mut self, id: u64) -> Vec<Registrant> {
        self.shared = None;
        let Self { members, names, collisions, .. } = self;
        let places = members.places(id);
        for place in places.clone() {
            if let Some(family) = members.family(place) {
                names.remove(family.stem(), place);
                collisions.retain(|collision| !collision.is_of(family));
            }
        }
        let mut released = Vec::new();
        for place in places {
            if let Some(registrant) = members.take(place) {
                released.push(registrant);
            }
        }
        if let Some(places) = members.compact() {
            names.renumber(&places);
        }
        released
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
        gather::gather_named(&self.registry.members(), &inner.failures, &inner.const_labels, &self.names)
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
