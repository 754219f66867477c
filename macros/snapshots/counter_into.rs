fn handle(method: Method) {
    let __metric0 = ::tallymark::__private::counter_target(
        &(REQUESTS.with(&HttpLabels { method })),
    );
    ::tallymark::__private::inc(&__metric0);
    #[allow()] { the_body(method) }
}
