//! What goes together, and what doesn't: from arguments to a plan.

mod buckets;
mod callback;
mod function;
mod metric;
mod plan;
mod statics;

use syn::Path;

pub(crate) use self::callback::callback;
pub(crate) use self::function::function;
pub(crate) use self::plan::{FunctionPlan, Measure, Name, Own, Target, What};
pub(crate) use self::statics::a_static;
use crate::args::Mark;
use crate::paths::Runtime;

pub(crate) fn runtime(marks: &[Mark]) -> Runtime {
    let krate: Option<Path> = marks.iter().find_map(|mark| mark.args.krate.as_ref().map(|krate| krate.value.clone()));
    Runtime::at(krate)
}
