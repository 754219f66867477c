async fn handle() {
    let __metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "handle_inprogress",
                ::tallymark::__private::site!(),
            )
            .help("Calls of `handle` that are running.");
        static __METRIC: ::tallymark::__private::Gauge<(), ::core::primitive::i64> = ::tallymark::__private::Gauge::from_static(
            &__SPEC,
        );
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __guard0 = ::tallymark::__private::track(__metric0);
    #[allow()] { the_body().await }
}
