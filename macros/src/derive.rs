//! `#[derive(Labels)]` and `#[derive(LabelValue)]`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::{
    Attribute, Data, DeriveInput, Field, Fields, GenericParam, Generics, Ident, Lifetime, LitStr, Path, Token, Type,
    parse_quote,
};

use crate::args::module_path;
use crate::errors::Errors;
use crate::labels::{self as function_labels, MOST};
use crate::names::{self, Utf8};
use crate::paths::Runtime;

/// What stands in `#[label(…)]`.
#[derive(Default)]
struct LabelAttr {
    text: Option<LitStr>,
    allow_utf8: Option<Ident>,
    display: Option<Ident>,
    krate: Option<Path>,
    /// Whether something else stood there that was refused, so that nothing is said of what seems to be missing.
    incomplete: bool,
}

impl LabelAttr {
    fn of(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut label = Self::default();
        for attr in attrs.iter().filter(|attr| attr.meta.path().is_ident("label")) {
            let parser = |input: ParseStream<'_>| {
                while !input.is_empty() {
                    label.one(input, errors)?;
                    if !input.is_empty() {
                        input.parse::<Token![,]>()?;
                    }
                }
                Ok(())
            };
            if let Err(error) = attr.parse_args_with(parser) {
                errors.push(error);
                label.incomplete = true;
            }
        }
        label
    }

    fn one(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        const EXPECTED: &str =
            "`#[label(…)]` takes a text in quotes, `allow_utf8` beside it, `display`, or `crate = path`";
        if input.peek(LitStr) {
            let text: LitStr = input.parse()?;
            if self.text.is_some() {
                errors.at(text.span(), "the text stands twice; drop one of them");
            }
            self.text = Some(text);
            return Ok(());
        }
        if !input.peek(Ident::peek_any) {
            return Err(input.error(EXPECTED));
        }
        let word = Ident::parse_any(input)?;
        if word == "display" {
            if self.display.is_some() {
                errors.at(word.span(), "`display` stands twice; drop one of them");
            }
            self.display = Some(word);
        } else if word == "allow_utf8" {
            if self.allow_utf8.is_some() {
                errors.at(word.span(), "`allow_utf8` stands twice; drop one of them");
            }
            self.allow_utf8 = Some(word);
        } else if word == "crate" {
            input.parse::<Token![=]>()?;
            self.krate = Some(module_path(&word, input)?);
        } else if let Some(near) = names::nearest(&word.to_string(), &["display", "allow_utf8", "crate"]) {
            return Err(syn::Error::new(word.span(), format!("`#[label(…)]` has no `{word}`; did you mean `{near}`?")));
        } else if input.parse::<Option<Token![=]>>()?.is_some()
            && let Ok(text) = input.parse::<LitStr>()
        {
            let cure = format!("write the text alone: `#[label({})]`", text.token());
            return Err(syn::Error::new(word.span(), format!("`#[label(…)]` has no `{word}`; {cure}")));
        } else {
            return Err(syn::Error::new(
                word.span(),
                format!(
                    "`#[label(…)]` has no `{word}`; it takes a text in quotes, `allow_utf8` beside it, `display`, or `crate = path`"
                ),
            ));
        }
        Ok(())
    }
}

pub(crate) fn labels(item: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let attr = LabelAttr::of(&input.attrs, &mut errors);
    for (stands, why) in [
        (attr.text.as_ref().map(LitStr::span), "a text renames a label; write it on a field"),
        (
            attr.allow_utf8.as_ref().map(Ident::span),
            "`allow_utf8` allows any characters in a label's name; write it on a field",
        ),
        (attr.display.as_ref().map(Ident::span), "`display` says how a label is written; write it on a field"),
    ] {
        if let Some(span) = stands {
            errors.at(span, why);
        }
    }
    let runtime = Runtime::at(attr.krate);
    let fields: Vec<Field> = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => fields.named.iter().cloned().collect(),
            Fields::Unit => Vec::new(),
            Fields::Unnamed(fields) => {
                errors.on(fields, "the fields of a set of labels need names, which are those of the labels; write `{ name: Type, … }`");
                Vec::new()
            }
        },
        Data::Enum(data) => {
            errors.on(data.enum_token, "a set of labels is a struct whose fields are the labels; for the values of one label write `#[derive(LabelValue)]`");
            Vec::new()
        }
        Data::Union(data) => {
            errors.on(data.union_token, "a set of labels is a struct whose fields are the labels");
            Vec::new()
        }
    };
    let parts = LabelFields::of(&fields, &input.generics, &runtime, &mut errors);
    let implementation = parts.implementation(&input.ident, &input.generics, &runtime);
    let errors = errors.into_tokens();
    quote!(#implementation #errors)
}

/// The fields of a label set, as the parts of its implementation.
#[derive(Default)]
struct LabelFields {
    names: Vec<String>,
    types: Vec<TokenStream>,
    borrowed: Vec<TokenStream>,
    values: Vec<TokenStream>,
    bounded: Vec<Type>,
    displayed: Vec<Type>,
    /// Where each type stands.
    checks: TokenStream,
}

impl LabelFields {
    fn of(fields: &[Field], generics: &Generics, runtime: &Runtime, errors: &mut Errors) -> Self {
        let mut parts = Self::default();
        for field in fields {
            let Some(ident) = &field.ident else { continue };
            let attr = LabelAttr::of(&field.attrs, errors);
            let (name, span) = match &attr.text {
                Some(text) => (text.value(), text.span()),
                None => (names::text(ident), ident.span()),
            };
            let utf8 = match &attr.allow_utf8 {
                None => Utf8::By(format!("`#[label({}, allow_utf8)]`", LitStr::new(&name, span).token())),
                Some(_) => Utf8::Allowed,
            };
            if let (Some(word), None) = (&attr.allow_utf8, &attr.text) {
                errors.at(word.span(), "`allow_utf8` stands beside the text that it allows: `#[label(\"…\", allow_utf8)]`; write that too, or drop it");
            }
            if let Some(fault) = names::label_fault(&name, &utf8) {
                let cure = if attr.text.is_none() { ", or rename the label: `#[label(\"…\")]`" } else { "" };
                errors.at(span, format!("{fault}{cure}"));
            } else if let Some(fault) = parts.names.iter().find_map(|taken| names::same_label_fault(taken, &name)) {
                errors.at(span, fault);
            }
            parts.names.push(name);
            let ty = &field.ty;
            parts.checks.extend(check(ty, generics, attr.display.is_some(), runtime));
            if attr.display.is_some() {
                parts.types.push(quote!(#runtime::Displayed<#ty>));
                parts.borrowed.push(quote!(#runtime::Displayed<&'__refs #ty>));
                parts.values.push(quote!(#runtime::Displayed(&self.#ident)));
                parts.displayed.push(ty.clone());
            } else {
                parts.types.push(quote!(#ty));
                parts.borrowed.push(quote!(&'__refs #ty));
                parts.values.push(quote!(&self.#ident));
                parts.bounded.push(ty.clone());
            }
        }
        if let Some(field) = fields.get(MOST) {
            errors
                .on(&field.ident, format!("a family may have up to {MOST} labels; drop this one and those behind it"));
            for list in [&mut parts.types, &mut parts.borrowed, &mut parts.values] {
                list.truncate(MOST);
            }
            parts.names.truncate(MOST);
        }
        parts
    }

    fn implementation(&self, ident: &Ident, generics: &Generics, runtime: &Runtime) -> TokenStream {
        let Self { names, types, borrowed, values, checks, .. } = self;
        let bounded = self.with_bounds(generics, runtime);
        let (impl_generics, ty_generics, where_clause) = bounded.split_for_impl();
        let with = with_lifetime(generics, &Lifetime::new("'__with", Span::mixed_site()));
        // A unit that is written out is a lint.
        let refs = if values.is_empty() { TokenStream::new() } else { quote!((#(#values,)*)) };
        let checked = quote!(<[(); __CHECKED] as #runtime::Behind);
        quote! {
            const _: () = {
                const __CHECKED: ::core::primitive::usize = {
                    #checks
                    0
                };

                #[automatically_derived]
                impl #impl_generics #runtime::Labels for #ident #ty_generics #where_clause {
                    type With<'__with> = #ident #with;
                    type Values = #checked<(#(#types,)*)>>::Type;
                    type Refs<'__refs> = #checked<(#(#borrowed,)*)>>::Type where Self: '__refs;
                    const NAMES: &'static [&'static ::core::primitive::str] = &[#(#names),*];

                    fn refs(&self) -> Self::Refs<'_> {
                        #refs
                    }
                }
            };
        }
    }

    /// What names a type parameter must be a label's value.
    fn with_bounds(&self, generics: &Generics, runtime: &Runtime) -> Generics {
        let mut generics = generics.clone();
        let stated = generics.clone();
        let bounds = (self.bounded.iter().map(|ty| (ty, quote!(#runtime::LabelValue))))
            .chain(self.displayed.iter().map(|ty| (ty, quote!(::core::fmt::Display))));
        for (ty, bound) in bounds.filter(|(ty, _)| names_any(ty, &stated)) {
            generics.make_where_clause().predicates.push(parse_quote!(#ty: #bound));
        }
        // The same struct with another lifetime must be one too.
        for parameter in stated.type_params().map(|parameter| &parameter.ident) {
            generics.make_where_clause().predicates.push(parse_quote!(#parameter: 'static));
        }
        generics
    }
}

/// Asks of a field's type whether it is a label's value, at the place where it stands. The types in the implementation
/// stand behind these questions: where one is answered in the negative the compiler says nothing more. A type that
/// names a parameter is asked by a bound.
fn check(ty: &Type, generics: &Generics, displayed: bool, runtime: &Runtime) -> TokenStream {
    if names_any(ty, generics) {
        return TokenStream::new();
    }
    let ty = function_labels::with_static_lifetimes(ty.to_token_stream());
    let span = ty.clone().into_iter().next().map_or_else(Span::mixed_site, |first| first.span());
    let private = runtime.private(span.resolved_at(Span::mixed_site()));
    let question = if displayed { quote!(displayed) } else { quote!(label_value) };
    quote!(#private::#question::<#ty>();)
}

/// Whether a type names a type parameter, a constant one, or `Self`.
fn names_any(ty: &Type, generics: &Generics) -> bool {
    let mut words = Vec::new();
    function_labels::idents(ty.to_token_stream(), &mut words);
    let parameter = |word: &Ident| {
        generics.params.iter().any(|param| match param {
            GenericParam::Type(param) => param.ident == *word,
            GenericParam::Const(param) => param.ident == *word,
            GenericParam::Lifetime(_) => false,
        })
    };
    words.iter().any(|word| word == "Self" || parameter(word))
}

/// The arguments of a type with one lifetime for all of its own.
fn with_lifetime(generics: &Generics, lifetime: &Lifetime) -> TokenStream {
    if generics.params.is_empty() {
        return TokenStream::new();
    }
    let arguments = generics.params.iter().map(|param| match param {
        GenericParam::Lifetime(_) => quote!(#lifetime),
        GenericParam::Type(param) => {
            let ident = &param.ident;
            quote!(#ident)
        }
        GenericParam::Const(param) => {
            let ident = &param.ident;
            quote!(#ident)
        }
    });
    quote!(<#(#arguments),*>)
}

pub(crate) fn label_value(item: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let attr = LabelAttr::of(&input.attrs, &mut errors);
    if let Some(text) = &attr.text {
        errors.at(text.span(), "a text is that of one value; write it on a variant");
    }
    refuse_utf8(&attr, &mut errors);
    let runtime = Runtime::at(attr.krate);
    let methods = if let Some(display) = &attr.display {
        // On the word, for the type may have no `Display`.
        let written = quote_spanned!(display.span()=> ::core::write!(out, "{}", self));
        quote! {
            fn write(&self, out: &mut dyn ::core::fmt::Write) -> ::core::fmt::Result {
                #written
            }
        }
    } else if attr.incomplete {
        quote! {
            fn write(&self, _: &mut dyn ::core::fmt::Write) -> ::core::fmt::Result {
                ::core::result::Result::Ok(())
            }
        }
    } else {
        finite(&input, &runtime, &mut errors)
    };
    let (ident, (impl_generics, ty_generics, where_clause)) = (&input.ident, input.generics.split_for_impl());
    let errors = errors.into_tokens();
    quote! {
        #[automatically_derived]
        impl #impl_generics #runtime::LabelValue for #ident #ty_generics #where_clause {
            #methods
        }
        #errors
    }
}

fn refuse_utf8(attr: &LabelAttr, errors: &mut Errors) {
    if let Some(word) = &attr.allow_utf8 {
        errors.at(word.span(), "the value of a label may be any text as it is; drop `allow_utf8`");
    }
}

/// The methods for an enum, of which each variant is a value.
fn finite(input: &DeriveInput, runtime: &Runtime, errors: &mut Errors) -> TokenStream {
    const CURE: &str = "where it has `Display`, write `#[label(display)]` on it";
    let variants: Vec<_> = match &input.data {
        Data::Enum(data) => data.variants.iter().collect(),
        Data::Struct(data) => {
            errors.on(data.struct_token, format!("the values of a struct can't be listed: {CURE}, or make it an enum"));
            Vec::new()
        }
        Data::Union(data) => {
            errors.on(data.union_token, format!("the values of a union can't be listed: {CURE}, or make it an enum"));
            Vec::new()
        }
    };
    if variants.is_empty() && errors.is_empty() {
        errors.on(&input.ident, format!("`{}` has no variant, so a label of it has no value; add one", input.ident));
    }
    let mut texts: Vec<String> = Vec::new();
    for variant in &variants {
        let attr = LabelAttr::of(&variant.attrs, errors);
        refuse_utf8(&attr, errors);
        if let Some(display) = &attr.display {
            errors.at(
                display.span(),
                "`display` is that of a whole type; write it on the enum, or here a text: `#[label(\"…\")]`",
            );
        }
        if !matches!(variant.fields, Fields::Unit) {
            errors.on(
                &variant.fields,
                format!(
                    "the values of `{0}` can't be listed, since `{1}` carries something: drop that, or, {CURE}",
                    input.ident, variant.ident
                ),
            );
        }
        let text = attr.text.as_ref().map_or_else(|| names::snake_case(&names::text(&variant.ident)), LitStr::value);
        if texts.contains(&text) {
            let span = attr.text.as_ref().map_or_else(|| variant.ident.span(), LitStr::span);
            errors.at(span, format!("two variants read `{text}`, so they would be one series; give this one another text: `#[label(\"…\")]`"));
        }
        texts.push(text);
    }
    let idents = variants.iter().map(|variant| &variant.ident);
    let indices = 0..texts.len();
    let count = texts.len();
    let has_empty = texts.iter().any(String::is_empty);
    let index =
        if variants.is_empty() { quote!(0) } else { quote!(match self { #(Self::#idents { .. } => #indices,)* }) };
    quote! {
        const CARDINALITY: ::core::option::Option<::core::primitive::usize> = ::core::option::Option::Some(#count);
        const HAS_EMPTY: ::core::primitive::bool = #has_empty;

        fn index(&self) -> ::core::primitive::usize {
            #index
        }

        fn write(&self, out: &mut dyn ::core::fmt::Write) -> ::core::fmt::Result {
            <Self as #runtime::LabelValue>::write_index(<Self as #runtime::LabelValue>::index(self), out)
        }

        fn write_index(index: ::core::primitive::usize, out: &mut dyn ::core::fmt::Write) -> ::core::fmt::Result {
            const TEXTS: [&::core::primitive::str; #count] = [#(#texts),*];
            match <[_]>::get(&TEXTS, index) {
                ::core::option::Option::Some(text) => out.write_str(text),
                ::core::option::Option::None => ::core::result::Result::Ok(()),
            }
        }
    }
}
