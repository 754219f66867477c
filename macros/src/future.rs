//! How a function runs, and what it returns.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{GenericArgument, Path, PathArguments, ReturnType, Signature, Type, TypeParamBound};

/// How a function runs.
pub(crate) enum Shape {
    Sync,
    Async,
    /// A function that is not `async`, but whose whole body is `async { … }`, `Box::pin(async { … })` or `async { …
    /// }.boxed()`: what `#[async_trait]` makes of an `async fn`, and what people write by hand.
    Future {
        around: Around,
        /// Whether the block takes what it names.
        moved: TokenStream,
        /// The braces of the block.
        body: Group,
        output: Option<Box<Type>>,
    },
}

/// What stands around the braces of an `async` block.
pub(crate) struct Around {
    /// In front of the parentheses in which it stands, and these, if it does.
    call: Option<(Vec<TokenTree>, Group)>,
    /// `async`, and `move` if it stands there.
    words: Vec<TokenTree>,
    after: Vec<TokenTree>,
}

impl Around {
    /// The block with other braces. All else is the user's, so that the compiler points where it did. Where the new
    /// braces name arguments that the old ones may not, the block must own them.
    pub(crate) fn with(&self, braces: &Group, owns: bool) -> TokenStream {
        let Self { call, words, after } = self;
        let owned = (owns && words.len() == 1).then(|| quote!(move));
        let block = quote!(#(#words)* #owned #braces #(#after)*);
        match call {
            None => block,
            Some((before, parentheses)) => {
                let mut group = Group::new(Delimiter::Parenthesis, block);
                group.set_span(parentheses.span());
                quote!(#(#before)* #group)
            }
        }
    }
}

impl Shape {
    pub(crate) fn of(signature: &Signature, body: &Group) -> Self {
        if signature.asyncness.is_some() {
            return Self::Async;
        }
        Self::future(signature, body).unwrap_or(Self::Sync)
    }

    fn future(signature: &Signature, body: &Group) -> Option<Self> {
        let ReturnType::Type(_, ty) = &signature.output else { return None };
        let tokens: Vec<TokenTree> = body.stream().into_iter().collect();
        let (call, block) = match tokens.split_last()? {
            (TokenTree::Group(group), before)
                if group.delimiter() == Delimiter::Parenthesis && ends_in_box_pin(before) =>
            {
                (Some((before.to_vec(), group.clone())), group.stream().into_iter().collect())
            }
            _ => (None, tokens),
        };
        let (words, body, after) = async_block(&block)?;
        match after {
            [] => {}
            after if call.is_none() && is_boxed(after) => {}
            _ => return None,
        }
        let moved = words.iter().skip(1).cloned().collect();
        let around = Around { call, words: words.to_vec(), after: after.to_vec() };
        Some(Self::Future {
            around,
            moved,
            body,
            output: future_output(ty).as_ref().and_then(without_impl).map(Box::new),
        })
    }
}

fn ends_in_box_pin(tokens: &[TokenTree]) -> bool {
    let words: Vec<String> = tokens.iter().map(ToString::to_string).collect();
    words.ends_with(&["Box", ":", ":", "pin"].map(str::to_owned))
        && words.iter().all(|word| matches!(word.as_str(), "Box" | "pin" | ":" | "std" | "boxed" | "alloc"))
}

/// `.boxed()` or `.boxed_local()`.
fn is_boxed(tokens: &[TokenTree]) -> bool {
    let [TokenTree::Punct(_), TokenTree::Ident(name), TokenTree::Group(arguments)] = tokens else { return false };
    (name == "boxed" || name == "boxed_local") && arguments.stream().is_empty()
}

/// The words and the braces of an `async` block, and what stands behind it.
fn async_block(tokens: &[TokenTree]) -> Option<(&[TokenTree], Group, &[TokenTree])> {
    let is = |at: usize, word: &str| matches!(tokens.get(at), Some(TokenTree::Ident(ident)) if ident == word);
    if !is(0, "async") {
        return None;
    }
    let (words, rest) = tokens.split_at(if is(1, "move") { 2 } else { 1 });
    match rest.split_first()? {
        (TokenTree::Group(body), rest) if body.delimiter() == Delimiter::Brace => Some((words, body.clone(), rest)),
        _ => None,
    }
}

/// What a future of this type gives: of `impl Future<Output = T>`, `Pin<Box<dyn Future<Output = T>>>`, `BoxFuture<'_,
/// T>`.
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
pub(crate) fn result_type(output: &ReturnType) -> Option<Type> {
    match output {
        ReturnType::Default => Some(syn::parse_quote!(())),
        ReturnType::Type(_, ty) => without_impl(ty),
    }
}

pub(crate) fn returns_never(output: &ReturnType) -> bool {
    matches!(output, ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)))
}

/// None where `impl` stands where no `_` may.
fn without_impl(ty: &Type) -> Option<Type> {
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
        Type::Path(path) => replace_impl_in(&mut path.path),
        Type::TraitObject(object) => {
            for bound in &mut object.bounds {
                if let TypeParamBound::Trait(bound) = bound {
                    replace_impl_in(&mut bound.path);
                }
            }
        }
        _ => {}
    }
}

fn replace_impl_in(path: &mut Path) {
    for segment in &mut path.segments {
        if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
            for argument in &mut arguments.args {
                match argument {
                    GenericArgument::Type(ty) => replace_impl(ty),
                    GenericArgument::AssocType(assoc) => replace_impl(&mut assoc.ty),
                    _ => {}
                }
            }
        }
    }
}
