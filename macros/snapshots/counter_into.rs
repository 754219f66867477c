fn handle(method: Method) {
    let __metric0 = ::tallymark::__private::counter_target(
        &(REQUESTS.with(&HttpLabels { method })),
    );
    __metric0.inc();
    #[allow()] { the_body(method) }
}
