static CELLAR: Gauge = {
    static __SPEC: ::tallymark::__private::Spec = ::tallymark::__private::Spec::derived(
            ::core::module_path!(),
            "cellar_celsius",
            ::tallymark::__private::site!(),
        )
        .help("The value of `CELLAR`.")
        .unit("celsius");
    ::tallymark::__private::enlist!(CELLAR);
    ::tallymark::__private::Gauge::from_static(&__SPEC)
};
