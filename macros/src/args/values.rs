//! Arguments that are more than a literal.

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Expr, Ident, Pat, PatIdent, Token, Type, parenthesized, parse_quote_spanned, token};

use super::after_equals;
use super::attribute::Attribute;
use super::kind::Kind;
use crate::names;

/// A label of a marked function: `argument`, `name: Type`, `name: Type = expression`, `name = expression`.
#[derive(Clone)]
pub(crate) struct LabelArg {
    pub(crate) name: Ident,
    pub(crate) ty: Option<Type>,
    pub(crate) value: Option<Expr>,
}

#[derive(Clone)]
pub(crate) struct ConstLabel {
    pub(crate) name: Ident,
    pub(crate) value: Expr,
}

pub(crate) enum Buckets {
    Linear { start: Expr, width: Expr, count: Expr },
    Exponential { start: Expr, factor: Expr, count: Expr },
    ExponentialRange { start: Expr, end: Expr, count: Expr },
    Bounds(Expr),
}

/// Which of the time that a call takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// All of it.
    Wall,
    /// That in which its future is polled.
    Busy,
    /// The rest.
    Idle,
}

/// What `count_exceptions` counts of the returned value.
pub(crate) enum Exception {
    Err(Ident),
    None(Ident),
    Pattern {
        pattern: Box<Pat>,
        guard: Option<Box<Expr>>,
        /// The names in the pattern that are written like constants.
        constants: Vec<Ident>,
    },
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
        let signature = match generator.as_str() {
            "linear" => "linear(start, width, count)",
            "exponential" => "exponential(start, factor, count)",
            "exponential_range" => "exponential_range(start, end, count)",
            _ => {
                return Ok(Self::Bounds(match input.parse()? {
                    Expr::Reference(reference) if matches!(*reference.expr, Expr::Array(_)) => *reference.expr,
                    bounds => bounds,
                }));
            }
        };
        let word = Ident::parse_any(input)?;
        let list;
        parenthesized!(list in input);
        let numbers: Vec<Expr> = Punctuated::<Expr, Token![,]>::parse_terminated(&list)?.into_iter().collect();
        let [start, step, count]: [Expr; 3] = numbers
            .try_into()
            .map_err(|_| syn::Error::new(word.span(), format!("`{word}` takes three numbers: `{signature}`")))?;
        Ok(match generator.as_str() {
            "linear" => Self::Linear { start, width: step, count },
            "exponential" => Self::Exponential { start, factor: step, count },
            _ => Self::ExponentialRange { start, end: step, count },
        })
    }
}

impl Clock {
    pub(crate) const ALL: [Self; 3] = [Self::Wall, Self::Busy, Self::Idle];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Wall => "wall",
            Self::Busy => "busy",
            Self::Idle => "idle",
        }
    }

    /// What stands behind `time`: nothing, or one of the words.
    pub(super) fn parse(word: &Ident, input: ParseStream<'_>) -> syn::Result<Self> {
        if input.is_empty() || input.peek(Token![,]) {
            return Ok(Self::Wall);
        }
        after_equals(word, input, "busy")?;
        let at = input.span();
        let stated = Ident::parse_any(input).map(|stated| stated.to_string()).unwrap_or_default();
        let known = Self::ALL.into_iter().find(|clock| clock.word() == stated);
        known.ok_or_else(|| {
            let message = "`time` takes one of three words: `busy` for the time in which the future is polled, `idle` for the rest, `wall` for all of it";
            syn::Error::new(at, message)
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
        let mut constants = Vec::new();
        name_variants(&mut pattern, &mut constants);
        if let Pat::Ident(PatIdent { ident, by_ref: by_ref @ None, subpat: Some((_, inner)), .. }) = &mut pattern
            && !binds(inner)
        {
            // The value itself is compared with a constant behind the `@`; the name is borrowed as ever.
            *by_ref = Some(Token![ref](ident.span()));
        }
        Ok(Self::Pattern { pattern: Box::new(pattern), guard: guard.map(Box::new), constants })
    }
}

/// Makes a variant of each name that is written like one, whatever it carries, and finds those that are written like
/// constants. Where there is none of that name, the pattern would bind it, match all, and count what nobody meant.
fn name_variants(pattern: &mut Pat, constants: &mut Vec<Ident>) {
    match pattern {
        Pat::Ident(PatIdent { ident, by_ref: None, mutability: None, subpat: None, .. }) if is_camel_case(ident) => {
            *pattern = parse_quote_spanned!(ident.span()=> #ident { .. });
        }
        Pat::Ident(PatIdent { ident, by_ref: None, mutability: None, subpat: None, .. })
            if ident.to_string().starts_with(char::is_uppercase) =>
        {
            constants.push(ident.clone());
        }
        Pat::Ident(PatIdent { subpat: Some((_, inner)), .. }) => name_variants(inner, constants),
        Pat::Paren(pattern) => name_variants(&mut pattern.pat, constants),
        Pat::Reference(pattern) => name_variants(&mut pattern.pat, constants),
        Pat::Or(pattern) => pattern.cases.iter_mut().for_each(|inner| name_variants(inner, constants)),
        Pat::Slice(pattern) => pattern.elems.iter_mut().for_each(|inner| name_variants(inner, constants)),
        Pat::Tuple(pattern) => pattern.elems.iter_mut().for_each(|inner| name_variants(inner, constants)),
        Pat::TupleStruct(pattern) => pattern.elems.iter_mut().for_each(|inner| name_variants(inner, constants)),
        Pat::Struct(pattern) => {
            let stated = pattern.fields.iter_mut().filter(|field| field.colon_token.is_some());
            stated.for_each(|field| name_variants(&mut field.pat, constants));
        }
        _ => {}
    }
}

/// Whether a pattern binds a name so that it takes what it names.
fn binds(pattern: &Pat) -> bool {
    match pattern {
        Pat::Ident(PatIdent { by_ref: Some(_), subpat, .. }) => {
            subpat.as_ref().is_some_and(|(_, pattern)| binds(pattern))
        }
        Pat::Ident(PatIdent { ident, mutability, subpat, .. }) => {
            mutability.is_some() || subpat.is_some() || !ident.to_string().starts_with(char::is_uppercase)
        }
        Pat::Paren(pattern) => binds(&pattern.pat),
        Pat::Or(pattern) => pattern.cases.iter().any(binds),
        Pat::Slice(pattern) => pattern.elems.iter().any(binds),
        Pat::Tuple(pattern) => pattern.elems.iter().any(binds),
        Pat::TupleStruct(pattern) => pattern.elems.iter().any(binds),
        Pat::Struct(pattern) => pattern.fields.iter().any(|field| field.colon_token.is_none() || binds(&field.pat)),
        // What a reference binds is copied out of what it refers to.
        Pat::Lit(_) | Pat::Path(_) | Pat::Range(_) | Pat::Reference(_) | Pat::Rest(_) | Pat::Wild(_) => false,
        // What it may be, nobody knows here.
        _ => true,
    }
}

fn is_camel_case(ident: &Ident) -> bool {
    let text = ident.to_string();
    text.starts_with(char::is_uppercase) && text.contains(char::is_lowercase)
}

impl Exception {
    /// Whether the returned value is to be matched by reference, since its pattern may bind a part of it. One that binds
    /// nothing takes nothing either, and a constant in it is compared with the value itself.
    pub(crate) fn by_reference(&self) -> bool {
        matches!(self, Self::Pattern { pattern, .. } if binds(pattern))
    }

    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Err(word) | Self::None(word) => word.span(),
            Self::Pattern { pattern, .. } => pattern.span(),
        }
    }

    /// A pattern that matches every value is a slip: a misspelt word, or a name where a constant was meant.
    pub(super) fn fault(&self) -> Option<syn::Error> {
        let Self::Pattern { pattern, guard: None, .. } = self else { return None };
        let message = match &**pattern {
            Pat::Wild(_) => "`_` matches whatever is returned; to count every call write `#[counter]`".to_owned(),
            Pat::Ident(binding) if binding.subpat.is_none() => {
                let word = binding.ident.to_string();
                if !word.starts_with(|c: char| c.is_lowercase() || c == '_') {
                    return None;
                }
                let words: Vec<&str> = ["Err", "None"].into_iter().chain(Kind::CountExceptions.words()).collect();
                match names::nearest(&word, &words) {
                    Some(near) => format!("`{word}` matches whatever is returned; did you mean `{near}`?"),
                    None if Attribute::all().any(|attribute| attribute.arguments().contains(&word.as_str())) => {
                        Attribute::Metric(Kind::CountExceptions).unknown(&word)
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
