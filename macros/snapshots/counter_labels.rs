fn handle(method: Method, cart: Cart) {
    let metric0 = {
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
    let series0 = {
        let label0_1: Size = cart.into();
        metric0.at(&(&method, &label0_1))
    };
    series0.inc();
    #[allow()] { the_body(method, cart) }
}
