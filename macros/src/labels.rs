//! The labels of a marked function: where each is read, and of what type it is.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Expr, FnArg, GenericParam, Pat, Signature, Type, UnOp};

use crate::args::{Args, LabelArg};
use crate::errors::Errors;
use crate::names;

/// As many labels as a family may have: the runtime's tuples end there.
pub(crate) const MOST: usize = 12;

pub(crate) struct Label {
    pub(crate) name: String,
    pub(crate) span: Span,
    /// With `'static` for every named lifetime, as it stands in a static's type.
    pub(crate) ty: TokenStream,
    pub(crate) source: Source,
}

pub(crate) enum Source {
    /// The argument of this name, borrowed, and its type where it was stated.
    Argument(Ident, Option<Type>),
    /// An expression over the arguments, and the type as it was stated.
    Expression(Expr, Type),
    /// A closure of the result, and the type as it was stated.
    Result(Expr, Type),
}

impl Label {
    /// Whether a value of its type is certainly copied for nothing: a reference, or a number. Of another, what the label
    /// reads is kept instead of the value.
    pub(crate) fn is_copied(&self) -> bool {
        let words: Vec<String> = self.ty.clone().into_iter().take(2).map(|token| token.to_string()).collect();
        match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["&", second] => second != "mut",
            [word] => matches!(
                word,
                "bool"
                    | "char"
                    | "u8"
                    | "u16"
                    | "u32"
                    | "u64"
                    | "u128"
                    | "usize"
                    | "i8"
                    | "i16"
                    | "i32"
                    | "i64"
                    | "i128"
                    | "isize"
            ),
            _ => false,
        }
    }

    /// Whether it reads the same in every call: its value is a literal.
    pub(crate) fn is_constant(&self) -> bool {
        matches!(&self.source, Source::Expression(value, _) if is_literal(value))
    }

    pub(crate) fn is_from_result(&self) -> bool {
        matches!(self.source, Source::Result(..))
    }
}

fn is_literal(value: &Expr) -> bool {
    match value {
        Expr::Lit(_) => true,
        Expr::Unary(unary) => matches!(unary.op, UnOp::Neg(_)) && is_literal(&unary.expr),
        // What a `macro_rules!` macro was given.
        Expr::Group(inner) => is_literal(&inner.expr),
        _ => false,
    }
}

/// Finds each label's type and source, and refuses what has none.
pub(crate) fn of_function(args: &Args, signature: &Signature, errors: &mut Errors) -> Vec<Label> {
    let utf8 = args.utf8();
    let args = args.labels.as_ref().map_or(&[][..], |args| &args.value);
    let mut labels: Vec<Label> = Vec::new();
    for arg in args {
        let name = names::text(&arg.name);
        if let Some(fault) = names::label_fault(&name, &utf8) {
            errors.at(arg.name.span(), fault);
            continue;
        }
        if let Some(fault) = labels.iter().find_map(|label| names::same_label_fault(&label.name, &name)) {
            errors.at(arg.name.span(), fault);
            continue;
        }
        match label(arg, name, signature) {
            Ok(label) => labels.push(label),
            Err(error) => errors.push(error),
        }
    }
    if let Some(arg) = args.get(MOST) {
        errors.at(arg.name.span(), format!("a family may have up to {MOST} labels; drop this one and those behind it"));
    }
    labels
}

fn label(arg: &LabelArg, name: String, signature: &Signature) -> syn::Result<Label> {
    let span = arg.name.span();
    let source = match (&arg.value, &arg.ty) {
        (Some(Expr::Closure(closure)), ty) => {
            if closure.inputs.len() != 1 {
                return Err(syn::Error::new_spanned(
                    &closure.inputs,
                    format!(
                        "a label is read from the result alone, by a closure of one argument: `{name}: Type = |result| …`"
                    ),
                ));
            }
            let Some(ty) = ty else {
                return Err(syn::Error::new(
                    span,
                    format!(
                        "the type of a label that is read from the result must be stated: `{name}: Type = |result| …`"
                    ),
                ));
            };
            Source::Result(Expr::Closure(closure.clone()), ty.clone())
        }
        (Some(value), Some(ty)) => Source::Expression(value.clone(), ty.clone()),
        (Some(Expr::Path(path)), None) if path.path.is_ident(&arg.name) && binds(signature, &arg.name) => {
            return Err(syn::Error::new(
                span,
                format!("`{name}` is an argument of the function already; write `{name}` alone"),
            ));
        }
        (Some(_), None) => {
            return Err(syn::Error::new(
                span,
                format!("the type of a label that is no argument must be stated: `{name}: Type = …`"),
            ));
        }
        (None, ty) => Source::Argument(arg.name.clone(), ty.clone()),
    };
    let ty = match (&source, &arg.ty) {
        (_, Some(ty)) => ty.clone(),
        (_, None) => argument_type(&arg.name, signature)?,
    };
    if matches!(source, Source::Argument(..)) && arg.ty.is_some() && !binds(signature, &arg.name) {
        return Err(no_argument(&arg.name, signature));
    }
    let ty = in_static(&ty, signature, &name)?;
    Ok(Label { name, span, ty, source })
}

fn argument_type(name: &Ident, signature: &Signature) -> syn::Result<Type> {
    for input in &signature.inputs {
        let FnArg::Typed(input) = input else { continue };
        match &*input.pat {
            Pat::Ident(pattern) if pattern.ident == *name => {
                if has_impl(&input.ty.to_token_stream()) {
                    return Err(syn::Error::new(
                        name.span(),
                        format!(
                            "the type of the argument `{name}` has no name; state that of the label: `{name}: String = {name}.to_string()`"
                        ),
                    ));
                }
                return Ok((*input.ty).clone());
            }
            _ => {}
        }
    }
    if binds(signature, name) {
        return Err(syn::Error::new(
            name.span(),
            format!("`{name}` is bound by a pattern, so its type must be stated: `{name}: Type`"),
        ));
    }
    Err(no_argument(name, signature))
}

fn no_argument(name: &Ident, signature: &Signature) -> syn::Error {
    let mut bound = Vec::new();
    for input in &signature.inputs {
        if let FnArg::Typed(input) = input {
            idents(input.pat.to_token_stream(), &mut bound);
        }
    }
    let known: Vec<String> = bound.iter().map(ToString::to_string).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let cure = match names::nearest(&name.to_string(), &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("for something else, state what it is: `{name}: Type = expression`"),
    };
    syn::Error::new(name.span(), format!("the function `{}` has no argument `{name}`; {cure}", signature.ident))
}

fn binds(signature: &Signature, name: &Ident) -> bool {
    let mut bound = Vec::new();
    for input in &signature.inputs {
        if let FnArg::Typed(input) = input {
            idents(input.pat.to_token_stream(), &mut bound);
        }
    }
    bound.contains(name)
}

/// Every word in the tokens.
pub(crate) fn idents(tokens: TokenStream, out: &mut Vec<Ident>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => out.push(ident),
            TokenTree::Group(group) => idents(group.stream(), out),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn has_impl(tokens: &TokenStream) -> bool {
    let mut found = Vec::new();
    idents(tokens.clone(), &mut found);
    found.iter().any(|ident| ident == "impl")
}

/// A type as it can stand in a static within the function: no generics, no `Self`, no named lifetime.
fn in_static(ty: &Type, signature: &Signature, label: &str) -> syn::Result<TokenStream> {
    let tokens = ty.to_token_stream();
    let mut used = Vec::new();
    idents(tokens.clone(), &mut used);
    let generic = |ident: &&Ident| {
        signature.generics.params.iter().any(|param| match param {
            GenericParam::Type(param) => param.ident == **ident,
            GenericParam::Const(param) => param.ident == **ident,
            GenericParam::Lifetime(_) => false,
        })
    };
    if let Some(ident) = used.iter().find(generic) {
        return Err(syn::Error::new(
            ident.span(),
            format!(
                "the label `{label}` has a generic type, but a metric has one type in the whole program; state one that holds for all: \
                 `{label}: String = {label}.to_string()`"
            ),
        ));
    }
    if let Some(ident) = used.iter().find(|ident| *ident == "Self") {
        return Err(syn::Error::new(
            ident.span(),
            format!(
                "the type of the label `{label}` is spelt with `Self`, which a metric knows nothing of; state it by its name: `{label}: Type`"
            ),
        ));
    }
    Ok(with_static_lifetimes(tokens))
}

/// A type as it can stand in an item of its own: with `'static` for every named lifetime.
pub(crate) fn with_static_lifetimes(tokens: TokenStream) -> TokenStream {
    let mut after_tick = false;
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Punct(punct) => {
                after_tick = punct.as_char() == '\'';
                TokenTree::Punct(punct)
            }
            TokenTree::Ident(ident) if after_tick => {
                after_tick = false;
                TokenTree::Ident(Ident::new("static", ident.span()))
            }
            TokenTree::Group(group) => {
                let mut inner = proc_macro2::Group::new(group.delimiter(), with_static_lifetimes(group.stream()));
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            other => other,
        })
        .collect()
}
