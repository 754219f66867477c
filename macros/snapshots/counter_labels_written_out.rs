fn send() {
    let __metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "send_calls_total",
                ::tallymark::__private::site!(),
            )
            .help("Calls of `send`.")
            .labels(&["kind", "retries"]);
        static __METRIC: ::tallymark::__private::Counter<
            ::tallymark::__private::Positional<(&'static str, i8)>,
        > = ::tallymark::__private::Counter::from_static(&__SPEC);
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    ::tallymark::__private::inc(
        &{
            static __SERIES: ::tallymark::__private::Resolved<
                ::tallymark::__private::CounterSeries,
            > = ::tallymark::__private::Resolved::new();
            __SERIES
                .counted(|| {
                    let __label0_0: &'static str = "bulk";
                    let __label0_1: i8 = -1;
                    __metric0.__at(&(&__label0_0, &__label0_1))
                })
        },
    );
    #[allow()] { the_body() }
}
