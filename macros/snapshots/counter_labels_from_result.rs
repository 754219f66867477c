async fn handle(route: &'static str, body: Bytes) -> Response {
    let __metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::named(
                "http_requests_total",
                ::tallymark::__private::site!(),
            )
            .help("Calls of `handle`.")
            .labels(&["route", "status"])
            .max_series(50);
        static __METRIC: ::tallymark::__private::Counter<
            ::tallymark::__private::Positional<(&'static str, StatusClass)>,
        > = ::tallymark::__private::Counter::from_static(&__SPEC);
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __polled0 = &::tallymark::__private::Polled::new();
    let __label0_0 = { ::core::clone::Clone::clone(&route) };
    let __result0 = ::tallymark::__private::watch(
            __polled0,
            ::core::pin::pin!(
                async move { if let ::core::option::Option::Some(__value0) =
                ::tallymark::__private::no_value:: < Response > () { return __value0; }
                #[allow(clippy::shadow_same)] let route = route; let _ = & route;
                #[allow(clippy::shadow_same)] let mut body = body; #[allow()] {
                the_body(body). await } }
            ),
        )
        .await;
    let __label0_1: StatusClass = ::tallymark::__private::read(
        &__result0,
        |resp: &Response| resp.status().into(),
    );
    ::tallymark::__private::inc(&__metric0.__at(&(&__label0_0, &__label0_1)));
    __result0
}
