//! Marked metrics, put together by the linker.
//!
//! Each mark puts an [`Entry`] into a section of the program (linkme), so the section holds those of every crate that
//! is linked. The name of the section carries the version, since two versions of this crate in one program don't know
//! each other's entries.
//!
//! Miri and platforms for which linkme knows no sections have no entries: there, statics are registered by hand, and the
//! metrics of marked functions count where nobody looks.

use crate::collector::Collector;
use crate::sort::{order, sort_by};

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
#[derive(Clone, Copy)]
pub struct Entry {
    metric: Option<&'static dyn Collector>,
}

impl Entry {
    /// The entry of a marked metric.
    #[must_use]
    pub const fn new(metric: &'static dyn Collector) -> Self {
        Self { metric: Some(metric) }
    }

    pub(crate) fn metric(&self) -> Option<&'static dyn Collector> {
        self.metric
    }
}

/// The entries as the linker left them: in any order, and where it keeps a section twice, each twice.
pub(crate) fn entries() -> &'static [Entry] {
    &TALLYMARK_METRICS_0_1[..]
}

/// Every marked metric once, in an order that depends on nothing but the source.
pub(crate) fn sorted(mut entries: Vec<Entry>) -> Vec<Entry> {
    let address = |entry: &Entry| entry.metric.map(|metric| std::ptr::from_ref(metric).addr());
    sort_by(&mut entries, |a, b| address(a).cmp(&address(b)));
    let mut once: Vec<Entry> = Vec::with_capacity(entries.len());
    let mut keys = Vec::with_capacity(entries.len());
    for entry in entries {
        if once.last().is_some_and(|last| address(last) == address(&entry)) {
            continue;
        }
        let mut least = None;
        for family in entry.metric.map(Collector::describe).unwrap_or_default() {
            let key = Some((family.site().crate_name(), family.site(), family.name().to_owned()));
            if least.is_none() || key.cmp(&least).is_lt() {
                least = key;
            }
        }
        once.push(entry);
        keys.push(least);
    }
    let mut sorted = Vec::with_capacity(once.len());
    for at in order(keys.len(), &|a, b| keys[a].cmp(&keys[b])) {
        sorted.push(once[at]);
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::Site;
    use crate::metric::{Counter, Gauge, Spec};

    #[test]
    fn entries_stand_once_in_the_order_of_the_source() {
        const fn site(file: &'static str, line: u32) -> Site {
            Site::of_mark((file, line, 1), "shop::orders", None)
        }
        static SPECS: [Spec; 3] = [
            Spec::named("z", site("a.rs", 1)),
            Spec::derived("shop::orders", "b_total", site("a.rs", 2)),
            Spec::named("a", site("b.rs", 1)),
        ];
        static FIRST: Gauge = Gauge::from_static(&SPECS[0]);
        static SECOND: Counter = Counter::from_static(&SPECS[1]);
        static THIRD: Gauge = Gauge::from_static(&SPECS[2]);
        let names = |entries: Vec<Entry>| -> Vec<String> {
            let families = sorted(entries).into_iter().filter_map(|entry| entry.metric?.__descriptor());
            families.map(|family| family.name().to_string()).collect()
        };
        let [first, second, third] = [Entry::new(&FIRST), Entry::new(&SECOND), Entry::new(&THIRD)];
        for entries in
            [vec![first, second, third], vec![third, first, second, first], vec![second, third, second, first]]
        {
            assert_eq!(names(entries), ["z", "shop_b_total", "a"]);
        }
    }

    #[test]
    fn the_section_carries_the_version() {
        let name = concat!("TALLYMARK_METRICS_", env!("CARGO_PKG_VERSION_MAJOR"), "_", env!("CARGO_PKG_VERSION_MINOR"));
        let source = include_str!("linked.rs");
        assert!(source.contains(&format!("pub static {name}: [Entry];")), "rename the slice to {name}");
    }
}
