//! Marked statics.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Expr, GenericArgument, PathArguments, Type};

use super::metric::{Described, own};
use super::plan::{Own, What};
use crate::args::{Attribute, Kind, Stated};
use crate::errors::Errors;
use crate::item::Static;

/// The arguments that only a function can have, and what to write instead.
const OF_FUNCTIONS: [(&str, &str); 10] = [
    (
        "labels",
        "a static has no arguments; its labels are its type's: `Counter<MyLabels>` with `#[derive(Labels)] struct MyLabels { … }`",
    ),
    (
        "exemplar",
        "`exemplar` takes the span of a call; for a static call its method `inc_with_exemplar(…)` or `observe_with_exemplar(…)`",
    ),
    ("outcome", "`outcome` is that of a call, and a static is not called; drop it, or mark a function"),
    ("into", "`into` feeds a metric from a function; drop it, or mark a function"),
    (
        "track_inprogress",
        "`track_inprogress` counts the calls of a function; for a static call its method `track_inprogress()`",
    ),
    ("callback", "`callback` reads a function at every scrape; mark that function instead, and drop this static"),
    ("time", "`time` times a function; for a static call its method `time(|| …)`"),
    ("set", "`set` reads the result of a function; for a static call its method `set(…)`"),
    (
        "set_to_current_time",
        "`set_to_current_time` shows when a function last succeeded; for a static call its method `set_to_current_time()`",
    ),
    ("observe", "`observe` reads the result of a function; for a static call its method `observe(…)`"),
];

/// The metric of a marked static.
pub(crate) fn a_static(stated: Vec<Stated>, item: &Static, errors: &mut Errors) -> Option<(Kind, Own)> {
    let mut stated = stated.into_iter();
    let Stated { attribute, span, args } = stated.next()?;
    for other in stated {
        errors.at(other.span, "a static is one metric, so it takes one attribute; drop this one");
    }
    let kind = match attribute {
        Attribute::Metric(kind) if kind.marks_statics() => kind,
        other => {
            let instead = Kind::of_type(&item.ty).unwrap_or(Kind::Counter);
            errors.at(
                span,
                format!("`#[{}]` marks a function; on a static write `#[{}]`", other.word(), instead.attribute()),
            );
            return None;
        }
    };
    if let Some(mutability) = &item.mutability {
        errors.on(mutability, "a metric counts behind a shared reference; drop `mut`");
    }
    if let Some(initialiser) = &item.initialiser {
        errors.on(
            initialiser,
            format!(
                "the attribute writes the initialiser; end the line behind the type: `static {}: {};`",
                item.ident,
                item.ty.to_token_stream()
            ),
        );
    }
    if let Some(of_type) = Kind::of_type(&item.ty)
        && of_type != kind
    {
        errors.on(
            &item.ty,
            format!(
                "`#[{}]` on a static makes a `{}`; write that type, or `#[{}]`",
                kind.attribute(),
                kind.type_name(),
                of_type.attribute()
            ),
        );
    } else if is_no_metric(&item.ty) {
        errors.on(
            &item.ty,
            format!(
                "`#[{0}]` on a static makes a `{1}`; write `static {2}: {1}{3};`",
                kind.attribute(),
                kind.type_name(),
                item.ident,
                if kind == Kind::StateSet { "<MyStates>" } else { "" }
            ),
        );
    }
    if has_no_labels(&item.ty) {
        let before = if kind == Kind::StateSet { "MyStates, " } else { "" };
        let cure = format!("`{}<{before}MyLabels>`", kind.type_name());
        for (word, what) in [
            ("max_series", "limits how many series the labels may make"),
            ("init", "says whether the series of the labels show from the first scrape"),
        ] {
            if let Some(word) = args.word(word) {
                errors.at(
                    word.span(),
                    format!("`{word}` {what}, and this static has no labels; drop it, or name a set of labels: {cure}"),
                );
            }
        }
    }
    for (word, why) in OF_FUNCTIONS {
        if let Some(word) = args.word(word) {
            errors.at(word.span(), why);
        }
    }
    let described = Described { ident: &item.ident, attrs: &item.attrs };
    let what = What::Observation(Expr::Verbatim(TokenStream::new()));
    Some((kind, own(kind, span, args, Vec::new(), &described, &what, errors)))
}

/// Whether a type is certainly no metric: a built-in type, or an atomic. Of any other name the compiler knows more.
fn is_no_metric(ty: &Type) -> bool {
    const BUILT_IN: [&str; 18] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16", "u32", "u64",
        "u128", "usize", "String",
    ];
    let Type::Path(path) = ty else { return !matches!(ty, Type::Macro(_) | Type::Paren(_) | Type::Group(_)) };
    path.path.segments.last().is_some_and(|last| {
        let name = last.ident.to_string();
        BUILT_IN.contains(&name.as_str()) || name.starts_with("Atomic")
    })
}

/// Whether a type is one of ours and names no labels, or `()`.
fn has_no_labels(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    let Some(kind) = Kind::of_type(ty) else { return false };
    match &last.arguments {
        PathArguments::None => true,
        PathArguments::AngleBracketed(arguments) => {
            // Those of a state set stand behind its states.
            let labels = arguments.args.iter().nth(usize::from(kind == Kind::StateSet));
            matches!(labels, None | Some(GenericArgument::Type(Type::Tuple(_))))
        }
        PathArguments::Parenthesized(_) => false,
    }
}
