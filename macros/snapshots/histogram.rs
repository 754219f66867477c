fn read(&self, (key, _): (&str, u8)) -> u8 {
    let __metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::buckets(
            ::tallymark::__private::Spec::derived(
                    ::core::module_path!(),
                    "read_duration_seconds",
                    ::tallymark::__private::site!(),
                )
                .help("Seconds that calls of `read` took.")
                .unit("seconds"),
            &[0.005, 0.05, 1.0],
        );
        static __METRIC: ::tallymark::__private::Histogram = ::tallymark::__private::Histogram::from_static(
            &__SPEC,
        );
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __started0 = ::tallymark::__private::now();
    let __timer0 = ::tallymark::__private::time(__metric0, __started0);
    #[allow()] { the_body(key) }
}
