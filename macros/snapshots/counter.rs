/// Orders placed.
pub fn place_order(cart: &Cart) -> bool {
    let __metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "place_order_calls_total",
                ::tallymark::__private::site!(),
            )
            .help("Orders placed.");
        static __METRIC: ::tallymark::__private::Counter = ::tallymark::__private::Counter::from_static(
            &__SPEC,
        );
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    ::tallymark::__private::inc(&__metric0);
    #[allow()] { the_body(cart) }
}
