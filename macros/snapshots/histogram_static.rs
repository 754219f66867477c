static TTFB: Histogram = {
    static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
            ::core::module_path!(),
            "ttfb",
            ::tallymark::__private::site!(),
        )
        .help("Observations of `TTFB`.")
        .buckets({
            const __BOUNDS: [::core::primitive::f64; 3] = ::tallymark::__private::buckets::linear(
                1.0,
                0.5,
            );
            &__BOUNDS
        });
    ::tallymark::__private::enlist!(TTFB);
    ::tallymark::__private::Histogram::from_static(&__SPEC)
};
