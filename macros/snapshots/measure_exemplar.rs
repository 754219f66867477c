fn fetch() -> Result<Page, Error> {
    let __metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "fetch_calls_total",
                ::tallymark::__private::site!(),
            )
            .help("Calls of `fetch`.")
            .labels(&["outcome"]);
        static __METRIC: ::tallymark::__private::Counter<
            ::tallymark::__private::Positional<(::tallymark::__private::Outcome,)>,
        > = ::tallymark::__private::Counter::from_static(&__SPEC);
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __metric1 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "fetch_inprogress",
                ::tallymark::__private::site!(),
            )
            .help("Calls of `fetch` that are running.");
        static __METRIC: ::tallymark::__private::Gauge<(), ::core::primitive::i64> = ::tallymark::__private::Gauge::from_static(
            &__SPEC,
        );
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __metric2 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "fetch_duration_seconds",
                ::tallymark::__private::site!(),
            )
            .help("Seconds that calls of `fetch` took.")
            .unit("seconds");
        static __METRIC: ::tallymark::__private::Histogram = ::tallymark::__private::Histogram::from_static(
            &__SPEC,
        );
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __guard0 = ::tallymark::__private::Exit::of_call(
        (),
        move |__outcome0, ()| ::tallymark::__private::inc(
            &::tallymark::__private::traced(__metric0.__at(&(__outcome0,))),
        ),
    );
    let __guard1 = ::tallymark::__private::track(__metric1);
    let __started0 = ::tallymark::__private::now();
    let __timer0 = ::tallymark::__private::time(
        ::tallymark::__private::traced(__metric2),
        __started0,
    );
    let __result0 = ::tallymark::__private::call(move || -> Result<Page, Error> {
        #[allow()] { the_body() }
    });
    let __elapsed0 = ::tallymark::__private::seconds(__started0);
    ::tallymark::__private::stop(&__timer0, __elapsed0);
    let __outcome0 = ::tallymark::__private::outcome!(__result0);
    ::tallymark::__private::finish(&__guard0, __outcome0, ());
    ::core::mem::drop(__guard1);
    __result0
}
