fn find<'a>(
    &'a self,
) -> ::core::pin::Pin<Box<dyn ::core::future::Future<Output = Option<u8>> + Send + 'a>> {
    Box::pin(async move {
        let __metric0 = {
            static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                    ::core::module_path!(),
                    "find_exceptions_total",
                    ::tallymark::__private::site!(),
                )
                .help("Calls of `find` that failed.");
            static __METRIC: ::tallymark::__private::Counter = ::tallymark::__private::Counter::from_static(
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
                    ::tallymark::__private::no_value:: < Option < u8 > > () { return
                    __value0; } #[allow()] { the_body(self). await } }
                ),
            )
            .await;
        if ::tallymark::__private::Optional::is_none(&__result0) {
            ::tallymark::__private::inc(&__metric0);
        }
        __result0
    })
}
