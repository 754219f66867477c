//! How a function runs, and what it returns.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{GenericArgument, PathArguments, ReturnType, Signature, Type, TypeParamBound};

/// How a function runs.
pub(super) enum Shape {
    Sync,
    Async,
    /// A function that is not `async`, but whose whole body is `async { … }` or `Box::pin(async { … })`: what `#[async_trait]` makes of an `async fn`,
    /// and what people write by hand.
    Future {
        around: Around,
        moved: TokenStream,
        body: TokenStream,
        output: Option<Type>,
    },
}

/// The tokens in front of an `async` block, in whose last parentheses it stands.
pub(super) struct Around {
    before: Vec<TokenTree>,
}

impl Around {
    pub(super) fn with(self, block: TokenStream) -> TokenStream {
        if self.before.is_empty() {
            return block;
        }
        let before = self.before;
        quote!(#(#before)* (#block))
    }
}

impl Shape {
    pub(super) fn of(signature: &Signature, body: &TokenStream) -> Self {
        if signature.asyncness.is_some() {
            return Self::Async;
        }
        Self::future(signature, body).unwrap_or(Self::Sync)
    }

    fn future(signature: &Signature, body: &TokenStream) -> Option<Self> {
        let ReturnType::Type(_, ty) = &signature.output else { return None };
        let output = future_output(ty)?;
        let tokens: Vec<TokenTree> = body.clone().into_iter().collect();
        let (before, block) = match tokens.split_last()? {
            (TokenTree::Group(group), before)
                if group.delimiter() == Delimiter::Parenthesis && ends_in_box_pin(before) =>
            {
                (before.to_vec(), group.stream().into_iter().collect())
            }
            _ => (Vec::new(), tokens),
        };
        let (moved, body) = async_block(&block)?;
        Some(Self::Future { around: Around { before }, moved, body, output: without_impl(&output) })
    }
}

fn ends_in_box_pin(tokens: &[TokenTree]) -> bool {
    let words: Vec<String> = tokens.iter().map(ToString::to_string).collect();
    words.ends_with(&["Box", ":", ":", "pin"].map(str::to_owned))
        && words.iter().all(|word| matches!(word.as_str(), "Box" | "pin" | ":" | "std" | "boxed" | "alloc"))
}

fn async_block(tokens: &[TokenTree]) -> Option<(TokenStream, TokenStream)> {
    let is = |token: &TokenTree, word: &str| matches!(token, TokenTree::Ident(ident) if ident == word);
    let braces = |token: &TokenTree| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    };
    match tokens {
        [first, block] if is(first, "async") => Some((TokenStream::new(), braces(block)?)),
        [first, second, block] if is(first, "async") && is(second, "move") => {
            Some((second.to_token_stream(), braces(block)?))
        }
        _ => None,
    }
}

/// What a future of this type gives: of `impl Future<Output = T>`, `Pin<Box<dyn Future<Output = T>>>`, `BoxFuture<'_, T>`.
fn future_output(ty: &Type) -> Option<Type> {
    let bounds = match ty {
        Type::ImplTrait(ty) => &ty.bounds,
        Type::TraitObject(ty) => &ty.bounds,
        Type::Paren(ty) => return future_output(&ty.elem),
        Type::Group(ty) => return future_output(&ty.elem),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
            let mut types = arguments.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            });
            let first = types.next()?;
            return match last.ident.to_string().as_str() {
                "Pin" | "Box" => future_output(first),
                "BoxFuture" | "LocalBoxFuture" => Some(first.clone()),
                _ => None,
            };
        }
        _ => return None,
    };
    bounds.iter().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else { return None };
        let last = bound.path.segments.last()?;
        let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
        if last.ident != "Future" {
            return None;
        }
        arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(output) if output.ident == "Output" => Some(output.ty.clone()),
            _ => None,
        })
    })
}

/// The type of what a function returns, as it can be written on a closure: `_` for each `impl Trait`.
pub(super) fn result_type(output: &ReturnType) -> Option<Type> {
    match output {
        ReturnType::Default => Some(syn::parse_quote!(())),
        ReturnType::Type(_, ty) => without_impl(ty),
    }
}

/// None where `impl` stands where no `_` may.
pub(super) fn without_impl(ty: &Type) -> Option<Type> {
    fn replaced(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == "impl",
            TokenTree::Group(group) => replaced(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    let mut ty = ty.clone();
    replace_impl(&mut ty);
    (!replaced(ty.to_token_stream())).then_some(ty)
}

fn replace_impl(ty: &mut Type) {
    match ty {
        Type::ImplTrait(_) => *ty = syn::parse_quote!(_),
        Type::Paren(inner) => replace_impl(&mut inner.elem),
        Type::Group(inner) => replace_impl(&mut inner.elem),
        Type::Array(inner) => replace_impl(&mut inner.elem),
        Type::Slice(inner) => replace_impl(&mut inner.elem),
        Type::Reference(inner) => replace_impl(&mut inner.elem),
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(replace_impl),
        Type::Path(path) => {
            for segment in &mut path.path.segments {
                if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                    for argument in &mut arguments.args {
                        if let GenericArgument::Type(ty) = argument {
                            replace_impl(ty);
                        }
                    }
                }
            }
        }
        _ => {}
    }
}
