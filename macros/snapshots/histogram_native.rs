static TTFB: Histogram = {
    static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::native(
        ::tallymark::__private::Spec::buckets(
            ::tallymark::__private::Spec::derived(
                    ::core::module_path!(),
                    "ttfb",
                    ::tallymark::__private::site!(),
                )
                .help("Observations of `TTFB`."),
            &[1.0],
        ),
        ::tallymark::__private::NativeOptions::new()
            .max_buckets(100)
            .min_reset(::core::time::Duration::from_secs(900))
            .factor(1.05)
            .zero_threshold(0.0)
            .max_zero_threshold(0.001),
    );
    ::tallymark::__private::enlist!(TTFB);
    ::tallymark::__private::Histogram::from_static(&__SPEC)
};
