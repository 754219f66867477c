//! Registries with options.

use std::borrow::Cow;
use std::sync::Arc;

use super::Registry;
use super::conflict::Collision;
use super::constant::{ConstLabels, Pairs, TargetInfo};
use super::member::{Custom, Described};
use super::state::State;
use crate::collector::Collector as _;
use crate::descriptor::Site;

/// Makes a [`Registry`] with options.
#[derive(Clone, Debug, Default)]
#[must_use = "a builder makes nothing until `build`"]
pub struct RegistryBuilder {
    auto_describe: bool,
    utf8: bool,
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

    /// Allows any characters in the names of the constant labels and of those of `target_info`: see
    /// [`LabelName::utf8`](crate::LabelName::utf8).
    pub fn allow_utf8(mut self) -> Self {
        self.utf8 = true;
        self
    }

    /// Makes the registry, with nothing in it.
    #[must_use]
    #[track_caller]
    pub fn build(self) -> Registry {
        let site = self.site.unwrap_or(Site::caller());
        let (const_labels, target_info) =
            (Pairs::of(&self.const_labels, self.utf8), Pairs::of(&self.target_info, self.utf8));
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
