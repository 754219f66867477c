fn handle(method: Method, cart: Cart) {
    let __metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "handle_calls_total",
                ::tallymark::__private::site!(),
            )
            .help("Calls of `handle`.")
            .labels(&["method", "size"]);
        static __METRIC: ::tallymark::__private::Counter<
            ::tallymark::__private::Positional<(Method, Size)>,
        > = ::tallymark::__private::Counter::from_static(&__SPEC);
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __series0 = {
        let __label0_1: Size = cart.into();
        __metric0.__at(&(&method, &__label0_1))
    };
    ::tallymark::__private::inc(&__series0);
    #[allow()] { the_body(method, cart) }
}
