/// Orders placed.
async fn place_order(cart: Cart) -> Result<Order, OrderError> {
    #[count_exceptions(__imported)]
    const _: () = ();
    #[gauge(__imported)]
    const _: () = ();
    #[histogram(__imported)]
    const _: () = ();
    let __metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "place_order_calls_total",
                ::tallymark::__private::site!(),
            )
            .help("Orders placed.");
        static __METRIC: ::tallymark::__private::Counter = ::tallymark::__private::Counter::from_static(
            &__SPEC,
        );
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __metric1 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "place_order_inprogress",
                ::tallymark::__private::site!(),
            )
            .help("Orders placed.");
        static __METRIC: ::tallymark::__private::Gauge<(), ::core::primitive::i64> = ::tallymark::__private::Gauge::from_static(
            &__SPEC,
        );
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __metric2 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "place_order_exceptions_total",
                ::tallymark::__private::site!(),
            )
            .help("Orders placed.");
        static __METRIC: ::tallymark::__private::Counter = ::tallymark::__private::Counter::from_static(
            &__SPEC,
        );
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __metric3 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::buckets(
            ::tallymark::__private::Spec::derived(
                    ::core::module_path!(),
                    "place_order_duration_seconds",
                    ::tallymark::__private::site!(),
                )
                .help("Orders placed.")
                .unit("seconds"),
            &[0.005, 0.05, 0.5, 5.0],
        );
        static __METRIC: ::tallymark::__private::Histogram = ::tallymark::__private::Histogram::from_static(
            &__SPEC,
        );
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __polled0 = &::tallymark::__private::Polled::new();
    ::tallymark::__private::inc(&__metric0);
    let __guard1 = ::tallymark::__private::track(__metric1);
    let __started0 = ::tallymark::__private::now();
    let __timer0 = ::tallymark::__private::time(__metric3, __started0);
    let __result0 = ::tallymark::__private::watch(
            __polled0,
            ::core::pin::pin!(
                async move { if let ::core::option::Option::Some(__value0) =
                ::tallymark::__private::no_value:: < Result < Order, OrderError > > () {
                return __value0; } #[allow(clippy::shadow_same)] let cart = cart;
                #[allow()] { the_body(cart). await } }
            ),
        )
        .await;
    let __elapsed0 = ::tallymark::__private::seconds(__started0);
    ::tallymark::__private::stop(&__timer0, __elapsed0);
    ::core::mem::drop(__guard1);
    if ::tallymark::__private::Fallible::is_err(&__result0) {
        ::tallymark::__private::inc(&__metric2);
    }
    __result0
}
