//! What stands in an attribute's parentheses.

use proc_macro2::{Span, TokenStream};
use quote::format_ident;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{
    Expr, Ident, LitBool, LitInt, LitStr, Pat, PatIdent, Path, Token, Type, parenthesized, parse_quote_spanned, token,
};

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
    /// Whether something else stood there that was refused, so that nothing is said of what seems to be missing.
    pub(crate) incomplete: bool,
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
    Pattern { pattern: Box<Pat>, guard: Option<Box<Expr>> },
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
            args.incomplete = true;
        }
        args
    }

    fn one(&mut self, kind: Kind, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        if kind == Kind::CountExceptions && !begins_argument(kind, input) {
            let exception: Exception = input.parse()?;
            match exception.fault() {
                Some(fault) => {
                    errors.push(fault);
                    self.incomplete = true;
                }
                None => self.exceptions.push(exception),
            }
            return Ok(());
        }
        if let Ok(text) = input.fork().parse::<LitStr>() {
            return Err(syn::Error::new(
                text.span(),
                format!(
                    "expected an argument of `#[{}]`; for the name write `name = {}`",
                    kind.attribute(),
                    text.token()
                ),
            ));
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
            self.incomplete = true;
            return skip_value(input);
        }
        match text.as_str() {
            "name" => put(&mut self.name, text_value(&word, input)?, word, errors),
            "namespace" => put(&mut self.namespace, text_value(&word, input)?, word, errors),
            "unit" => put(&mut self.unit, text_value(&word, input)?, word, errors),
            "help" => put(&mut self.help, text_value(&word, input)?, word, errors),
            "labels" => {
                put(&mut self.labels, list_value(&word, input, "method, size: Size = cart.size()")?, word, errors);
            }
            "const_labels" => put(&mut self.const_labels, list_value(&word, input, "region = \"eu\"")?, word, errors),
            "outcome" => put(&mut self.outcome, flag(&word, input, errors)?, word, errors),
            "init" => put(&mut self.init, literal(&word, input, "`true` or `false`", "true")?, word, errors),
            "max_series" => {
                put(&mut self.max_series, literal(&word, input, "a whole number, as `100`", "100")?, word, errors);
            }
            "into" => put(&mut self.into, value(&word, input, "METRIC")?, word, errors),
            "crate" => {
                after_equals(&word, input, "path")?;
                put(&mut self.krate, module_path(&word, input)?, word, errors);
            }
            "track_inprogress" => put(&mut self.track_inprogress, flag(&word, input, errors)?, word, errors),
            "callback" => put(&mut self.callback, flag(&word, input, errors)?, word, errors),
            "buckets" => put(&mut self.buckets, value(&word, input, "[0.1, 1.0]")?, word, errors),
            "observe" => put(&mut self.observe, value(&word, input, "|result: &T| …")?, word, errors),
            _ => put(&mut self.panic, flag(&word, input, errors)?, word, errors),
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

fn put<T>(slot: &mut Option<Arg<T>>, value: T, word: Ident, errors: &mut Errors) {
    if slot.is_some() {
        errors.at(word.span(), format!("the argument `{word}` stands twice; drop one of them"));
    } else {
        *slot = Some(Arg { word, value });
    }
}

fn flag(word: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
    if input.peek(Token![=]) || input.peek(token::Paren) {
        errors.at(input.span(), format!("`{word}` takes no value; write `{word}` alone"));
        skip_value(input)?;
    }
    Ok(())
}

/// Takes the `=`. A word that stands alone is pointed at itself: behind it there may be nothing to point at.
fn after_equals(word: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<()> {
    if !input.peek(Token![=]) {
        return Err(syn::Error::new(word.span(), format!("`{word}` needs a value: `{word} = {example}`")));
    }
    input.parse::<Token![=]>()?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(syn::Error::new(word.span(), format!("`{word}` needs a value behind `=`: `{word} = {example}`")));
    }
    Ok(())
}

fn value<T: Parse>(word: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<T> {
    after_equals(word, input, example)?;
    input.parse()
}

/// A path without quotes.
pub(crate) fn module_path(word: &Ident, input: ParseStream<'_>) -> syn::Result<Path> {
    let at = input.span();
    let path = input.call(Path::parse_mod_style);
    path.map_err(|_| syn::Error::new(at, format!("`{word}` takes a path without quotes: `{word} = ::tallymark`")))
}

fn text_value(word: &Ident, input: ParseStream<'_>) -> syn::Result<LitStr> {
    after_equals(word, input, "\"…\"")?;
    let at = input.span();
    input.parse().map_err(|_| syn::Error::new(at, format!("`{word}` takes a text in quotes: `{word} = \"…\"`")))
}

fn literal<T: Parse>(word: &Ident, input: ParseStream<'_>, expected: &str, example: &str) -> syn::Result<T> {
    after_equals(word, input, example)?;
    let at = input.span();
    input.parse().map_err(|_| syn::Error::new(at, format!("`{word}` takes {expected}")))
}

fn list_value<T: Parse>(word: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<Vec<T>> {
    if !input.peek(token::Paren) {
        return Err(syn::Error::new(word.span(), format!("`{word}` takes a list in parentheses: `{word}({example})`")));
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
            return Err(
                input.error("expected the name of a label without quotes: `argument`, or `name: Type = expression`")
            );
        }
        let name = Ident::parse_any(input)?;
        if input.peek(Token![::]) {
            let message = format!(
                "the name of a label is one word of ASCII letters, digits and `_`; for the value of `{name}::…` write `name: Type = {name}::…`"
            );
            return Err(syn::Error::new(name.span(), message));
        }
        if name == "self" || input.peek(Token![.]) {
            let message =
                format!("a label that is no argument needs a name and a type of its own: `name: Type = {name}.…`");
            return Err(syn::Error::new(name.span(), message));
        }
        let ty = match input.parse::<Option<Token![:]>>()? {
            Some(_) => Some(input.parse().map_err(|_| {
                syn::Error::new(name.span(), format!("expected a type for the label: `{name}: Type = expression`"))
            })?),
            None => None,
        };
        let value = match input.parse::<Option<Token![=]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        Ok(Self { name, ty, value })
    }
}

impl Parse for ConstLabel {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected the name of a label without quotes: `region = \"eu\"`"));
        }
        let name = Ident::parse_any(input)?;
        if !input.peek(Token![=]) {
            return Err(syn::Error::new(
                name.span(),
                format!("a label in `const_labels(…)` needs its value: `{name} = \"…\"`"),
            ));
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
            .map_err(|_| syn::Error::new(word.span(), format!("`{word}` takes three numbers: `{signature}`")))?;
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
        let begins_closure = input.peek(Token![|]) || input.peek(Token![||]);
        let mistaken = |error: syn::Error| {
            if begins_closure {
                let message = "a pattern of the returned value is counted, not what a closure says; write for example `Err(error) if error.is_fatal()`";
                syn::Error::new(at, message)
            } else {
                error
            }
        };
        let mut pattern = Pat::parse_multi_with_leading_vert(input).map_err(|_| {
            let message = "expected what counts: `Err`, `None`, a pattern of the returned value, or `panic`";
            mistaken(syn::Error::new(at, message))
        })?;
        let guard = if input.parse::<Option<Token![if]>>()?.is_some() { Some(input.parse()?) } else { None };
        if !input.is_empty() && !input.peek(Token![,]) {
            return Err(mistaken(input.error("expected `,`, or a guard of the pattern: `Err(error) if …`")));
        }
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
        name_variants(&mut pattern);
        Ok(Self::Pattern { pattern: Box::new(pattern), guard: guard.map(Box::new) })
    }
}

/// Makes a variant of each name that is written like one, whatever it carries. Where there is none of that name, the pattern would bind it,
/// match all, and count what nobody meant.
fn name_variants(pattern: &mut Pat) {
    match pattern {
        Pat::Ident(PatIdent { ident, by_ref: None, mutability: None, subpat: None, .. }) if is_camel_case(ident) => {
            *pattern = parse_quote_spanned!(ident.span()=> #ident { .. });
        }
        Pat::Ident(PatIdent { subpat: Some((_, inner)), .. }) => name_variants(inner),
        Pat::Paren(pattern) => name_variants(&mut pattern.pat),
        Pat::Reference(pattern) => name_variants(&mut pattern.pat),
        Pat::Or(pattern) => pattern.cases.iter_mut().for_each(name_variants),
        Pat::Slice(pattern) => pattern.elems.iter_mut().for_each(name_variants),
        Pat::Tuple(pattern) => pattern.elems.iter_mut().for_each(name_variants),
        Pat::TupleStruct(pattern) => pattern.elems.iter_mut().for_each(name_variants),
        Pat::Struct(pattern) => {
            let stated = pattern.fields.iter_mut().filter(|field| field.colon_token.is_some());
            stated.for_each(|field| name_variants(&mut field.pat));
        }
        _ => {}
    }
}

fn is_camel_case(ident: &Ident) -> bool {
    let text = ident.to_string();
    text.starts_with(char::is_uppercase) && text.contains(char::is_lowercase)
}

impl Exception {
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Err(word) | Self::None(word) => word.span(),
            Self::Pattern { pattern, .. } => pattern.span(),
        }
    }

    /// A pattern that matches every value is a slip: a misspelt word, or a name where a constant was meant.
    fn fault(&self) -> Option<syn::Error> {
        let Self::Pattern { pattern, guard: None } = self else { return None };
        let message = match &**pattern {
            Pat::Wild(_) => "`_` matches whatever is returned; to count every call write `#[counter]`".to_owned(),
            Pat::Ident(binding) if binding.subpat.is_none() => {
                let word = binding.ident.to_string();
                if !word.starts_with(|c: char| c.is_lowercase() || c == '_') {
                    return None;
                }
                let words: Vec<&str> = ["Err", "None"].iter().chain(Kind::CountExceptions.words()).copied().collect();
                match names::nearest(&word, &words) {
                    Some(near) => format!("`{word}` matches whatever is returned; did you mean `{near}`?"),
                    None if Kind::ALL.iter().any(|kind| kind.words().contains(&word.as_str())) => {
                        unknown(Kind::CountExceptions, &word)
                    }
                    None => format!(
                        "`{word}` matches whatever is returned; write what counts: `Err`, `None`, `panic`, or a pattern, with a guard if need be: `{word} if …`"
                    ),
                }
            }
            _ => return None,
        };
        Some(syn::Error::new_spanned(pattern, message))
    }
}
