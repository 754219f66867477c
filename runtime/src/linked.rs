//! Marked metrics, put together by the linker.
//!
//! Each mark puts an [`Entry`] into a section of the program (linkme), so the section holds those of every crate that
//! is linked. The name of the section carries the version, since two versions of this crate in one program don't know
//! each other's entries.
//!
//! Miri and platforms for which linkme knows no sections have no entries: there, statics are registered by hand, and the
//! metrics of marked functions count where nobody looks.

use crate::collector::{Collected, Collector};
use crate::descriptor::Descriptor;

pub use section::TALLYMARK_METRICS_0_1;

#[cfg(all(
    not(miri),
    any(
        target_os = "android",
        target_os = "freebsd",
        target_os = "fuchsia",
        target_os = "illumos",
        target_os = "ios",
        target_os = "linux",
        target_os = "macos",
        target_os = "openbsd",
        target_os = "tvos",
        target_os = "windows",
    )
))]
mod section {
    use linkme::distributed_slice;

    use super::Entry;

    /// The entries. One of its own keeps the section there in a program without marks.
    #[doc(hidden)]
    #[distributed_slice]
    pub static TALLYMARK_METRICS_0_1: [Entry];

    #[expect(unsafe_code, reason = "linkme places it in a section; the entry has the type that the slice checks")]
    #[distributed_slice(TALLYMARK_METRICS_0_1)]
    static SENTINEL: Entry = Entry { metric: None };

    /// Enters a static metric into the section.
    #[doc(hidden)]
    #[macro_export]
    macro_rules! __enlist {
        ($metric:ident) => {
            #[$crate::__private::linkme::distributed_slice($crate::__private::METRICS)]
            #[linkme(crate = $crate::__private::linkme)]
            static __ENTRY: $crate::__private::Entry = $crate::__private::Entry::new(&$metric);
        };
    }
}

#[cfg(not(all(
    not(miri),
    any(
        target_os = "android",
        target_os = "freebsd",
        target_os = "fuchsia",
        target_os = "illumos",
        target_os = "ios",
        target_os = "linux",
        target_os = "macos",
        target_os = "openbsd",
        target_os = "tvos",
        target_os = "windows",
    )
)))]
mod section {
    use super::Entry;

    #[doc(hidden)]
    pub static TALLYMARK_METRICS_0_1: [Entry; 0] = [];

    /// There is no section; the constant keeps the metric from counting as unused.
    #[doc(hidden)]
    #[macro_export]
    macro_rules! __enlist {
        ($metric:ident) => {
            const _: $crate::__private::Entry = $crate::__private::Entry::new(&$metric);
        };
    }
}

/// A marked metric.
#[doc(hidden)]
pub struct Entry {
    metric: Option<&'static dyn Collector>,
}

impl Entry {
    /// The entry of a marked metric.
    #[must_use]
    pub const fn new(metric: &'static dyn Collector) -> Self {
        Self { metric: Some(metric) }
    }
}

/// A metric of the section.
pub(crate) struct Linked(&'static dyn Collector);

impl Collector for Linked {
    fn describe(&self) -> Vec<Descriptor> {
        self.0.describe()
    }

    fn collect(&self, out: &mut Collected) {
        self.0.collect(out);
    }
}

/// Every marked metric once, in an order that depends on nothing but the source.
pub(crate) fn metrics() -> Vec<Linked> {
    let mut metrics: Vec<&'static dyn Collector> =
        TALLYMARK_METRICS_0_1.iter().filter_map(|entry| entry.metric).collect();
    // Where a linker keeps a section twice, an entry stands twice.
    metrics.sort_by_key(|metric| std::ptr::from_ref(*metric).addr());
    metrics.dedup_by_key(|metric| std::ptr::from_ref(*metric).addr());
    metrics.sort_by_cached_key(|metric| {
        let families = metric.describe().into_iter();
        families.map(|family| (family.site().crate_name(), family.site(), family.name().to_owned())).min()
    });
    metrics.into_iter().map(Linked).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_section_carries_the_version() {
        let name = concat!("TALLYMARK_METRICS_", env!("CARGO_PKG_VERSION_MAJOR"), "_", env!("CARGO_PKG_VERSION_MINOR"));
        let source = include_str!("linked.rs");
        assert!(source.contains(&format!("pub static {name}: [Entry];")), "rename the slice to {name}");
    }
}
