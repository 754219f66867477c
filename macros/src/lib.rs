//! x
use proc_macro::TokenStream;
/// x
#[proc_macro_attribute]
pub fn counter(_: TokenStream, i: TokenStream) -> TokenStream {
    i
}
/// x
#[proc_macro_attribute]
pub fn gauge(_: TokenStream, i: TokenStream) -> TokenStream {
    i
}
/// x
#[proc_macro_attribute]
pub fn histogram(_: TokenStream, i: TokenStream) -> TokenStream {
    i
}
/// x
#[proc_macro_attribute]
pub fn count_exceptions(_: TokenStream, i: TokenStream) -> TokenStream {
    i
}
/// x
#[proc_macro_derive(Labels, attributes(label))]
pub fn labels(_: TokenStream) -> TokenStream {
    TokenStream::new()
}
/// x
#[proc_macro_derive(LabelValue, attributes(label))]
pub fn label_value(_: TokenStream) -> TokenStream {
    TokenStream::new()
}
