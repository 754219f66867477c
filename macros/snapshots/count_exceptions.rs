fn read(&mut self) -> Result<usize, Error> {
    let __metric0 = {
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
    let __guard0 = ::tallymark::__private::Exit::of_call(
        (),
        ::tallymark::__private::on_panic(::core::clone::Clone::clone(&__metric0)),
    );
    let __result0 = ::tallymark::__private::call(move || -> Result<usize, Error> {
        #[allow()] { the_body(self) }
    });
    if ::tallymark::__private::Fallible::is_err(&__result0)
        || {
            #[allow(
                unreachable_patterns,
                unused_variables,
                clippy::all,
                clippy::pedantic,
                reason = "the pattern is asked only whether it matches"
            )]
            match &__result0 {
                Ok(n) if *n == 0 => true,
                _ => false,
            }
        }
    {
        ::tallymark::__private::inc(&__metric0);
    }
    ::tallymark::__private::finish(&__guard0, ::tallymark::__private::Outcome::Ok, ());
    __result0
}
