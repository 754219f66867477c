fn read(key: &str, __argument1: u8) -> Vec<u8> {
    let __metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::named(
                "read_bytes",
                ::tallymark::__private::site!(),
            )
            .help("Observations of `read`.")
            .unit("bytes")
            .buckets({
                const __BOUNDS: [::core::primitive::f64; 8] = ::tallymark::__private::buckets::exponential(
                    64.0,
                    4.0,
                );
                &__BOUNDS
            });
        static __METRIC: ::tallymark::__private::Histogram = ::tallymark::__private::Histogram::from_static(
            &__SPEC,
        );
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __result0 = ::tallymark::__private::call(move || -> Vec<u8> {
        #[allow(clippy::shadow_same)]
        let key = key;
        let __argument1 = __argument1;
        #[allow()] { the_body(key) }
    });
    ::tallymark::__private::observe(
        &__metric0,
        ::tallymark::__private::Measurable::number(
            ::tallymark::__private::read(&__result0, |read: &Vec<u8>| read.len()),
        ),
    );
    __result0
}
