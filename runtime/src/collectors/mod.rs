//! Collectors of numbers that others keep: the process's, the build's, a tokio runtime's.
//!
//! The [global registry](crate::Registry::global) has [`BuildInfo`] and, on Linux, [`Process`] from the start; any
//! other takes them like every collector.

mod build_info;
mod process;
#[cfg(feature = "tokio-metrics")]
mod tokio_runtime;

use std::borrow::Cow;

pub use build_info::BuildInfo;
pub use process::{Process, ProcessBuilder};
#[cfg(feature = "tokio-metrics")]
pub use tokio_runtime::TokioRuntime;

use crate::descriptor::{Descriptor, MetricKind, Outline, Site};
use crate::error::Error;
use crate::name::MetricName;

/// A family of a collector of ours, whose labels have good names.
fn descriptor(
    (kind, name, help): (MetricKind, impl Into<Cow<'static, str>>, &'static str),
    labels: &[&'static str],
    site: Site,
) -> Result<Descriptor, Error> {
    Descriptor::assembled(kind, MetricName::new(name)?, help.into(), site).with_labels(labels.iter().copied())
}

/// What is known of a family when this crate is compiled, so that a registry needs to make nothing.
const fn outline(name: &'static str, help: &'static str, site: Site) -> Outline {
    let mut outline = Outline::new("", name, site);
    outline.help = help;
    outline
}

/// The place where a collector of ours stands, for whoever collides with it.
macro_rules! own_site {
    () => {
        crate::descriptor::Site::of_mark((file!(), line!(), column!()), module_path!(), Some(env!("CARGO_PKG_VERSION")))
    };
}
use own_site;
