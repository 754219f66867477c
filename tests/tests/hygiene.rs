//! Marks get along with whatever is in scope, is called like something of theirs, or forbids.

#![allow(clippy::unused_async, reason = "how a function is called is what is tested")]

use tallymark::{LabelValue, count_exceptions, counter, gauge, histogram};
use tallymark_tests::{names, value};

/// Arguments and locals called like those of the expansion.
mod names_of_the_expansion {
    use super::*;

    #[counter(labels(metric0: u32 = metric0 + 1, series0: u32))]
    #[counter(name = "hygiene_taken_total", outcome, labels(label0_0, label1_0, outcome0: u32 = outcome0))]
    #[counter(name = "hygiene_taken_results_total", labels(result0: u32 = |result0: &Result<u32, u32>| result0.unwrap_or(7), guard0))]
    #[gauge(track_inprogress, labels(guard0))]
    #[histogram(labels(started0))]
    #[histogram(name = "hygiene_taken_values", observe = |value0: &Result<u32, u32>| value0.unwrap_or(7))]
    #[count_exceptions(Err(result0) if *result0 > 1)]
    #[count_exceptions(name = "hygiene_taken_panics_total", panic, labels(polled0: u32))]
    #[allow(clippy::too_many_arguments)]
    fn taken(
        metric0: u32,
        series0: u32,
        label0_0: u32,
        label1_0: u32,
        outcome0: u32,
        mut result0: u32,
        guard0: u32,
        started0: u32,
        (polled0, _): (u32, u32),
        __argument9: u32,
    ) -> Result<u32, u32> {
        let elapsed0 = metric0 + series0;
        let entered0 = elapsed0;
        let slot0 = entered0;
        result0 += slot0 + label0_0 + label1_0 + outcome0 + guard0 + started0 + polled0 + __argument9;
        if result0 == 0 {
            return Err(result0);
        }
        Ok(result0)
    }

    #[counter(labels(metric0: u32 = metric0 + 1, series0: u32))]
    #[counter(name = "hygiene_taken_later_total", outcome, labels(label0_0, label1_0, outcome0: u32 = outcome0))]
    #[gauge(track_inprogress, labels(guard0))]
    #[histogram(labels(polled0: u32))]
    #[count_exceptions(panic, Err)]
    #[allow(clippy::too_many_arguments)]
    async fn taken_later(
        metric0: u32,
        series0: u32,
        label0_0: u32,
        label1_0: u32,
        outcome0: u32,
        mut result0: u32,
        guard0: u32,
        (polled0, _): (u32, u32),
        value0: u32,
    ) -> Result<u32, u32> {
        let slot0 = metric0 + series0;
        std::future::ready(()).await;
        result0 += slot0 + label0_0 + label1_0 + outcome0 + guard0 + polled0 + value0;
        if result0 == 0 {
            return Err(result0);
        }
        Ok(result0)
    }

    mod items {
        use super::*;

        pub(super) const __SPEC: u32 = 1;
        pub(super) static __METRIC: u32 = 2;
        pub(super) static __ENTRY: u32 = 3;

        pub(super) fn __read0() -> u32 {
            5
        }

        #[counter(outcome, labels(spec: u32 = __SPEC, metric: u32 = __METRIC, entry: u32 = __ENTRY, read: u32 = __read0()))]
        #[histogram]
        pub(super) fn items_of_the_module(n: u32) -> u32 {
            n + __SPEC + __METRIC + __ENTRY + __read0()
        }

        #[gauge(callback)]
        pub(super) fn items_read() -> u32 {
            __SPEC + __METRIC + __ENTRY + __read0()
        }
    }

    #[tokio::test]
    async fn arguments_locals_and_items_may_be_called_like_them() {
        assert_eq!(taken(1, 1, 1, 1, 1, 1, 1, 1, (1, 0), 1), Ok(10));
        assert_eq!(value("hygiene_taken_calls_total", &[("metric0", "2"), ("series0", "1")]), Some(1.0));
        let labels = [("label0_0", "1"), ("label1_0", "1"), ("outcome0", "1"), ("outcome", "ok")];
        assert_eq!(value("hygiene_taken_total", &labels), Some(1.0));
        assert_eq!(value("hygiene_taken_results_total", &[("result0", "10"), ("guard0", "1")]), Some(1.0));
        assert_eq!(taken_later(1, 1, 1, 1, 1, 1, 1, (1, 0), 1).await, Ok(9));
        assert_eq!(value("hygiene_taken_later_total", &labels), Some(1.0));
        assert_eq!(items::items_of_the_module(0), 11);
        assert_eq!(items::items_read(), 11);
        let labels = [("spec", "1"), ("metric", "2"), ("entry", "3"), ("read", "5"), ("outcome", "ok")];
        assert_eq!(value("hygiene_items_of_the_module_calls_total", &labels), Some(1.0));
        assert_eq!(value("hygiene_items_read", &[]), Some(11.0));
    }
}

/// Names of the prelude and of the primitive types that mean something else here.
mod shadowed {
    #![allow(dead_code, non_camel_case_types, non_snake_case, clippy::upper_case_acronyms)]

    use super::*;

    type Answer = std::result::Result<u32, std::string::String>;

    struct Ok;
    struct Err;
    struct Some;
    struct None;
    struct Result;
    struct Option;
    struct String;
    struct Vec;
    struct Box;
    struct f64;
    struct bool;
    struct i64;
    struct usize;
    struct str;
    trait Clone {}
    trait Copy {}
    trait Drop {}
    trait Send {}
    trait Sync {}
    trait FnOnce {}
    trait FnMut {}
    trait Future {}
    trait Into {}
    trait From {}
    trait Default {}
    mod std_shadow {}
    mod core {}
    mod std2 {}
    fn drop() {}
    fn panic() {}

    #[allow(unused_macros)]
    macro_rules! match_nothing {
        () => {};
    }
    #[allow(unused_imports)]
    use match_nothing as matches;
    #[allow(unused_imports)]
    use match_nothing as concat;
    #[allow(unused_imports)]
    use match_nothing as line;
    #[allow(unused_imports)]
    use match_nothing as module_path;

    /// Whatever has the methods that the expansion calls.
    trait Methods {
        fn inc(&self) -> u32 {
            1
        }
        fn observe(&self, _: u32) -> u32 {
            1
        }
        fn at(&self) -> u32 {
            1
        }
        fn start_timer(&self) -> u32 {
            1
        }
        fn track_inprogress(&self) -> u32 {
            1
        }
        fn stop(&self) -> u32 {
            1
        }
        fn finish(&self) -> u32 {
            1
        }
        fn outcome(&self) -> u32 {
            1
        }
        fn elapsed(&self) -> u32 {
            1
        }
        fn clone(&self) -> u32 {
            1
        }
        fn series(&self) -> u32 {
            1
        }
        fn is_err(&self) -> u32 {
            1
        }
        fn number(&self) -> u32 {
            1
        }
    }

    impl<T: ?Sized> Methods for T {}

    #[derive(std::clone::Clone, std::marker::Copy, LabelValue)]
    enum Size {
        Small,
        Large,
    }

    #[derive(tallymark::Labels)]
    struct Labels {
        size: Size,
        #[label(display)]
        n: u32,
    }

    #[counter]
    static SHADOWED_STATIC: tallymark::Counter<Labels>;

    #[counter(outcome, labels(size, n))]
    #[counter(name = "hygiene_shadowed_total", labels(size, even: std::primitive::bool = n.is_multiple_of(2)))]
    #[counter(name = "hygiene_shadowed_results_total", labels(n: u32 = |result: &Answer| *result.as_ref().unwrap_or(&7)))]
    #[gauge(track_inprogress)]
    #[histogram(buckets = linear(1, 2, 3))]
    #[histogram(name = "hygiene_shadowed_by_outcome", outcome)]
    #[histogram(name = "hygiene_shadowed_values", observe = |result: &Answer| *result.as_ref().unwrap_or(&7))]
    #[count_exceptions(Err)]
    #[count_exceptions(name = "hygiene_shadowed_panics_total", panic)]
    fn shadowing(size: Size, n: u32) -> Answer {
        SHADOWED_STATIC.with(&Labels { size, n }).inc();
        std::result::Result::Ok(n)
    }

    #[counter(outcome, labels(size, n: u32))]
    #[gauge(track_inprogress)]
    #[histogram]
    #[count_exceptions(Err, panic)]
    async fn shadowing_later((n, _): (u32, u32), size: Size) -> Answer {
        std::result::Result::Err(n.to_string())
    }

    #[counter(outcome)]
    #[count_exceptions(None)]
    fn shadowing_option(n: u32) -> std::option::Option<u32> {
        let _ = Size::Large;
        n.checked_sub(1)
    }

    #[tokio::test]
    async fn names_of_the_prelude_may_mean_something_else() {
        shadowing(Size::Small, 2).unwrap();
        shadowing_later((1, 0), Size::Small).await.unwrap_err();
        assert!(shadowing_option(0).is_none());
        assert_eq!(
            value("hygiene_shadowing_calls_total", &[("size", "small"), ("n", "2"), ("outcome", "ok")]),
            std::option::Option::Some(1.0)
        );
        assert_eq!(value("hygiene_shadowing_later_exceptions_total", &[]), std::option::Option::Some(1.0));
        assert_eq!(value("hygiene_shadowing_option_exceptions_total", &[]), std::option::Option::Some(1.0));
        assert_eq!(
            value("hygiene_shadowed_static_total", &[("size", "small"), ("n", "2")]),
            std::option::Option::Some(1.0)
        );
    }
}

/// Functions, modules and constants called like the attributes and like the crate.
mod called_like_attributes {
    use ::tallymark::{count_exceptions, counter, gauge, histogram};
    use tallymark_tests::value;

    mod histogram {
        pub(super) const BOUND: f64 = 1.5;
    }

    #[allow(dead_code, non_camel_case_types)]
    mod tallymark {
        pub(super) struct __private;
    }

    fn gauge() -> u32 {
        1
    }

    #[counter(outcome)]
    #[histogram(buckets = [histogram::BOUND, 2.5])]
    #[gauge(track_inprogress)]
    #[count_exceptions(panic)]
    fn counter(counter: u32) -> u32 {
        let histogram = gauge();
        counter + histogram
    }

    #[histogram]
    #[gauge(track_inprogress)]
    #[counter(labels(gauge))]
    fn count_exceptions(gauge: u32) -> u32 {
        fn counter() -> u32 {
            1
        }
        gauge + counter()
    }

    #[test]
    fn items_may_be_called_like_attributes() {
        assert_eq!((counter(1), count_exceptions(1)), (2, 2));
        assert_eq!(value("hygiene_counter_calls_total", &[("outcome", "ok")]), Some(1.0));
        assert_eq!(value("hygiene_count_exceptions_calls_total", &[("gauge", "1")]), Some(1.0));
    }

    #[test]
    fn attributes_may_be_imported_where_they_are_used() {
        use ::tallymark::counter as tally;

        #[tally]
        fn imported_under_another_name() {}

        fn inner() {
            use ::tallymark::{counter as counts, histogram as times};

            #[counts(outcome)]
            #[times]
            #[::tallymark::gauge(track_inprogress)]
            fn imported_here() {}

            imported_here();
        }

        imported_under_another_name();
        inner();
        assert_eq!(value("hygiene_imported_under_another_name_calls_total", &[]), Some(1.0));
        assert_eq!(value("hygiene_imported_here_calls_total", &[("outcome", "ok")]), Some(1.0));
        assert_eq!(value("hygiene_imported_here_duration_seconds", &[]), Some(1.0));
    }
}

/// The attributes by a glob, and by `#[macro_use]`'s way.
mod imported_by_a_glob {
    use tallymark::*;

    #[counter]
    #[histogram]
    #[count_exceptions(Err)]
    fn by_a_glob() -> Result<(), ()> {
        Ok(())
    }

    #[test]
    fn attributes_may_be_imported_by_a_glob() {
        assert_eq!(by_a_glob(), Ok(()));
        assert_eq!(tallymark_tests::value("hygiene_by_a_glob_calls_total", &[]), Some(1.0));
    }
}

/// A marked function gives the warnings that it gave without marks: those that are expected here come, and no other.
mod warnings {
    #![deny(warnings, unused, unfulfilled_lint_expectations, missing_abi, rust_2018_idioms, nonstandard_style)]

    use std::convert::Infallible;

    use tallymark::{count_exceptions, counter, gauge, histogram};
    use tallymark_tests::value;

    /// Each function twice: measured on entry, and with its end inspected.
    macro_rules! twice {
        ($({ $($function:tt)* })*) => {
            mod plain {
                use super::*;
                $(
                    #[counter(namespace = "hygiene_plain")]
                    #[histogram(namespace = "hygiene_plain")]
                    #[gauge(namespace = "hygiene_plain", track_inprogress)]
                    $($function)*
                )*
            }
            mod inspected {
                use super::*;
                $(
                    #[counter(namespace = "hygiene_inspected", outcome)]
                    #[histogram(namespace = "hygiene_inspected", outcome)]
                    #[gauge(namespace = "hygiene_inspected", track_inprogress)]
                    #[count_exceptions(namespace = "hygiene_inspected", panic)]
                    $($function)*
                )*
            }
        };
    }

    twice! {
        { #[expect(dead_code)] fn unused_function(n: u32) -> u32 { n } }
        { #[expect(dead_code)] async fn unused_async_function(n: u32) -> u32 { n } }
        { #[expect(unused_variables)] pub(super) fn unused_argument(n: u32) {} }
        { #[expect(unused_variables)] pub(super) async fn unused_argument_later(n: u32) {} }
        { #[expect(unused_variables)] pub(super) fn unused_part((n, m): (u32, u32), [l, ..]: [u32; 2]) -> u32 { n + l } }
        { #[expect(unused_mut)] pub(super) fn unused_mut(mut n: u32) -> u32 { n } }
        { #[expect(unused_mut)] pub(super) async fn unused_mut_later(mut n: u32) -> u32 { n } }
        { #[expect(unused_assignments)] pub(super) fn unread(mut n: u32) -> u32 { let m = n; n = 5; m } }
        { #[expect(unused_must_use)] pub(super) fn unasked(n: u32) { n.checked_add(1); } }
        { #[expect(unreachable_code)] pub(super) fn unreachable(n: u32) -> u32 { return n; n + 1 } }
        { #[expect(unreachable_code)] pub(super) async fn unreachable_later(n: u32) -> u32 { return n; n + 1 } }
        { #[expect(unused_braces)] pub(super) fn braces(n: u32) -> u32 { { n } } }
        { #[expect(unused_parens)] pub(super) fn parens(n: u32) -> u32 { (n) } }
        { #[expect(non_snake_case)] pub(super) fn called_oddly(N: u32) -> u32 { N } }
        { pub(super) fn one_line() -> u32 { 5 } }
        { pub(super) async fn one_line_later() -> u32 { 5 } }
        { #[expect(dead_code)] fn panics(n: u32) -> u32 { panic!("{n}") } }
        { #[expect(dead_code)] fn panics_with_nothing(n: u32) { panic!("{n}") } }
        { #[expect(dead_code)] async fn panics_later(n: u32) -> u32 { panic!("{n}") } }
        { #[expect(dead_code)] fn never(n: u32) -> ! { panic!("{n}") } }
        { #[expect(dead_code)] async fn never_later(n: u32) -> ! { panic!("{n}") } }
        { #[expect(dead_code)] fn infallible(n: u32) -> Infallible { panic!("{n}") } }
        { #[expect(dead_code)] async fn infallible_later(n: u32) -> Infallible { panic!("{n}") } }
        { #[expect(dead_code)] fn infallible_result(n: u32) -> Result<Infallible, u32> { Err(n) } }
    }

    /// A type that is changed by value.
    struct Changed {
        n: u32,
    }

    impl Changed {
        #[counter(outcome)]
        fn assigned(mut self) -> u32 {
            let n = self.n;
            self.n = 5;
            n
        }

        #[counter(outcome)]
        async fn assigned_later(mut self) -> u32 {
            let n = self.n;
            self.n = 5;
            n
        }
    }

    #[tokio::test]
    async fn the_warnings_are_those_of_the_function_without_marks() {
        plain::unused_argument(1);
        inspected::unused_argument(1);
        plain::unused_argument_later(1).await;
        inspected::unused_argument_later(1).await;
        assert_eq!((plain::unused_part((1, 2), [3, 4]), inspected::unused_part((1, 2), [3, 4])), (4, 4));
        assert_eq!((plain::unused_mut(1), inspected::unused_mut(1)), (1, 1));
        assert_eq!((plain::unused_mut_later(1).await, inspected::unused_mut_later(1).await), (1, 1));
        assert_eq!((plain::unread(1), inspected::unread(1)), (1, 1));
        plain::unasked(1);
        inspected::unasked(1);
        assert_eq!((plain::unreachable(1), inspected::unreachable(1)), (1, 1));
        assert_eq!((plain::unreachable_later(1).await, inspected::unreachable_later(1).await), (1, 1));
        assert_eq!((plain::braces(1), inspected::braces(1)), (1, 1));
        assert_eq!((plain::parens(1), inspected::parens(1)), (1, 1));
        assert_eq!((plain::called_oddly(1), inspected::called_oddly(1)), (1, 1));
        assert_eq!((plain::one_line(), inspected::one_line()), (5, 5));
        assert_eq!((plain::one_line_later().await, inspected::one_line_later().await), (5, 5));
        assert_eq!((Changed { n: 1 }.assigned(), Changed { n: 1 }.assigned_later().await), (1, 1));
        assert_eq!(value("hygiene_inspected_unread_calls_total", &[("outcome", "ok")]), Some(1.0));
    }
}

mod crates {
    use super::*;

    #[tokio::test]
    async fn a_crate_that_denies_every_warning_is_measured() {
        use hygiene_strict::{Sells, Shop, Size, place_order, place_order_later, shelf_size};

        assert!(place_order(Size::Small, "1", 1, true).is_ok());
        assert!(place_order(Size::Large, "none", 1, true).is_err());
        assert!(place_order_later(Size::Small, ("1", 1), true, 1).await.is_ok());
        assert_eq!(value("hygiene_strict_place_order_calls_total", &[("size", "small"), ("title", "1")]), Some(2.0));
        assert_eq!(value("hygiene_strict_orders_total", &[("size", "LARGE"), ("outcome", "error")]), Some(1.0));
        assert_eq!(value("hygiene_strict_place_order_exceptions_total", &[]), Some(1.0));
        assert_eq!(
            value("hygiene_strict_place_order_later_calls_total", &[("size", "small"), ("outcome", "ok")]),
            Some(1.0)
        );
        let attempt = [("kind", "shop"), ("attempt", "-1")];
        assert_eq!(value("hygiene_strict_attempt_seconds", &attempt), Some(3.0));
        let sold = [("name", "1"), ("size", "small"), ("shelf", "shelf 1"), ("copies", "1")];
        assert_eq!(value("hygiene_strict_sold_total", &sold), Some(1.0));
        assert_eq!(value("hygiene_strict_length_pages", &[]), Some(3.0));
        assert_eq!((shelf_size(), value("hygiene_strict_shelf_size", &[])), (3, Some(3.0)));
        let shop = Shop::open("shop").renamed("corner shop");
        assert_eq!((shop.name(), shop.say().await), ("corner shop", Some("corner shop")));
        assert!(shop.sell("none", 1).await.is_err());
        shop.close("retired").await;
        assert_eq!(value("hygiene_strict_opened_total", &[]), Some(1.0));
        assert_eq!(value("hygiene_strict_sell_calls_total", &[("title", "none"), ("outcome", "error")]), Some(1.0));
        assert_eq!(value("hygiene_strict_close_calls_total", &[("outcome", "ok")]), Some(1.0));
    }

    #[tokio::test]
    async fn a_crate_without_the_prelude_is_measured() {
        use hygiene_no_prelude::{Size, find, place_order, place_order_later, shelf_size};

        place_order(Size::Small, "title", 1).unwrap();
        place_order(Size::Large, "", 1).unwrap_err();
        place_order_later(Size::Small, ("title", 1)).await.unwrap();
        assert_eq!((find("title"), find("")), (Some("title"), None));
        assert_eq!(
            value("hygiene_no_prelude_place_order_calls_total", &[("size", "small"), ("title", "title")]),
            Some(2.0)
        );
        let labels = [("size", "large"), ("length", "0"), ("outcome", "error")];
        assert_eq!(value("hygiene_no_prelude_orders_total", &labels), Some(1.0));
        assert_eq!(value("hygiene_no_prelude_empty_total", &[]), Some(1.0));
        let attempt = [("urgent", "true"), ("kind", "shop")];
        assert_eq!(value("hygiene_no_prelude_attempt_seconds", &attempt), Some(3.0));
        let sold = [("title", "title"), ("how_large", "small"), ("shelf", "shelf"), ("copies", "1")];
        assert_eq!(value("hygiene_no_prelude_sold_total", &sold), Some(2.0));
        assert_eq!(value("hygiene_no_prelude_find_exceptions_total", &[]), Some(1.0));
        assert_eq!(value("hygiene_no_prelude_length_pages", &[]), Some(5.0));
        assert_eq!((shelf_size(), value("hygiene_no_prelude_shelf_size", &[])), (3, Some(3.0)));
    }

    #[tokio::test]
    async fn crates_that_know_tallymark_by_another_path_are_measured() {
        macro_rules! measured {
            ($krate:ident) => {{
                use $krate::{Size, place_order, place_order_later, shelf_size};

                place_order(Size::Small, "1").unwrap();
                place_order(Size::Large, "x").unwrap_err();
                place_order_later(Size::Small, "1").await.unwrap();
                place_order_later(Size::Small, "x").await.unwrap_err();
                let name = |name: &str| format!("{}_{name}", stringify!($krate));
                assert_eq!(value(&name("place_order_calls_total"), &[("size", "small")]), Some(3.0));
                let labels = [("size", "small"), ("title", "x"), ("outcome", "error")];
                assert_eq!(value(&name("orders_total"), &labels), Some(1.0));
                assert_eq!(value(&name("place_order_later_calls_total"), &[("outcome", "error")]), Some(1.0));
                assert_eq!(value(&name("place_order_later_exceptions_total"), &[]), Some(1.0));
                assert_eq!(value(&name("sold_total"), &[("title", "1"), ("size", "small"), ("shelf", "1")]), Some(2.0));
                assert_eq!(value(&name("length"), &[]), Some(4.0));
                assert_eq!((shelf_size(), value(&name("shelf_size"), &[])), (3, Some(3.0)));
            }};
        }
        measured!(hygiene_renamed);
        measured!(hygiene_through_facade);
    }

    #[tokio::test]
    async fn impls_are_measured_in_each_of_them() {
        macro_rules! measured {
            ($($krate:ident)*) => {$({
                let mut till = $krate::Till::empty();
                till.pay(0).unwrap_err();
                till.pay(5).unwrap();
                assert_eq!(till.close().await, 5);
                let name = |name: &str| format!("{}_{name}", stringify!($krate));
                let calls = |outcome| value(&name("till_pay_calls_total"), &[("outcome", outcome)]);
                assert_eq!((calls("ok"), calls("error")), (Some(1.0), Some(1.0)));
                assert_eq!(value(&name("till_close_duration_seconds"), &[]), Some(1.0));
                assert_eq!(value(&name("till_close_inprogress"), &[]), Some(0.0));
                assert_eq!(value(&name("close_busy_seconds"), &[]), Some(1.0));
                assert_eq!(value(&name("pay_cents"), &[]), Some(5.0));
                assert_eq!(names(&name("till_empty")), [] as [&str; 0]);
            })*};
        }
        measured!(hygiene_renamed hygiene_through_facade hygiene_no_prelude hygiene_strict);
    }

    #[test]
    fn temporaries_are_dropped_as_in_the_edition_of_their_crate() {
        use hygiene_edition_2021::{inspected, plain, unmarked};

        let expected = unmarked::dropped();
        assert_eq!(expected[0], ["local", "temporary", "argument", "rest"]);
        assert_eq!(plain::dropped(), expected, "plain");
        assert_eq!(inspected::dropped(), expected, "inspected");
        assert_eq!(value("hygiene_inspected_borrows_calls_total", &[("outcome", "ok")]), Some(1.0));
        assert!(names("hygiene_plain_temporaries").len() >= 6);
    }
}

/// Methods by value, which are found before ours.
mod by_value {
    use tallymark::{count_exceptions, counter, gauge, histogram};
    use tallymark_tests::value;

    #[expect(dead_code, clippy::wrong_self_convention, reason = "they are there to be found")]
    trait Methods: Sized {
        fn inc(self) {}
        fn observe<T>(self, _: T) {}
        fn at<T>(self, _: T) {}
        fn start_timer(self) {}
        fn track_inprogress(self) {}
        fn stop(self) {}
        fn finish<T>(self, _: T) {}
        fn elapsed(self) {}
        fn number(self) {}
        fn is_err(self) {}
    }

    impl<T> Methods for T {}

    #[counter(outcome)]
    #[counter(name = "hygiene_by_value_total", labels(n, even: bool = |result: &Result<u32, ()>| result.is_ok()))]
    #[gauge(track_inprogress)]
    #[histogram]
    #[histogram(name = "hygiene_by_value_outcome_seconds", outcome)]
    #[histogram(name = "hygiene_by_value_numbers", observe = |result: &Result<u32, ()>| result.unwrap_or(1))]
    #[count_exceptions(Err, panic)]
    fn swallowed(n: u32) -> Result<u32, ()> {
        n.inc();
        if n > 1 { Err(()) } else { Ok(n) }
    }

    #[test]
    fn no_count_is_swallowed() {
        swallowed(1).unwrap();
        swallowed(2).unwrap_err();
        for (name, labels, count) in [
            ("hygiene_swallowed_calls_total", &[("outcome", "ok")][..], 1.0),
            ("hygiene_swallowed_calls_total", &[("outcome", "error")], 1.0),
            ("hygiene_by_value_total", &[("n", "2"), ("even", "false")], 1.0),
            ("hygiene_swallowed_inprogress", &[], 0.0),
            ("hygiene_swallowed_duration_seconds", &[], 2.0),
            ("hygiene_by_value_outcome_seconds", &[("outcome", "error")], 1.0),
            ("hygiene_by_value_numbers", &[], 2.0),
            ("hygiene_swallowed_exceptions_total", &[], 1.0),
        ] {
            assert_eq!(value(name, labels), Some(count), "{name} {labels:?}");
        }
    }
}
