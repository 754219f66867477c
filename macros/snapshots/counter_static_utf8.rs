/// Requests served.
pub static REQUESTS: Counter<HttpLabels> = {
    static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::utf8(
            "http.requests.größe",
            "http_requests_gr__e",
            ::tallymark::__private::site!(),
        )
        .help("Requests served.");
    ::tallymark::__private::enlist!(REQUESTS);
    ::tallymark::__private::Counter::from_static(&__SPEC)
};
