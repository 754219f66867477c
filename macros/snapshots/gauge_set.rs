fn load(table: Table) -> Vec<Row> {
    let __metric0 = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "load",
                ::tallymark::__private::site!(),
            )
            .help("The value of `load`.")
            .labels(&["table"]);
        static __METRIC: ::tallymark::__private::Gauge<
            ::tallymark::__private::Positional<(Table,)>,
        > = ::tallymark::__private::Gauge::from_static(&__SPEC);
        ::tallymark::__private::enlist!(__METRIC);
        &__METRIC
    };
    let __series0 = __metric0.__at(&(&table,));
    let __result0 = ::tallymark::__private::call(move || -> Vec<Row> {
        #[allow(clippy::shadow_same)]
        let table = table;
        let _ = &table;
        #[allow()] { the_body(table) }
    });
    ::tallymark::__private::show(
        &__series0,
        ::tallymark::__private::Measurable::number(
            ::tallymark::__private::read(&__result0, |rows: &Vec<Row>| rows.len()),
        ),
    );
    __result0
}
