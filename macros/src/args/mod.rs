//! What stands in an attribute's parentheses.

mod attribute;
mod kind;
mod native;
mod values;

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, LitBool, LitInt, LitStr, Path, Token, parenthesized, token};

pub(crate) use self::attribute::Attribute;
pub(crate) use self::kind::Kind;
pub(crate) use self::native::Native;
pub(crate) use self::values::{Buckets, Clock, ConstLabel, Exception, LabelArg};
use crate::errors::Errors;
use crate::names::Utf8;

/// One attribute of ours, as it stands there.
pub(crate) struct Stated {
    pub(crate) attribute: Attribute,
    /// Of the attribute's name.
    pub(crate) span: Span,
    pub(crate) args: Args,
}

/// What makes or feeds one metric.
pub(crate) struct Mark {
    pub(crate) kind: Kind,
    /// Of the attribute's name.
    pub(crate) span: Span,
    pub(crate) args: Args,
}

/// The argument by which `measure` on an `impl` gives the name of the type to its functions.
pub(crate) const OF_TYPE: &str = "__of_type";

/// What is said of `exemplar` where nothing reads spans.
const WITHOUT_TRACING: &str = "`exemplar` takes what the current span says of its trace, which needs the feature `tracing`; enable it where \
     `tallymark` is stated: `tallymark = { …, features = [\"tracing\"] }`";

/// A word and what stands behind it.
#[derive(Clone)]
pub(crate) struct Arg<T> {
    pub(crate) word: Ident,
    pub(crate) value: T,
}

#[derive(Default)]
pub(crate) struct Args {
    pub(crate) name: Option<Arg<LitStr>>,
    pub(crate) allow_utf8: Option<Arg<()>>,
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
    pub(crate) time: Option<Arg<Clock>>,
    pub(crate) set: Option<Arg<Expr>>,
    pub(crate) set_to_current_time: Option<Arg<()>>,
    pub(crate) buckets: Option<Arg<Buckets>>,
    pub(crate) native: Option<Arg<Native>>,
    pub(crate) quantiles: Option<Arg<Expr>>,
    pub(crate) max_age: Option<Arg<Expr>>,
    pub(crate) age_buckets: Option<Arg<Expr>>,
    pub(crate) package: Option<Arg<()>>,
    pub(crate) observe: Option<Arg<Expr>>,
    pub(crate) panic: Option<Arg<()>>,
    pub(crate) exemplar: Option<Arg<()>>,
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) skip: Option<Arg<()>>,
    /// What stands before the name of the function in those of its metrics.
    pub(crate) of_type: Option<LitStr>,
    /// The words of all arguments, as they stand there.
    pub(crate) words: Vec<Ident>,
    /// Whether its labels are those of the first mark, which reads them.
    pub(crate) shares_labels: bool,
    /// Whether something else stood there that was refused, so that nothing is said of what seems to be missing.
    pub(crate) incomplete: bool,
}

impl Args {
    /// The word of an argument, where it stands there.
    pub(crate) fn word(&self, word: &str) -> Option<&Ident> {
        self.words.iter().find(|stated| *stated == word)
    }

    /// Those of these words that stand there, in their order there.
    pub(crate) fn words_of(&self, words: &[&str]) -> impl Iterator<Item = &Ident> {
        self.words.iter().filter(|stated| words.iter().any(|word| *stated == word))
    }

    /// Whether its names may have any characters.
    pub(crate) fn utf8(&self) -> Utf8 {
        match (&self.allow_utf8, &self.name) {
            (Some(_), _) => Utf8::Allowed,
            (None, Some(name)) => Utf8::By(format!("`name = {}, allow_utf8`", name.value.token())),
            (None, None) => Utf8::By("`name = \"…\", allow_utf8`".to_owned()),
        }
    }

    /// Those that every attribute takes.
    pub(crate) fn common(&self) -> Self {
        Self {
            namespace: self.namespace.clone(),
            help: self.help.clone(),
            labels: self.labels.clone(),
            const_labels: self.const_labels.clone(),
            init: self.init.clone(),
            max_series: self.max_series.clone(),
            krate: self.krate.clone(),
            of_type: self.of_type.clone(),
            incomplete: self.incomplete,
            ..Self::default()
        }
    }

    /// Parses what it can, and notes what is wrong with the rest.
    pub(crate) fn parse(attribute: Attribute, tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Self::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                args.one(attribute, input, errors)?;
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

    fn one(&mut self, attribute: Attribute, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        if attribute == Kind::CountExceptions.into() && !begins_argument(attribute, input) {
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
                    attribute.word(),
                    text.token()
                ),
            ));
        }
        if !input.peek(Ident::peek_any) {
            return Err(input.error(format!(
                "expected an argument of `#[{}]`: one of {}",
                attribute.word(),
                attribute.listed()
            )));
        }
        let word = Ident::parse_any(input)?;
        let text = word.to_string();
        if !attribute.takes(&text) {
            errors.at(word.span(), attribute.unknown(&text));
            self.incomplete = true;
            return skip_value(input);
        }
        self.words.push(word.clone());
        match text.as_str() {
            "name" => put(&mut self.name, text_value(&word, input)?, word, errors),
            "allow_utf8" => put(&mut self.allow_utf8, flag(&word, input, errors)?, word, errors),
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
            "time" => put(&mut self.time, Clock::parse(&word, input)?, word, errors),
            "set" => put(&mut self.set, value(&word, input, "|result: &T| …")?, word, errors),
            "set_to_current_time" => put(&mut self.set_to_current_time, flag(&word, input, errors)?, word, errors),
            "buckets" => put(&mut self.buckets, value(&word, input, "[0.1, 1.0]")?, word, errors),
            "native" => put(&mut self.native, Native::parse(&word, input, errors)?, word, errors),
            "quantiles" => put(&mut self.quantiles, value(&word, input, "[(0.5, 0.05), (0.99, 0.001)]")?, word, errors),
            "max_age" => put(&mut self.max_age, value(&word, input, "600")?, word, errors),
            "age_buckets" => put(&mut self.age_buckets, value(&word, input, "5")?, word, errors),
            "package" => put(&mut self.package, flag(&word, input, errors)?, word, errors),
            "observe" => put(&mut self.observe, value(&word, input, "|result: &T| …")?, word, errors),
            "exemplar" => {
                if !cfg!(feature = "tracing") {
                    errors.at(word.span(), WITHOUT_TRACING);
                }
                put(&mut self.exemplar, flag(&word, input, errors)?, word, errors);
            }
            "skip" => put(&mut self.skip, flag(&word, input, errors)?, word, errors),
            OF_TYPE => self.of_type = Some(text_value(&word, input)?),
            _ => put(&mut self.panic, flag(&word, input, errors)?, word, errors),
        }
        Ok(())
    }
}

/// Whether what comes is an argument and no pattern.
fn begins_argument(attribute: Attribute, input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let Ok(word) = Ident::parse_any(&ahead) else { return false };
    let assigned = ahead.peek(Token![=]) && !ahead.peek(Token![==]) && !ahead.peek(Token![=>]);
    let known = attribute.takes(&word.to_string());
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
