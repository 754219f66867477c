//! The arguments of a function whose body moves into a closure or an `async` block.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, FnArg, Meta, Pat, PatType, ReceiverKind, Signature, Token, Type};

use super::locals::local;

/// The arguments where the body is.
#[derive(Default)]
pub(super) struct Arguments {
    /// The statements that make them locals there.
    pub(super) moved: TokenStream,
    /// Whether a pattern of the signature stands among them, so that its names are bound there alone.
    pub(super) unpacked: bool,
    /// What the statement that they move into allows.
    pub(super) allowed: TokenStream,
}

/// Moves the arguments into the closure or block that the body stands in, in their order and as locals, so that they
/// are dropped as they were: after the body's own locals, the last one first. Takes `mut` off the signature, where
/// nothing is changed any more. Those that the marks `read` are used, whatever the body does with them.
pub(super) fn own_arguments(signature: &mut Signature, read: &[Ident]) -> Arguments {
    let mut arguments = Arguments::default();
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
                    arguments.moved.extend(quote!(let _ = &#word;));
                }
                if receiver.mutability.is_some() {
                    // `self` can't become a local as the others do, and rustc warns of captured variables that are only
                    // assigned.
                    arguments.allowed = quote!(#[allow(unused_assignments)]);
                }
            }
            FnArg::Typed(input) => arguments.own(input, &local("argument", index), read),
        }
    }
    arguments
}

impl Arguments {
    fn own(&mut self, input: &mut PatType, argument: &Ident, read: &[Ident]) {
        let inner = input.attrs.clone();
        input.attrs.iter_mut().for_each(expect_nothing);
        let outer = &input.attrs;
        if leaves_unbound(&input.pat) {
            // What the pattern leaves stays in the argument, so the argument moves whole.
            let pattern = std::mem::replace(&mut *input.pat, syn::parse_quote!(#argument));
            if matches!(pattern, Pat::Wild(_)) {
                self.moved.extend(quote!(#(#outer)* let #argument = #argument;));
            } else {
                // `mut` for a `ref mut` in the pattern: the place of an argument needs none.
                self.moved
                    .extend(quote!(#(#outer)* let mut #argument = #argument; #(#inner)* let #pattern = #argument;));
                self.unpacked = true;
            }
            return;
        }
        let mut bindings = Vec::new();
        take_bindings(&mut input.pat, &mut bindings);
        for (mutability, ident) in bindings {
            // What clippy says of such a name, it would say here once more.
            let underscored = ident
                .to_string()
                .starts_with('_')
                .then(|| quote!(#[allow(clippy::no_effect_underscore_binding, clippy::used_underscore_binding)]));
            self.moved.extend(quote! {
                #[allow(clippy::shadow_same)]
                #underscored
                #(#inner)*
                let #mutability #ident = #ident;
            });
            if read.contains(&ident) {
                self.moved.extend(quote!(let _ = &#ident;));
            }
        }
    }
}

/// Makes `#[expect(…)]` an `#[allow(…)]`: what it expects comes where the body is.
fn expect_nothing(attr: &mut Attribute) {
    if let Meta::List(list) = &mut attr.meta
        && let Some(word) = list.path.segments.first_mut()
        && word.ident == "expect"
    {
        word.ident = Ident::new("allow", word.ident.span());
    }
}

/// Whether a pattern leaves something in the argument: what it doesn't name, or what it refers to.
fn leaves_unbound(pattern: &Pat) -> bool {
    match pattern {
        Pat::Ident(pattern) => {
            pattern.by_ref.is_some() || pattern.subpat.as_ref().is_some_and(|(_, pattern)| leaves_unbound(pattern))
        }
        Pat::Paren(pattern) => leaves_unbound(&pattern.pat),
        Pat::Reference(pattern) => leaves_unbound(&pattern.pat),
        Pat::Slice(pattern) => pattern.elems.iter().any(leaves_unbound),
        Pat::Tuple(pattern) => pattern.elems.iter().any(leaves_unbound),
        Pat::TupleStruct(pattern) => pattern.elems.iter().any(leaves_unbound),
        Pat::Struct(pattern) => pattern.rest.is_some() || pattern.fields.iter().any(|field| leaves_unbound(&field.pat)),
        // `_`, `..`, and what can't be seen into.
        _ => true,
    }
}

/// The names that a pattern binds, with the `mut` that stood before each; it stands there no more.
fn take_bindings(pattern: &mut Pat, out: &mut Vec<(Option<Token![mut]>, Ident)>) {
    match pattern {
        Pat::Ident(pattern) => {
            out.push((pattern.mutability.take(), pattern.ident.clone()));
            if let Some((_, pattern)) = &mut pattern.subpat {
                take_bindings(pattern, out);
            }
        }
        Pat::Paren(pattern) => take_bindings(&mut pattern.pat, out),
        Pat::Reference(pattern) => take_bindings(&mut pattern.pat, out),
        Pat::Slice(pattern) => pattern.elems.iter_mut().for_each(|element| take_bindings(element, out)),
        Pat::Tuple(pattern) => pattern.elems.iter_mut().for_each(|element| take_bindings(element, out)),
        Pat::TupleStruct(pattern) => pattern.elems.iter_mut().for_each(|element| take_bindings(element, out)),
        Pat::Struct(pattern) => pattern.fields.iter_mut().for_each(|field| take_bindings(&mut field.pat, out)),
        _ => {}
    }
}
