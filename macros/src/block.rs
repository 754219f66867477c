//! An `impl` whose functions are measured.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Attribute, Generics, Ident, Signature, Token, Type, TypeParamBound, Visibility, WhereClause};

use crate::names;
use crate::paths::Runtime;

pub(crate) struct Block {
    /// What stands in front of the braces.
    header: TokenStream,
    /// For a message to point at.
    self_ty: Type,
    /// In the order in which they stand.
    items: Vec<Item>,
    braces: Group,
}

struct Item {
    /// The name of a function.
    function: Option<Ident>,
    tokens: TokenStream,
}

/// Whether an item is an `impl`.
pub(crate) fn is_block(item: &TokenStream) -> bool {
    let parser = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        input.parse::<Option<Token![unsafe]>>()?;
        let found = input.peek(Token![impl]);
        input.parse::<TokenStream>()?;
        Ok(found)
    };
    parser.parse2(item.clone()).unwrap_or(false)
}

impl Parse for Block {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let unsafety: Option<Token![unsafe]> = input.parse()?;
        let word: Token![impl] = input.parse()?;
        let generics = if input.peek(Token![<]) { Some(input.parse::<Generics>()?) } else { None };
        let negative: Option<Token![!]> = input.parse()?;
        let mut self_ty: Type = input.parse()?;
        let mut of_trait = None;
        if let Some(of) = input.parse::<Option<Token![for]>>()? {
            of_trait = Some(quote!(#negative #self_ty #of));
            self_ty = input.parse()?;
        }
        let bounds: Option<WhereClause> = input.parse()?;
        let header = quote!(#(#attrs)* #unsafety #word #generics #of_trait #self_ty #bounds);
        let braces = match input.parse()? {
            TokenTree::Group(braces) if braces.delimiter() == Delimiter::Brace => braces,
            other => return Err(syn::Error::new(other.span(), "expected the braces of the `impl`")),
        };
        let items = items.parse2(braces.stream())?;
        Ok(Self { header, self_ty, items, braces })
    }
}

fn items(input: ParseStream<'_>) -> syn::Result<Vec<Item>> {
    let attrs = input.call(Attribute::parse_inner)?;
    let mut items = vec![Item { function: None, tokens: quote!(#(#attrs)*) }];
    while !input.is_empty() {
        items.push(input.call(item)?);
    }
    Ok(items)
}

/// An item of an `impl`. Of a function the signature alone is parsed, of all else nothing.
fn item(input: ParseStream<'_>) -> syn::Result<Item> {
    let attrs = input.call(Attribute::parse_outer)?;
    let vis: Visibility = input.parse()?;
    let default = if input.peek(Token![default]) && !input.peek2(Token![!]) {
        input.parse::<Option<Token![default]>>()?
    } else {
        None
    };
    let mut tokens = quote!(#(#attrs)* #vis #default);
    let mut function = None;
    if input.fork().parse::<Signature>().is_ok() {
        let signature: Signature = input.parse()?;
        tokens.extend(signature.to_token_stream());
        function = Some(signature.ident);
    }
    // In a constant or a type braces may be part of an expression; otherwise they are the end.
    let ends_in_braces = !(input.peek(Token![const]) || input.peek(Token![type]));
    loop {
        let token: TokenTree = input.parse()?;
        let last = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => ends_in_braces && group.delimiter() != Delimiter::Parenthesis,
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        tokens.extend([token]);
        if last {
            return Ok(Item { function, tokens });
        }
    }
}

impl Block {
    /// The `impl` with the attribute on each function, by which their metrics begin with the name of the type.
    pub(crate) fn marked(&self, args: &TokenStream, runtime: &Runtime) -> syn::Result<TokenStream> {
        let Self { header, self_ty, items, braces } = self;
        let Some(name) = type_name(self_ty).map(|name| names::snake_case(&names::text(name))) else {
            return Err(syn::Error::new_spanned(
                self_ty,
                "the metrics of an `impl` begin with the name of its type, and this type has none; write `#[measure]` on its functions, each with a `namespace`",
            ));
        };
        if !name.is_ascii() {
            return Err(syn::Error::new_spanned(
                self_ty,
                format!(
                    "the name of a metric has ASCII letters only, so it can't begin with `{name}`; write `#[measure]` on the functions instead"
                ),
            ));
        }
        let items = items.iter().map(|Item { function, tokens }| {
            let mark = function.as_ref().map(|function| {
                let measure = runtime.attribute("measure", function.span());
                quote_spanned!(function.span()=> #[#measure(__of_type = #name, #args)])
            });
            quote!(#mark #tokens)
        });
        let mut inner = Group::new(Delimiter::Brace, quote!(#(#items)*));
        inner.set_span(braces.span());
        Ok(quote!(#header #inner))
    }
}

/// The name that a type is known by.
fn type_name(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| &last.ident),
        Type::Reference(inner) => type_name(&inner.elem),
        Type::Paren(inner) => type_name(&inner.elem),
        Type::Group(inner) => type_name(&inner.elem),
        Type::TraitObject(object) => object.bounds.iter().find_map(|bound| match bound {
            TypeParamBound::Trait(bound) => bound.path.segments.last().map(|last| &last.ident),
            _ => None,
        }),
        _ => None,
    }
}
