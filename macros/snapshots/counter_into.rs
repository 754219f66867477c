fn handle(method: Method) {
    let metric0 = ::tallymark::__private::counter_target(
        &(REQUESTS.with(&HttpLabels { method })),
    );
    metric0.inc();
    #[allow()] { the_body(method) }
}
