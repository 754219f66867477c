fn read(&mut self) -> Result<usize, Error> {
    let metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "read_exceptions_total",
                ::tallymark::__private::site!(),
            )
            .help("Calls of `read` that failed.");
        static __METRIC: ::tallymark::__private::Counter = ::tallymark::__private::Counter::from_static(
            &__SPEC,
        );
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let guard0 = ::tallymark::__private::Exit::of_call(
        ::tallymark::__private::on_panic(::core::clone::Clone::clone(&metric0)),
    );
    let result0 = ::tallymark::__private::call(move || -> Result<usize, Error> {
        #[allow()] { the_body(self) }
    });
    if ::tallymark::__private::Fallible::is_err(&result0) {
        metric0.inc();
    }
    #[allow(
        unreachable_patterns,
        unused_variables,
        clippy::all,
        clippy::pedantic,
        reason = "the pattern is asked only whether it matches"
    )]
    match &result0 {
        Ok(n) if *n == 0 => metric0.inc(),
        _ => {}
    }
    guard0.finish(::tallymark::__private::Outcome::Ok);
    result0
}
