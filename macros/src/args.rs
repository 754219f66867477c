//! What stands in an attribute's parentheses.

use proc_macro2::{Span, TokenStream};
use quote::format_ident;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, LitBool, LitInt, LitStr, Pat, Path, Token, Type, parenthesized, token};

use crate::errors::Errors;
use crate::names;

/// Which attribute it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
    CountExceptions,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Counter, Self::Gauge, Self::Histogram, Self::CountExceptions];

    /// The attribute's name.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::CountExceptions => "count_exceptions",
        }
    }

    /// The type of the metric that it makes.
    pub(crate) fn type_name(self) -> Ident {
        let name = match self {
            Self::Counter | Self::CountExceptions => "Counter",
            Self::Gauge => "Gauge",
            Self::Histogram => "Histogram",
        };
        format_ident!("{name}", span = Span::mixed_site())
    }

    /// The kind that makes a type, if it is one of ours by its last segment.
    pub(crate) fn of_type(ty: &Type) -> Option<Self> {
        let Type::Path(path) = ty else { return None };
        let last = path.path.segments.last()?.ident.to_string();
        [Self::Counter, Self::Gauge, Self::Histogram].into_iter().find(|kind| kind.type_name() == last)
    }

    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Counter => &[
                "name",
                "namespace",
                "unit",
                "help",
                "labels",
                "const_labels",
                "outcome",
                "init",
                "max_series",
                "into",
                "crate",
            ],
            Self::Gauge => &[
                "track_inprogress",
                "callback",
                "name",
                "namespace",
                "unit",
                "help",
                "labels",
                "const_labels",
                "init",
                "max_series",
                "into",
                "crate",
            ],
            Self::Histogram => &[
                "buckets",
                "observe",
                "name",
                "namespace",
                "unit",
                "help",
                "labels",
                "const_labels",
                "outcome",
                "init",
                "max_series",
                "into",
                "crate",
            ],
            Self::CountExceptions => &[
                "panic",
                "name",
                "namespace",
                "unit",
                "help",
                "labels",
                "const_labels",
                "init",
                "max_series",
                "into",
                "crate",
            ],
        }
    }
}

/// One attribute of ours.
pub(crate) struct Mark {
    pub(crate) kind: Kind,
    /// Of the attribute's name.
    pub(crate) span: Span,
    pub(crate) args: Args,
}

/// A word and what stands behind it.
pub(crate) struct Arg<T> {
    pub(crate) word: Ident,
    pub(crate) value: T,
}

#[derive(Default)]
pub(crate) struct Args {
    pub(crate) name: Option<Arg<LitStr>>,
    pub(crate) namespace: Option<Arg<LitStr>>,
    pub(crate) unit: Option<Arg<LitStr>>,
    pub(crate) help: Option<Arg<LitStr>>,
    pub(crate) labels: Option<Arg<Vec<LabelArg>>>,
    pub(crate) const_labels: Option<Arg<Vec<ConstLabel>>>,
    pub(crate) outcome: Option<Arg<()>>,
    pub(crate) init: Option<Arg<LitBool>>,
    pub(crate) max_series: Option<Arg<LitInt>>,
    pub(crate) into: Option<Arg<Expr>>,
    pub(crate) krate: Option<Arg<Path>>,
    pub(crate) track_inprogress: Option<Arg<()>>,
    pub(crate) callback: Option<Arg<()>>,
    pub(crate) buckets: Option<Arg<Buckets>>,
    pub(crate) observe: Option<Arg<Expr>>,
    pub(crate) panic: Option<Arg<()>>,
    pub(crate) exceptions: Vec<Exception>,
}

/// A label of a marked function: `argument`, `name: Type`, `name: Type = expression`, `name = expression`.
pub(crate) struct LabelArg {
    pub(crate) name: Ident,
    pub(crate) ty: Option<Type>,
    pub(crate) value: Option<Expr>,
}

pub(crate) struct ConstLabel {
    pub(crate) name: Ident,
    pub(crate) value: Expr,
}

pub(crate) enum Buckets {
    Linear { start: Expr, width: Expr, count: Expr },
    Exponential { start: Expr, factor: Expr, count: Expr },
    Bounds(Expr),
}

/// What `count_exceptions` counts of the returned value.
pub(crate) enum Exception {
    Err(Ident),
    None(Ident),
    Pattern { pattern: Pat, guard: Option<Expr> },
}

impl Args {
    /// Parses what it can, and notes what is wrong with the rest.
    pub(crate) fn parse(kind: Kind, tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Self::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                args.one(kind, input, errors)?;
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            errors.push(error);
        }
        args
    }

    fn one(&mut self, kind: Kind, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        if kind == Kind::CountExceptions && !begins_argument(kind, input) {
            self.exceptions.push(input.parse()?);
            return Ok(());
        }
        if !input.peek(Ident::peek_any) {
            return Err(input.error(format!(
                "expected an argument of `#[{}]`: one of {}",
                kind.attribute(),
                listed(kind.words())
            )));
        }
        let word = Ident::parse_any(input)?;
        let text = word.to_string();
        if !kind.words().contains(&text.as_str()) {
            errors.at(word.span(), unknown(kind, &text));
            skip_value(input)?;
            return Ok(());
        }
        match text.as_str() {
            "name" => put(&mut self.name, word, text_value(input)?, errors),
            "namespace" => put(&mut self.namespace, word, text_value(input)?, errors),
            "unit" => put(&mut self.unit, word, text_value(input)?, errors),
            "help" => put(&mut self.help, word, text_value(input)?, errors),
            "labels" => {
                put(&mut self.labels, word, list_value(input, "labels(method, size: Size = cart.size())")?, errors)
            }
            "const_labels" => {
                put(&mut self.const_labels, word, list_value(input, "const_labels(region = \"eu\")")?, errors)
            }
            "outcome" => put(&mut self.outcome, word, flag(input, "outcome")?, errors),
            "init" => put(&mut self.init, word, value(input, "`true` or `false`")?, errors),
            "max_series" => put(&mut self.max_series, word, value(input, "a whole number, for example `100`")?, errors),
            "into" => put(&mut self.into, word, value(input, "an expression that gives a metric")?, errors),
            "crate" => {
                input.parse::<Token![=]>()?;
                let path = input.call(Path::parse_mod_style)?;
                put(&mut self.krate, word, path, errors);
            }
            "track_inprogress" => put(&mut self.track_inprogress, word, flag(input, "track_inprogress")?, errors),
            "callback" => put(&mut self.callback, word, flag(input, "callback")?, errors),
            "buckets" => put(&mut self.buckets, word, value(input, "for example `[0.1, 1.0]`")?, errors),
            "observe" => {
                put(&mut self.observe, word, value(input, "a closure of the result, `|result: &T| …`")?, errors)
            }
            _ => put(&mut self.panic, word, flag(input, "panic")?, errors),
        }
        Ok(())
    }
}

/// Whether what comes is an argument and no pattern.
fn begins_argument(kind: Kind, input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let Ok(word) = Ident::parse_any(&ahead) else { return false };
    let assigned = ahead.peek(Token![=]) && !ahead.peek(Token![==]) && !ahead.peek(Token![=>]);
    let known = kind.words().contains(&word.to_string().as_str());
    assigned || (known && (ahead.is_empty() || ahead.peek(Token![,]) || ahead.peek(token::Paren)))
}

fn put<T>(slot: &mut Option<Arg<T>>, word: Ident, value: T, errors: &mut Errors) {
    if slot.is_some() {
        errors.at(word.span(), format!("the argument `{word}` stands twice; drop one of them"));
    } else {
        *slot = Some(Arg { word, value });
    }
}

fn flag(input: ParseStream<'_>, word: &str) -> syn::Result<()> {
    if input.peek(Token![=]) || input.peek(token::Paren) {
        return Err(input.error(format!("`{word}` takes no value; write `{word}` alone")));
    }
    Ok(())
}

fn value<T: Parse>(input: ParseStream<'_>, expected: &str) -> syn::Result<T> {
    if !input.peek(Token![=]) {
        return Err(input.error(format!("expected `=` and a value: {expected}")));
    }
    input.parse::<Token![=]>()?;
    let at = input.span();
    input.parse().map_err(|error| syn::Error::new(at, format!("expected {expected} ({error})")))
}

fn text_value(input: ParseStream<'_>) -> syn::Result<LitStr> {
    if !input.peek(Token![=]) {
        return Err(input.error("expected `=` and a text in quotes: `= \"…\"`"));
    }
    input.parse::<Token![=]>()?;
    let at = input.span();
    input.parse().map_err(|_| syn::Error::new(at, "expected a text in quotes: `\"…\"`"))
}

fn list_value<T: Parse>(input: ParseStream<'_>, example: &str) -> syn::Result<Vec<T>> {
    if !input.peek(token::Paren) {
        return Err(input.error(format!("expected a list in parentheses: `{example}`")));
    }
    let list;
    parenthesized!(list in input);
    Ok(Punctuated::<T, Token![,]>::parse_terminated(&list)?.into_iter().collect())
}

fn skip_value(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

fn unknown(kind: Kind, word: &str) -> String {
    let attribute = kind.attribute();
    if let Some(near) = names::nearest(word, kind.words()) {
        return format!("`#[{attribute}]` has no argument `{word}`; did you mean `{near}`?");
    }
    let others: Vec<&str> =
        Kind::ALL.into_iter().filter(|other| other.words().contains(&word)).map(Kind::attribute).collect();
    match others.as_slice() {
        [] => format!("`#[{attribute}]` has no argument `{word}`; it has {}", listed(kind.words())),
        others => {
            format!("`#[{attribute}]` has no argument `{word}`, which belongs to `#[{}]`", others.join("]`, `#["))
        }
    }
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

impl Parse for LabelArg {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error(
                "expected the name of a label: `argument`, or `name: Type = expression`; a name that is no Rust word can't be a label",
            ));
        }
        let name = Ident::parse_any(input)?;
        let ty = if input.parse::<Option<Token![:]>>()?.is_some() { Some(input.parse()?) } else { None };
        let value = if input.parse::<Option<Token![=]>>()?.is_some() { Some(input.parse()?) } else { None };
        Ok(Self { name, ty, value })
    }
}

impl Parse for ConstLabel {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected the name of a label: `const_labels(region = \"eu\")`"));
        }
        let name = Ident::parse_any(input)?;
        if !input.peek(Token![=]) {
            return Err(input.error(format!("expected a value for the label: `{name} = \"…\"`")));
        }
        input.parse::<Token![=]>()?;
        Ok(Self { name, value: input.parse()? })
    }
}

impl Parse for Buckets {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        let generator = match Ident::parse_any(&ahead) {
            Ok(word) if ahead.peek(token::Paren) => word.to_string(),
            _ => String::new(),
        };
        let (signature, linear) = match generator.as_str() {
            "linear" => ("linear(start, width, count)", true),
            "exponential" => ("exponential(start, factor, count)", false),
            _ => return Ok(Self::Bounds(input.parse()?)),
        };
        let word = Ident::parse_any(input)?;
        let list;
        parenthesized!(list in input);
        let numbers: Vec<Expr> = Punctuated::<Expr, Token![,]>::parse_terminated(&list)?.into_iter().collect();
        let [start, step, count]: [Expr; 3] = numbers
            .try_into()
            .map_err(|_| syn::Error::new(word.span(), format!("expected three numbers: `{signature}`")))?;
        Ok(if linear {
            Self::Linear { start, width: step, count }
        } else {
            Self::Exponential { start, factor: step, count }
        })
    }
}

impl Parse for Exception {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let at = input.span();
        let pattern = Pat::parse_multi_with_leading_vert(input).map_err(|error| {
            syn::Error::new(
                at,
                format!("expected what counts: `Err`, `None`, a pattern of the returned value, or `panic` ({error})"),
            )
        })?;
        let guard = if input.parse::<Option<Token![if]>>()?.is_some() { Some(input.parse()?) } else { None };
        if let (Pat::Ident(binding), None) = (&pattern, &guard)
            && binding.subpat.is_none()
        {
            if binding.ident == "Err" {
                return Ok(Self::Err(binding.ident.clone()));
            }
            if binding.ident == "None" {
                return Ok(Self::None(binding.ident.clone()));
            }
        }
        Ok(Self::Pattern { pattern, guard })
    }
}
