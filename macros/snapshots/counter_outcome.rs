fn run(self) -> Result<(), Error> {
    let __metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "run_calls_total",
                ::tallymark::__private::site!(),
            )
            .help("Calls of `run`.")
            .labels(&["outcome"])
            .const_labels({
                const __CONST_LABELS: &[(
                    &::core::primitive::str,
                    &::core::primitive::str,
                )] = &[("region", "eu")];
                __CONST_LABELS
            });
        static __METRIC: ::tallymark::__private::Counter<
            ::tallymark::__private::Positional<(::tallymark::__private::Outcome,)>,
        > = ::tallymark::__private::Counter::from_static(&__SPEC);
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __guard0 = ::tallymark::__private::Exit::of_call(
        (),
        move |__outcome0, ()| ::tallymark::__private::inc(
            &__metric0.__at(&(__outcome0,)),
        ),
    );
    let __result0 = ::tallymark::__private::call(move || -> Result<(), Error> {
        let _ = &self;
        #[allow()] { the_body(self) }
    });
    let __outcome0 = ::tallymark::__private::outcome!(__result0);
    ::tallymark::__private::finish(&__guard0, __outcome0, ());
    __result0
}
