#[allow(dead_code)]
/// The disks.
fn disks(__argument0: &mut Collected) {
    const _: () = {
        static __COLLECTOR: ::tallymark::__private::FunctionCollector = ::tallymark::__private::FunctionCollector::new(
            ::tallymark::__private::site!(),
            __tallymark_collect,
        );
        ::tallymark::__private::enlist!(__COLLECTOR);
    };
    fn __tallymark_collect(Collected { .. }: &mut Collected) {
        the_body()
    }
    __tallymark_collect(__argument0);
}
