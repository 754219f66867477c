/// Requests served.
pub static REQUESTS: Counter<HttpLabels> = {
    static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::named(
            "requests_total",
            ::tallymark::__private::site!(),
        )
        .help("Requests served.")
        .max_series(7);
    ::tallymark::__private::enlist!(REQUESTS);
    ::tallymark::__private::Counter::from_static(&__SPEC)
};
