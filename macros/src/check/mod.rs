//! What goes together, and what doesn't: from arguments to a plan.

mod buckets;
mod function;
mod measure;
mod metric;
mod native;
mod plan;
mod scrape;
mod statics;

use syn::Path;

pub(crate) use self::function::function;
pub(crate) use self::measure::marks;
pub(crate) use self::plan::{FunctionPlan, Measure, Name, Own, Target, What};
pub(crate) use self::scrape::{callback, collector};
pub(crate) use self::statics::a_static;
use crate::args::Args;
use crate::paths::Runtime;

/// Where the runtime is, as one of these says.
pub(crate) fn runtime<'a>(args: impl IntoIterator<Item = &'a Args>) -> Runtime {
    let krate: Option<Path> = args.into_iter().find_map(|args| args.krate.as_ref().map(|krate| krate.value.clone()));
    Runtime::at(krate)
}
