//! What an attribute stands on. A function's body is kept as it was written.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, Meta, Path, Signature, Token, Type, Visibility};

use crate::args::{Args, Attribute as Ours, Stated};
use crate::errors::Errors;
use crate::paths::Runtime;

/// The marked item.
pub(crate) enum Marked {
    Function(Box<Function>),
    Static(Box<Static>),
    /// What can't be marked.
    Other(TokenStream),
}

pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    /// Those at the beginning of the body.
    pub(crate) inner_attrs: Vec<TokenStream>,
    /// The paths of the attributes that were taken off, which the user's imports are for.
    pub(crate) taken: Vec<Path>,
    pub(crate) vis: TokenStream,
    pub(crate) signature: Signature,
    /// The braces, as they stand in the source, and what is between them; none for a function without a body.
    pub(crate) body: Option<Group>,
}

pub(crate) struct Static {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) keyword: Token![static],
    pub(crate) mutability: Option<Token![mut]>,
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) initialiser: Option<Expr>,
}

/// The argument of an attribute that stands there for its import alone.
const IMPORTED: &str = "__imported";

pub(crate) fn is_import(args: &TokenStream, item: &TokenStream) -> bool {
    args.to_string() == IMPORTED
        && item.to_string()
            == quote!(
                const _: () = ();
            )
            .to_string()
}

/// Parses an item, and takes our attributes off it: the one that is being expanded and those below it.
pub(crate) fn parse(ours: Ours, args: TokenStream, item: TokenStream, errors: &mut Errors) -> (Vec<Stated>, Marked) {
    let mut stated = vec![Stated { attribute: ours, span: Span::call_site(), args: Args::parse(ours, args, errors) }];
    let original = item.clone();
    let mut marked = match Marked::parse.parse2(item) {
        Ok(marked) => marked,
        Err(error) => {
            errors.push(error);
            Marked::Other(original)
        }
    };
    let (attrs, taken) = match &mut marked {
        Marked::Function(function) => (&mut function.attrs, Some(&mut function.taken)),
        Marked::Static(item) => (&mut item.attrs, None),
        Marked::Other(_) => return (stated, marked),
    };
    let mut paths = Vec::new();
    let krate = stated[0].args.krate.as_ref().map(|krate| krate.value.to_token_stream().to_string());
    attrs.retain(|attr| {
        let Some(ours) = ours_of(attr.meta.path(), krate.as_deref()) else { return true };
        let tokens = match &attr.meta {
            Meta::Path(_) => TokenStream::new(),
            Meta::List(list) => list.tokens.clone(),
            Meta::NameValue(pair) => {
                errors.on(pair, format!("`#[{}]` takes its arguments in parentheses", ours.word()));
                TokenStream::new()
            }
        };
        stated.push(Stated {
            attribute: ours,
            span: attr.meta.path().segments.last().map_or_else(Span::call_site, |last| last.ident.span()),
            args: Args::parse(ours, tokens, errors),
        });
        paths.push(attr.meta.path().clone());
        false
    });
    if let Some(taken) = taken {
        *taken = paths;
    }
    (stated, marked)
}

/// The item with the attributes in front of which the one that is being expanded can't be: where one of ours stands
/// below in a `cfg_attr`, the compiler decides first whether it is there, so that all of them are expanded together.
pub(crate) fn behind_conditions(ours: Ours, args: &TokenStream, item: &TokenStream) -> Option<TokenStream> {
    let parser = |input: ParseStream<'_>| Ok((input.call(Attribute::parse_outer)?, input.parse::<TokenStream>()?));
    let (attrs, rest) = parser.parse2(item.clone()).ok()?;
    let (conditions, others): (Vec<_>, Vec<_>) = attrs.iter().partition(|attr| may_be_ours(&attr.meta));
    if conditions.is_empty() {
        return None;
    }
    let mut errors = Errors::default();
    let krate = Args::parse(ours, args.clone(), &mut errors).krate;
    // They are found again, and shown, when the attribute is expanded.
    drop(errors.into_tokens());
    let path = Runtime::at(krate.map(|krate| krate.value)).attribute(ours.word(), Span::call_site());
    Some(quote!(#(#conditions)* #[#path(#args)] #(#others)* #rest))
}

/// Whether it is a `cfg_attr` with an attribute of ours.
fn may_be_ours(meta: &Meta) -> bool {
    let Meta::List(list) = meta else { return false };
    let metas = Punctuated::<Meta, Token![,]>::parse_terminated;
    list.path.is_ident("cfg_attr")
        && metas.parse2(list.tokens.clone()).is_ok_and(|metas| {
            metas.iter().skip(1).any(|meta| ours_of(meta.path(), None).is_some() || may_be_ours(meta))
        })
}

/// Which of ours an attribute is: by its name alone, or by its path from the crate.
fn ours_of(path: &Path, krate: Option<&str>) -> Option<Ours> {
    let last = path.segments.last()?;
    let found = Ours::all().find(|ours| last.ident == ours.word())?;
    let mut before = path.segments.iter().rev().skip(1);
    let ours = match before.next() {
        None => true,
        Some(krate_segment) => {
            krate_segment.ident == "tallymark"
                || krate.is_some_and(|krate| {
                    krate.rsplit("::").next().map(str::trim) == Some(&krate_segment.ident.to_string())
                })
        }
    };
    ours.then_some(found)
}

impl Marked {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let whole: TokenStream = input.fork().parse()?;
        let attrs = input.call(Attribute::parse_outer)?;
        let vis: Visibility = input.parse()?;
        if input.peek(Token![static]) {
            return Ok(Self::Static(Box::new(Static::parse(attrs, vis, input)?)));
        }
        let default = input.parse::<Option<Token![default]>>()?;
        if input.peek(Token![fn]) || is_function(input) {
            let vis = quote!(#vis #default);
            return Ok(Self::Function(Box::new(Function::parse(attrs, vis, input)?)));
        }
        let _: TokenStream = input.parse()?;
        Ok(Self::Other(whole))
    }
}

fn is_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.parse::<Signature>().is_ok()
}

impl Function {
    /// Uses the imports of the attributes that were taken off, so that they don't count as unused: by attributes, since
    /// a `use` could meet an argument of that name.
    pub(crate) fn uses(&self) -> TokenStream {
        let mut once: Vec<&Path> = self.taken.iter().collect();
        once.sort_by_key(|path| path.to_token_stream().to_string());
        once.dedup_by_key(|path| path.to_token_stream().to_string());
        let word = Ident::new(IMPORTED, Span::call_site());
        quote!(#(#[#once(#word)] const _: () = ();)*)
    }

    fn parse(attrs: Vec<Attribute>, vis: TokenStream, input: ParseStream<'_>) -> syn::Result<Self> {
        let signature: Signature = input.parse()?;
        if input.parse::<Option<Token![;]>>()?.is_some() {
            return Ok(Self { attrs, inner_attrs: Vec::new(), taken: Vec::new(), vis, signature, body: None });
        }
        let braces = braces(input.parse()?)?;
        let (inner_attrs, body) = inner_attributes(braces.stream());
        let mut body = Group::new(Delimiter::Brace, body);
        body.set_span(braces.span());
        Ok(Self { attrs, inner_attrs, taken: Vec::new(), vis, signature, body: Some(body) })
    }
}

/// The body of a function: braces, which stand in invisible ones where a macro was given them as `$body:block`.
fn braces(token: TokenTree) -> syn::Result<Group> {
    let span = token.span();
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return Ok(group),
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            if let Some(inner) = group.stream().into_iter().next() {
                return braces(inner);
            }
        }
        _ => {}
    }
    Err(syn::Error::new(span, "expected the body of the function"))
}

/// Takes `#![…]` off the beginning of a body, as `#[…]`.
fn inner_attributes(body: TokenStream) -> (Vec<TokenStream>, TokenStream) {
    let mut tokens = body.into_iter().peekable();
    let mut attrs = Vec::new();
    let mut taken: Vec<TokenTree> = Vec::new();
    while matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#') {
        taken.extend(tokens.next());
        if !matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '!') {
            break;
        }
        tokens.next();
        let hash = taken.pop();
        attrs.push(hash.into_iter().chain(tokens.next()).collect());
    }
    (attrs, taken.into_iter().chain(tokens).collect())
}

impl Static {
    fn parse(attrs: Vec<Attribute>, vis: Visibility, input: ParseStream<'_>) -> syn::Result<Self> {
        let keyword = input.parse()?;
        let mutability = input.parse()?;
        let ident = input.parse()?;
        input.parse::<Token![:]>()?;
        let ty = input.parse()?;
        let initialiser = if input.parse::<Option<Token![=]>>()?.is_some() { Some(input.parse()?) } else { None };
        input.parse::<Token![;]>()?;
        Ok(Self { attrs, vis, keyword, mutability, ident, ty, initialiser })
    }
}
