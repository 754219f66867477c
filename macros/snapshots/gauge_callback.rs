#[allow(dead_code)]
/// Jobs waiting.
fn queue_depth() -> usize {
    const _: () = {
        static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
                ::core::module_path!(),
                "queue_depth",
                ::tallymark::__private::site!(),
            )
            .help("Jobs waiting.");
        static __METRIC: ::tallymark::__private::Callback = ::tallymark::__private::Callback::new(
            &__SPEC,
            || ::tallymark::__private::Measurable::number(__tallymark_read()),
        );
        ::tallymark::__private::enlist!(__METRIC);
    };
    fn __tallymark_read() -> usize {
        the_body()
    }
    __tallymark_read()
}
