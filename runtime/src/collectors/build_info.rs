//! What this crate was built as.

use crate::collector::{Collected, Collector};
use crate::collectors::{outline, own_site};
use crate::descriptor::{Descriptor, DescriptorRef, MetricKind, Outline};

/// The info `tallymark_build_info`: its labels say which version of this crate is in the program, and which compiler
/// built it for what.
///
/// | label | for example |
/// |---|---|
/// | `version` | `0.1.0` |
/// | `rustc` | `1.88.0` |
/// | `target` | `x86_64-unknown-linux-gnu` |
/// | `profile` | `release`, or `debug` where the profile inherits from `dev` |
///
/// What no cargo told reads `unknown`. The [global registry](crate::Registry::global) has it from the start;
/// [`build_info_collector`](crate::Registry::build_info_collector) switches it off.
///
/// ```
/// use tallymark::{Registry, collectors::BuildInfo};
///
/// let registry = Registry::new();
/// registry.register(BuildInfo::new())?;
/// assert!(registry.gather()[0].series()[0].label("rustc").is_some());
/// # Ok::<(), tallymark::RegisterError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct BuildInfo;

impl BuildInfo {
    /// The collector.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl Collector for BuildInfo {
    fn describe(&self) -> Vec<Descriptor> {
        vec![FAMILY.to_descriptor()]
    }

    fn collect(&self, out: &mut Collected) {
        out.info(NAME, HELP).info_series([("", ""); 0], LABELS);
    }

    fn __descriptor(&self) -> Option<DescriptorRef<'_>> {
        Some(FAMILY)
    }
}

const NAME: &str = "tallymark_build_info";
const HELP: &str = "The version of tallymark in this program, and what built it.";

static OUTLINE: Outline = outline(NAME, HELP, own_site!());
static FAMILY: DescriptorRef<'static> = DescriptorRef::of_mark(&OUTLINE, MetricKind::Info, &[]);

const LABELS: [(&str, &str); 4] = [
    ("version", env!("CARGO_PKG_VERSION")),
    ("rustc", known(option_env!("TALLYMARK_RUSTC"))),
    ("target", known(option_env!("TALLYMARK_TARGET"))),
    ("profile", known(option_env!("TALLYMARK_PROFILE"))),
];

const fn known(told: Option<&'static str>) -> &'static str {
    match told {
        Some(told) => told,
        None => "unknown",
    }
}
