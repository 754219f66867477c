async fn handle(request: Request) -> Response {
    #[histogram(__imported)]
    const _: () = ();
    let __metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "handle_busy_seconds",
                ::tallymark::__private::site!(),
            )
            .help("Seconds in which futures of calls of `handle` were polled.")
            .unit("seconds");
        static __METRIC: ::tallymark::__private::Histogram = ::tallymark::__private::Histogram::from_static(
            &__SPEC,
        );
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __metric1 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "handle_idle_seconds",
                ::tallymark::__private::site!(),
            )
            .help("Seconds in which futures of calls of `handle` waited.")
            .unit("seconds")
            .labels(&["outcome"]);
        static __METRIC: ::tallymark::__private::Histogram<
            ::tallymark::__private::Positional<(::tallymark::__private::Outcome,)>,
        > = ::tallymark::__private::Histogram::from_static(&__SPEC);
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __polled0 = &::tallymark::__private::Polled::new();
    let __busy0 = &::tallymark::__private::Busy::new();
    let __started1 = __busy0;
    let __started2 = ::tallymark::__private::Idle::beside(__busy0);
    let __guard1 = ::tallymark::__private::Exit::of_future(
        __polled0,
        __started2,
        move |__outcome0, __elapsed2| ::tallymark::__private::record(
            &__metric1.__at(&(__outcome0,)),
            __elapsed2,
        ),
    );
    let __timer1 = ::tallymark::__private::time(__metric0, __started1);
    let __result0 = ::tallymark::__private::watch_busy(
            __polled0,
            __busy0,
            ::core::pin::pin!(
                async move { if let ::core::option::Option::Some(__value0) =
                ::tallymark::__private::no_value:: < Response > () { return __value0; }
                #[allow(clippy::shadow_same)] let request = request; #[allow()] {
                the_body(request). await } }
            ),
        )
        .await;
    let __elapsed1 = ::tallymark::__private::seconds(__started1);
    let __elapsed2 = ::tallymark::__private::seconds(__started2);
    ::tallymark::__private::stop(&__timer1, __elapsed1);
    let __outcome0 = ::tallymark::__private::outcome!(__result0);
    ::tallymark::__private::finish(&__guard1, __outcome0, __elapsed2);
    __result0
}
