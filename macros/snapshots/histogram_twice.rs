fn read() -> Option<u8> {
    #[histogram(__imported)]
    const _: () = ();
    let __metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "read_duration_seconds",
                ::tallymark::__private::site!(),
            )
            .help("Seconds that calls of `read` took.")
            .unit("seconds");
        static __METRIC: ::tallymark::__private::Histogram = ::tallymark::__private::Histogram::from_static(
            &__SPEC,
        );
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __metric1 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::named(
                "ended_seconds",
                ::tallymark::__private::site!(),
            )
            .help("Seconds that calls of `read` took.")
            .unit("seconds")
            .labels(&["ok"]);
        static __METRIC: ::tallymark::__private::Histogram<
            ::tallymark::__private::Positional<(bool,)>,
        > = ::tallymark::__private::Histogram::from_static(&__SPEC);
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __metric2 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::buckets(
            ::tallymark::__private::Spec::named(
                    "seconds",
                    ::tallymark::__private::site!(),
                )
                .help("Seconds that calls of `read` took.")
                .labels(&["kind"]),
            &[60.0],
        );
        static __METRIC: ::tallymark::__private::Histogram<
            ::tallymark::__private::Positional<(&'static str,)>,
        > = ::tallymark::__private::Histogram::from_static(&__SPEC);
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __metric3 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::named(
                "outcome_seconds",
                ::tallymark::__private::site!(),
            )
            .help("Seconds that calls of `read` took.")
            .unit("seconds")
            .labels(&["outcome"]);
        static __METRIC: ::tallymark::__private::Histogram<
            ::tallymark::__private::Positional<(::tallymark::__private::Outcome,)>,
        > = ::tallymark::__private::Histogram::from_static(&__SPEC);
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __series2 = {
        static __SERIES: ::tallymark::__private::Resolved<
            ::tallymark::__private::HistogramSeries,
        > = ::tallymark::__private::Resolved::new();
        __SERIES
            .get(|| {
                let __label2_0: &'static str = "slow";
                __metric2.__at(&(&__label2_0,))
            })
    };
    let __started0 = ::tallymark::__private::now();
    let __guard3 = ::tallymark::__private::Exit::of_call(
        __started0,
        move |__outcome0, __elapsed0| ::tallymark::__private::record(
            &__metric3.__at(&(__outcome0,)),
            __elapsed0,
        ),
    );
    let __timer0 = ::tallymark::__private::time((__metric0, __series2), __started0);
    let __result0 = ::tallymark::__private::call(move || -> Option<u8> {
        #[allow()] { the_body() }
    });
    let __elapsed0 = ::tallymark::__private::seconds(__started0);
    ::tallymark::__private::stop(&__timer0, __elapsed0);
    let __label1_0: bool = ::tallymark::__private::read(
        &__result0,
        |read: &Option<u8>| read.is_some(),
    );
    let __outcome0 = ::tallymark::__private::outcome!(__result0);
    ::tallymark::__private::record(&__metric1.__at(&(&__label1_0,)), __elapsed0);
    ::tallymark::__private::finish(&__guard3, __outcome0, __elapsed0);
    __result0
}
