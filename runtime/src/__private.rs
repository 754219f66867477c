//! What generated code names. Nothing here is for people, and all of it may change in any release.

pub use linkme;

pub use crate::descriptor::Site;
pub use crate::label::{Displayed, LabelTexts, LabelTuple, Outcome, Positional};
pub use crate::linked::{Entry, TALLYMARK_METRICS_0_1 as METRICS};
pub use crate::metric::Spec;
