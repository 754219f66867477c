/// Fetches.
async fn fetch(kind: Kind) -> Result<Page, Error> {
    let __metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "fetch_calls_total",
                ::tallymark::__private::site!(),
            )
            .help("Fetches.")
            .labels(&["kind", "outcome"]);
        static __METRIC: ::tallymark::__private::Counter<
            ::tallymark::__private::Positional<(Kind, ::tallymark::__private::Outcome)>,
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
            .help("Fetches.")
            .labels(&["kind"]);
        static __METRIC: ::tallymark::__private::Gauge<
            ::tallymark::__private::Positional<(Kind,)>,
            ::core::primitive::i64,
        > = ::tallymark::__private::Gauge::from_static(&__SPEC);
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __metric2 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::buckets(
            ::tallymark::__private::Spec::derived(
                    ::core::module_path!(),
                    "fetch_duration_seconds",
                    ::tallymark::__private::site!(),
                )
                .help("Fetches.")
                .unit("seconds")
                .labels(&["kind"]),
            &[0.1, 1.0],
        );
        static __METRIC: ::tallymark::__private::Histogram<
            ::tallymark::__private::Positional<(Kind,)>,
        > = ::tallymark::__private::Histogram::from_static(&__SPEC);
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __polled0 = &::tallymark::__private::Polled::new();
    let __label0_0 = { __metric0.__hold::<Kind, _>(&kind) };
    let __series1 = __metric1.__at(&(&__label0_0,));
    let __series2 = __metric2.__at(&(&__label0_0,));
    let __guard0 = ::tallymark::__private::Exit::of_future(
        __polled0,
        (),
        move |__outcome0, ()| ::tallymark::__private::inc(
            &__metric0.__at(&(&__label0_0, __outcome0)),
        ),
    );
    let __guard1 = ::tallymark::__private::track(__series1);
    let __started0 = ::tallymark::__private::now();
    let __timer0 = ::tallymark::__private::time(__series2, __started0);
    let __result0 = ::tallymark::__private::watch(
            __polled0,
            ::core::pin::pin!(
                async move { if let ::core::option::Option::Some(__value0) =
                ::tallymark::__private::no_value:: < Result < Page, Error > > () { return
                __value0; } #[allow(clippy::shadow_same)] let kind = kind; let _ = &
                kind; #[allow()] { the_body(kind). await } }
            ),
        )
        .await;
    let __elapsed0 = ::tallymark::__private::seconds(__started0);
    ::tallymark::__private::stop(&__timer0, __elapsed0);
    let __outcome0 = ::tallymark::__private::outcome!(__result0);
    ::tallymark::__private::finish(&__guard0, __outcome0, ());
    ::core::mem::drop(__guard1);
    __result0
}
