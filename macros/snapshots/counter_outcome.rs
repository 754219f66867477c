fn run(self) -> Result<(), Error> {
    let metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "run_calls_total",
                ::tallymark::__private::site!(),
            )
            .help("Calls of `run`.")
            .labels(&["outcome"])
            .const_labels(&[("region", "eu")]);
        static __METRIC: ::tallymark::__private::Counter<
            ::tallymark::__private::Positional<(::tallymark::__private::Outcome,)>,
        > = ::tallymark::__private::Counter::from_static(&__SPEC);
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let guard0 = ::tallymark::__private::Exit::of_call(move |outcome0| {
        metric0.at(&(outcome0,)).inc()
    });
    let result0 = ::tallymark::__private::call(move || -> Result<(), Error> {
        let _ = &self;
        #[allow()] { the_body(self) }
    });
    let outcome0 = ::tallymark::__private::outcome!(result0);
    guard0.finish(outcome0);
    result0
}
