/// The nightly job.
async fn nightly() -> Result<(), Error> {
    let __metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "nightly_last_success_timestamp_seconds",
                ::tallymark::__private::site!(),
            )
            .help("The nightly job.")
            .unit("seconds");
        static __METRIC: ::tallymark::__private::Gauge = ::tallymark::__private::Gauge::from_static(
            &__SPEC,
        );
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __polled0 = &::tallymark::__private::Polled::new();
    let __result0 = ::tallymark::__private::watch(
            __polled0,
            ::core::pin::pin!(
                async move { if let ::core::option::Option::Some(__value0) =
                ::tallymark::__private::no_value:: < Result < (), Error > > () { return
                __value0; } #[allow()] { the_body(). await } }
            ),
        )
        .await;
    let __outcome0 = ::tallymark::__private::outcome!(__result0);
    if let ::tallymark::__private::Outcome::Ok = __outcome0 {
        ::tallymark::__private::show_current_time(&__metric0);
    }
    __result0
}
