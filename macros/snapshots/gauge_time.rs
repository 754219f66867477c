fn nightly() {
    let __metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "nightly_last_duration_seconds",
                ::tallymark::__private::site!(),
            )
            .help("Seconds that the last call of `nightly` took.")
            .unit("seconds");
        static __METRIC: ::tallymark::__private::Gauge = ::tallymark::__private::Gauge::from_static(
            &__SPEC,
        );
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __started0 = ::tallymark::__private::now();
    let __timer0 = ::tallymark::__private::time(__metric0, __started0);
    #[allow()] { the_body() }
}
