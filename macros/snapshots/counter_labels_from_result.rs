async fn handle(route: &'static str, body: Bytes) -> Response {
    let metric0 = {
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
    let polled0 = &::tallymark::__private::Polled::new();
    let label0_0 = ::core::clone::Clone::clone(&route);
    let result0 = ::tallymark::__private::watch(
            polled0,
            async move {
                if let ::core::option::Option::Some(value0) = ::tallymark::__private::no_value::<
                    Response,
                >() {
                    return value0;
                }
                #[allow(clippy::shadow_same)]
                let route = route;
                #[allow(clippy::shadow_same)]
                let mut body = body;
                #[allow()] { the_body(body).await }
            },
        )
        .await;
    let label0_1: StatusClass = ::tallymark::__private::read(
        &result0,
        |resp: &Response| resp.status().into(),
    );
    metric0.at(&(&label0_0, &label0_1)).inc();
    result0
}
