//! The names that generated code gives.

use proc_macro2::{Ident, Span};
use quote::format_ident;

/// A local of ours: hygiene keeps it apart from the user's locals, the underscores from constants.
pub(super) fn local(name: &str, index: usize) -> Ident {
    format_ident!("__{name}{index}", span = Span::mixed_site())
}

/// The same local at a place of the user's, for the compiler to point at.
pub(super) fn at(local: &Ident, span: Span) -> Ident {
    Ident::new(&local.to_string(), span.resolved_at(Span::mixed_site()))
}

/// The same for one of several labels.
pub(super) fn label(index: usize, at: usize) -> Ident {
    format_ident!("__label{index}_{at}", span = Span::mixed_site())
}
