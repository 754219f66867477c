//! The arguments of a function whose body moves into a closure or an `async` block.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{FnArg, Pat, ReceiverKind, Signature, Token, Type};

use super::function::local;
use crate::check::{FunctionPlan, Target};

/// Moves the arguments into the closure or block that the body stands in, in their order and as locals, so that they are dropped as they
/// were: after the body's own locals, the last one first. Takes `mut` off the signature, where nothing is changed any more.
///
/// A pattern that leaves something unbound keeps that in the argument, so the argument moves whole; unless a label needs what the
/// pattern binds.
pub(super) fn own_arguments(signature: &mut Signature, plan: &FunctionPlan) -> TokenStream {
    let needed_before = plan.measures.iter().any(|measure| match &measure.target {
        Target::Into(_) => true,
        Target::Own(own) => !own.labels.is_empty(),
    });
    let mut moved = TokenStream::new();
    for (index, input) in signature.inputs.iter_mut().enumerate() {
        match input {
            FnArg::Receiver(receiver) => {
                let by_value = match &receiver.kind {
                    ReceiverKind::Typed(_, ty) => !matches!(**ty, Type::Reference(_)),
                    ReceiverKind::Value => true,
                    _ => false,
                };
                if by_value {
                    // Names `self` whole, where the body may name a field of it.
                    let word = receiver.self_token;
                    moved.extend(quote!(let _ = &#word;));
                }
            }
            FnArg::Typed(input) => {
                let wild = matches!(&*input.pat, Pat::Wild(_));
                if wild || (leaves_unbound(&input.pat) && !needed_before) {
                    let argument = local("__argument", index);
                    let pattern = std::mem::replace(&mut *input.pat, syn::parse_quote!(#argument));
                    moved.extend(quote!(let #argument = #argument;));
                    if !wild {
                        moved.extend(quote!(let #pattern = #argument;));
                    }
                    continue;
                }
                let mut bindings = Vec::new();
                take_bindings(&mut input.pat, &mut bindings);
                for (mutability, ident) in bindings {
                    moved.extend(quote!(let #mutability #ident = #ident;));
                }
            }
        }
    }
    moved
}

fn leaves_unbound(pattern: &Pat) -> bool {
    match pattern {
        Pat::Wild(_) | Pat::Rest(_) => true,
        Pat::Ident(pattern) => pattern.subpat.as_ref().is_some_and(|(_, pattern)| leaves_unbound(pattern)),
        Pat::Paren(pattern) => leaves_unbound(&pattern.pat),
        Pat::Reference(pattern) => leaves_unbound(&pattern.pat),
        Pat::Or(pattern) => pattern.cases.iter().any(leaves_unbound),
        Pat::Slice(pattern) => pattern.elems.iter().any(leaves_unbound),
        Pat::Tuple(pattern) => pattern.elems.iter().any(leaves_unbound),
        Pat::TupleStruct(pattern) => pattern.elems.iter().any(leaves_unbound),
        Pat::Struct(pattern) => pattern.rest.is_some() || pattern.fields.iter().any(|field| leaves_unbound(&field.pat)),
        _ => false,
    }
}

/// The names that a pattern binds, with the `mut` that stood before each; it stands there no more.
fn take_bindings(pattern: &mut Pat, out: &mut Vec<(Option<Token![mut]>, Ident)>) {
    match pattern {
        Pat::Ident(pattern) => {
            let mutability = if pattern.by_ref.is_some() { None } else { pattern.mutability.take() };
            if !out.iter().any(|(_, ident)| *ident == pattern.ident) {
                out.push((mutability, pattern.ident.clone()));
            }
            if let Some((_, pattern)) = &mut pattern.subpat {
                take_bindings(pattern, out);
            }
        }
        Pat::Paren(pattern) => take_bindings(&mut pattern.pat, out),
        Pat::Reference(pattern) => take_bindings(&mut pattern.pat, out),
        Pat::Or(pattern) => pattern.cases.iter_mut().for_each(|case| take_bindings(case, out)),
        Pat::Slice(pattern) => pattern.elems.iter_mut().for_each(|element| take_bindings(element, out)),
        Pat::Tuple(pattern) => pattern.elems.iter_mut().for_each(|element| take_bindings(element, out)),
        Pat::TupleStruct(pattern) => pattern.elems.iter_mut().for_each(|element| take_bindings(element, out)),
        Pat::Struct(pattern) => pattern.fields.iter_mut().for_each(|field| take_bindings(&mut field.pat, out)),
        _ => {}
    }
}
