//! Every place where a mark may stand. Each function stands here twice: measured on entry alone, and with its end
//! inspected.

#![allow(
    clippy::all,
    clippy::pedantic,
    unsafe_code,
    reason = "functions stand here in every form, also in forms that a lint would mend"
)]

use std::fmt::Debug;
use std::future::Future;
use std::panic::catch_unwind;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use tallymark::{count_exceptions, counter, gauge, histogram};
use tallymark_tests::{family_total, value};

/// Each function twice: in `plain` and in `inspected`, which are also the namespaces of the metrics.
macro_rules! twice {
    ($({ $($function:tt)* })*) => {
        mod plain {
            #[allow(unused_imports)]
            use super::*;
            $(
                #[counter(namespace = "plain")]
                #[histogram(namespace = "plain")]
                #[gauge(namespace = "plain", track_inprogress)]
                $($function)*
            )*
        }
        mod inspected {
            #[allow(unused_imports)]
            use super::*;
            $(
                #[counter(namespace = "inspected", outcome)]
                #[histogram(namespace = "inspected")]
                #[gauge(namespace = "inspected", track_inprogress)]
                #[count_exceptions(namespace = "inspected", panic)]
                $($function)*
            )*
        }
    };
}

/// Each method twice, in the `impl` that is given for each.
macro_rules! methods_twice {
    ([$($plain:tt)*] [$($inspected:tt)*] $({ $($function:tt)* })*) => {
        $($plain)* {
            $(
                #[counter(namespace = "plain")]
                #[histogram(namespace = "plain")]
                #[gauge(namespace = "plain", track_inprogress)]
                $($function)*
            )*
        }
        $($inspected)* {
            $(
                #[counter(namespace = "inspected", outcome)]
                #[histogram(namespace = "inspected")]
                #[gauge(namespace = "inspected", track_inprogress)]
                #[count_exceptions(namespace = "inspected", panic)]
                $($function)*
            )*
        }
    };
}

/// Each of the functions has counted one call in each namespace, timed it, and has none in progress.
#[track_caller]
fn assert_counted_once(functions: &[&str]) {
    for function in functions {
        for namespace in ["plain", "inspected"] {
            let name = |suffix: &str| format!("{namespace}_{function}_{suffix}");
            assert_eq!(family_total(&name("calls_total")), 1.0, "{namespace} {function}");
            assert_eq!(value(&name("duration_seconds"), &[]), Some(1.0), "{namespace} {function}");
            assert_eq!(value(&name("inprogress"), &[]), Some(0.0), "{namespace} {function}");
        }
    }
}

mod free {
    use super::*;

    twice! {
        { pub(super) fn free(n: u32) -> Result<u32, String> { if n == 0 { return Err("none".into()); } Ok(n) } }
        { pub(super) fn nothing() {} }
        { pub(super) unsafe fn an_unsafe(n: u32) -> u32 { n } }
        { pub(super) extern "C" fn extern_c(n: u32) -> u32 { n } }
        { pub(super) unsafe extern "C" fn unsafe_extern_c(n: u32) -> u32 { n } }
        { pub(super) fn const_generic<const N: usize>(array: [u32; N]) -> usize { array.len() + N } }
        { pub(super) fn generic<T, U>(one: T, other: U) -> Result<T, U> where T: Debug + Clone, U: Debug { let _ = &other; Ok(one.clone()) } }
        { pub(super) fn elided(text: &str) -> Option<&str> { Some(text.get(..1)?) } }
        { pub(super) fn named<'a, 'b: 'a>(text: &'a str, _other: &'b str) -> &'a str { text } }
        { pub(super) fn borrowed_mut(numbers: &mut Vec<u32>) -> Option<&mut u32> { numbers.push(1); let last = numbers.last_mut()?; *last += 1; Some(last) } }
        { pub(super) fn borrowed_mut_of_two<'a>(one: &'a mut u32, _other: &mut u32) -> Result<&'a mut u32, String> { *one += 1; Ok(one) } }
        { pub(super) fn iterates(numbers: &[u32]) -> impl Iterator<Item = u32> + '_ { numbers.iter().map(|n| n + 1) } }
        { pub(super) fn iterates_or_fails(text: &str) -> Result<impl Iterator<Item = u32> + use<>, std::num::ParseIntError> { let n: u32 = text.parse()?; Ok(0..n) } }
        { pub(super) fn boxed_dyn(n: u32) -> Result<Box<dyn Iterator<Item = impl Debug>>, Box<dyn std::error::Error>> { if n == 0 { return Err("none".into()); } Ok(Box::new(0..n)) } }
        { pub(super) fn impl_argument(text: impl Into<String>, numbers: impl IntoIterator<Item = u32>) -> String { let text: String = text.into(); format!("{text}{}", numbers.into_iter().count()) } }
        { pub(super) fn closure_out(n: u32) -> impl Fn(u32) -> u32 { move |m| n + m } }
        { pub(super) fn never(n: u32) -> ! { panic!("never {n}") } }
        { pub(super) fn diverges(n: u32) -> u32 { panic!("diverges {n}") } }
        { pub(super) fn r#type(r#match: u32) -> u32 { r#match } }
        { pub(super) fn mut_argument(mut text: String, mut n: u32) -> String { n += 1; text.push_str(&n.to_string()); text } }
        { pub(super) fn long_result() -> Result<Vec<Option<(u32, String)>>, Box<dyn std::error::Error + Send + Sync>> { let n: u32 = "5".parse()?; Ok(vec![Some((n, String::new()))]) } }
        { pub(super) fn with_inner_attributes(n: u32) -> u32 { #![allow(unused_variables)] #![allow(clippy::let_unit_value)] let unused = 1; let () = (); n } }
        { #[must_use] #[inline(always)] #[allow(clippy::inline_always)] #[doc(alias = "written_up")] pub(super) fn documented() -> u32 { 1 } }
        { pub(super) fn has_items() -> u32 {
            const __SPEC: u32 = 1;
            static __METRIC: u32 = 2;
            static __ENTRY: u32 = 3;
            fn metric0() -> u32 { 4 }
            struct Metric(u32);
            use metric0 as call;
            mod counter { pub(super) const HIDDEN: u32 = 5; }
            __SPEC + __METRIC + __ENTRY + call() + Metric(counter::HIDDEN).0
        } }
    }

    #[test]
    fn marks_stand_on_free_functions_of_every_kind() {
        assert_eq!((plain::free(1), inspected::free(1)), (Ok(1), Ok(1)));
        plain::nothing();
        inspected::nothing();
        // SAFETY: they only give back their argument.
        unsafe {
            assert_eq!((plain::an_unsafe(1), inspected::an_unsafe(1)), (1, 1));
            assert_eq!((plain::unsafe_extern_c(1), inspected::unsafe_extern_c(1)), (1, 1));
        }
        assert_eq!((plain::extern_c(1), inspected::extern_c(1)), (1, 1));
        assert_eq!((plain::const_generic([1; 2]), inspected::const_generic([1; 2])), (4, 4));
        assert_eq!((plain::generic(1, "x"), inspected::generic("x", 1.5)), (Ok(1), Ok("x")));
        assert_eq!((plain::elided("text"), inspected::elided("text")), (Some("t"), Some("t")));
        assert_eq!((plain::named("text", ""), inspected::named("text", "")), ("text", "text"));
        assert_eq!((plain::r#type(1), inspected::r#type(1)), (1, 1));
        assert_eq!(
            (plain::mut_argument("a".into(), 1), inspected::mut_argument("a".into(), 1)),
            ("a2".into(), "a2".into())
        );
        assert_eq!((plain::long_result().unwrap().len(), inspected::long_result().unwrap().len()), (1, 1));
        assert_eq!((plain::with_inner_attributes(1), inspected::with_inner_attributes(1)), (1, 1));
        assert_eq!((plain::documented(), inspected::documented()), (1, 1));
        assert_eq!((plain::has_items(), inspected::has_items()), (15, 15));
        assert_counted_once(&[
            "free",
            "nothing",
            "an_unsafe",
            "extern_c",
            "unsafe_extern_c",
            "const_generic",
            "generic",
            "elided",
            "named",
            "type",
            "mut_argument",
            "long_result",
            "with_inner_attributes",
            "documented",
            "has_items",
        ]);
    }

    #[test]
    fn a_marked_function_returns_what_it_borrows_from_its_arguments() {
        let mut numbers = vec![0];
        *plain::borrowed_mut(&mut numbers).unwrap() += 1;
        *inspected::borrowed_mut(&mut numbers).unwrap() += 1;
        assert_eq!(numbers, [0, 3, 3]);
        let (mut one, mut other) = (1, 1);
        *plain::borrowed_mut_of_two(&mut one, &mut other).unwrap() += 1;
        *inspected::borrowed_mut_of_two(&mut one, &mut other).unwrap() += 1;
        assert_eq!(one, 5);
        assert_counted_once(&["borrowed_mut", "borrowed_mut_of_two"]);
    }

    #[test]
    fn impl_trait_goes_in_and_out() {
        assert_eq!((plain::iterates(&[1]).sum::<u32>(), inspected::iterates(&[1]).sum::<u32>()), (2, 2));
        assert_eq!(plain::iterates_or_fails("2").unwrap().count(), 2);
        assert_eq!(inspected::iterates_or_fails("2").unwrap().count(), 2);
        assert_eq!(plain::boxed_dyn(2).unwrap().count(), 2);
        assert_eq!(inspected::boxed_dyn(2).unwrap().count(), 2);
        assert_eq!((plain::impl_argument("a", [1]), inspected::impl_argument("a", [1])), ("a1".into(), "a1".into()));
        assert_eq!((plain::closure_out(1)(2), inspected::closure_out(1)(2)), (3, 3));
        assert_counted_once(&["iterates", "iterates_or_fails", "boxed_dyn", "impl_argument", "closure_out"]);
    }

    #[test]
    fn a_function_that_never_returns_ends_by_its_panic() {
        catch_unwind(|| plain::never(1)).unwrap_err();
        catch_unwind(|| inspected::never(1)).unwrap_err();
        catch_unwind(|| plain::diverges(1)).unwrap_err();
        catch_unwind(|| inspected::diverges(1)).unwrap_err();
        assert_counted_once(&["never", "diverges"]);
        assert_eq!(value("inspected_never_calls_total", &[("outcome", "panic")]), Some(1.0));
        assert_eq!(value("inspected_never_exceptions_total", &[]), Some(1.0));
        assert_eq!(value("inspected_diverges_calls_total", &[("outcome", "panic")]), Some(1.0));
    }
}

mod patterns {
    use super::*;

    pub(super) struct Point {
        pub(super) x: String,
        pub(super) y: String,
        pub(super) z: u32,
    }

    fn point() -> Point {
        Point { x: "x".into(), y: "y".into(), z: 1 }
    }

    twice! {
        { pub(super) fn tuple((one, two): (String, String)) -> String { one + &two } }
        { pub(super) fn tuple_partly((one, _): (String, String)) -> String { one } }
        { pub(super) fn nested_mut((mut one, (two, mut three)): (String, (String, u32))) -> String { one.push_str(&two); three += 1; one + &three.to_string() } }
        { pub(super) fn structure(Point { x, y, z }: Point) -> String { format!("{x}{y}{z}") } }
        { pub(super) fn structure_partly(Point { mut x, .. }: Point) -> String { x.push('!'); x } }
        { pub(super) fn structure_renamed(Point { x: y, y: x, z: _ }: Point) -> String { x + &y } }
        { pub(super) fn array([first, .., last]: [String; 3]) -> String { first + &last } }
        { pub(super) fn array_rest([first, rest @ ..]: [String; 3]) -> String { first + &rest.join("") } }
        { pub(super) fn by_ref(ref text: String) -> String { text.clone() } }
        { pub(super) fn by_ref_mut(ref mut text: String) -> String { text.push('!'); text.clone() } }
        { pub(super) fn by_refs((ref one, ref mut two): (String, String)) -> String { two.push('!'); format!("{one}{two}") } }
        { pub(super) fn nothing_named(_: String, _: u32) -> String { "x".into() } }
        { pub(super) fn dereferenced(&n: &u32, &(a, _): &(u32, u32)) -> u32 { n + a } }
        { pub(super) fn default_binding(Point { x, .. }: &Point, (a, b): &mut (u32, u32)) -> String { *a += 1; format!("{x}{a}{b}") } }
        { pub(super) fn bound_whole(whole @ (a, b): (u32, u32)) -> u32 { whole.0 + a + b } }
        { pub(super) fn irrefutable_or((Ok(n) | Err(n)): Result<u32, u32>) -> u32 { n } }
        { pub(super) fn attributed(#[allow(unused_variables)] unused: u32, #[allow(unused_mut)] mut n: u32, #[cfg(any())] gone: Missing, #[cfg(all())] there: u32) -> u32 { n + there } }
        { pub(super) fn attributed_pattern(#[allow(unused_variables)] (a, b): (u32, u32), #[cfg(any())] (c, _): Missing, #[cfg(all())] (d, _): (u32, u32)) -> u32 { a + d } }
        { pub(super) fn expected(#[expect(unused_variables)] unused: u32, #[expect(unused_mut)] mut n: u32, #[expect(unused_variables)] (a, _): (u32, u32)) -> u32 { n } }
    }

    fn strings() -> (String, String) {
        ("a".into(), "b".into())
    }

    fn array() -> [String; 3] {
        ["a".into(), "b".into(), "c".into()]
    }

    #[test]
    fn arguments_are_bound_by_any_pattern() {
        assert_eq!((plain::tuple(strings()), inspected::tuple(strings())), ("ab".into(), "ab".into()));
        assert_eq!((plain::tuple_partly(strings()), inspected::tuple_partly(strings())), ("a".into(), "a".into()));
        let nested = || ("a".to_owned(), ("b".to_owned(), 1));
        assert_eq!((plain::nested_mut(nested()), inspected::nested_mut(nested())), ("ab2".into(), "ab2".into()));
        assert_eq!((plain::structure(point()), inspected::structure(point())), ("xy1".into(), "xy1".into()));
        assert_eq!(
            (plain::structure_partly(point()), inspected::structure_partly(point())),
            ("x!".into(), "x!".into())
        );
        assert_eq!(
            (plain::structure_renamed(point()), inspected::structure_renamed(point())),
            ("yx".into(), "yx".into())
        );
        assert_eq!((plain::array(array()), inspected::array(array())), ("ac".into(), "ac".into()));
        assert_eq!((plain::array_rest(array()), inspected::array_rest(array())), ("abc".into(), "abc".into()));
        assert_eq!((plain::by_ref("a".into()), inspected::by_ref("a".into())), ("a".into(), "a".into()));
        assert_eq!((plain::by_ref_mut("a".into()), inspected::by_ref_mut("a".into())), ("a!".into(), "a!".into()));
        assert_eq!((plain::by_refs(strings()), inspected::by_refs(strings())), ("ab!".into(), "ab!".into()));
        assert_eq!(
            (plain::nothing_named("a".into(), 1), inspected::nothing_named("a".into(), 1)),
            ("x".into(), "x".into())
        );
        assert_eq!((plain::dereferenced(&1, &(2, 3)), inspected::dereferenced(&1, &(2, 3))), (3, 3));
        assert_eq!(plain::default_binding(&point(), &mut (1, 2)), "x22");
        assert_eq!(inspected::default_binding(&point(), &mut (1, 2)), "x22");
        assert_eq!((plain::bound_whole((1, 2)), inspected::bound_whole((1, 2))), (4, 4));
        assert_eq!((plain::irrefutable_or(Ok(1)), inspected::irrefutable_or(Err(1))), (1, 1));
        assert_eq!((plain::attributed(1, 2, 3), inspected::attributed(1, 2, 3)), (5, 5));
        assert_eq!(plain::attributed_pattern((1, 2), (3, 4)), 4);
        assert_eq!(inspected::attributed_pattern((1, 2), (3, 4)), 4);
        assert_eq!((plain::expected(1, 2, (3, 4)), inspected::expected(1, 2, (3, 4))), (2, 2));
        assert_counted_once(&[
            "tuple",
            "tuple_partly",
            "nested_mut",
            "structure",
            "structure_partly",
            "structure_renamed",
            "array",
            "array_rest",
            "by_ref",
            "by_ref_mut",
            "by_refs",
            "nothing_named",
            "dereferenced",
            "default_binding",
            "bound_whole",
            "irrefutable_or",
            "attributed",
            "attributed_pattern",
            "expected",
        ]);
    }
}

mod methods {
    use super::*;

    #[derive(Default)]
    pub(super) struct Account<const INSPECTED: bool> {
        owner: String,
        cents: u32,
    }

    methods_twice! {
        [impl Account<false>] [impl Account<true>]
        { fn receives_ref(&self) -> Result<&str, u32> { Ok(&self.owner) } }
        { fn by_mut(&mut self, n: u32) -> &mut u32 { self.cents += n; &mut self.cents } }
        { fn by_mut_partly(&mut self) -> Option<(&mut String, &mut u32)> { Some((&mut self.owner, &mut self.cents)) } }
        { fn by_value(self) -> String { self.owner } }
        { fn by_mut_value(mut self, n: u32) -> Self { self.cents += n; self } }
        { fn reassigned(mut self) -> Self { self = Self { owner: "other".into(), cents: self.cents }; self } }
        { fn pinned(self: Pin<&mut Self>) -> Option<Pin<&mut u32>> { Some(Pin::new(&mut self.get_mut().cents)) } }
        { fn shared(self: Arc<Self>) -> Arc<Self> { self } }
        { fn counted(self: Rc<Self>) -> u32 { self.cents } }
        { fn boxed(self: Box<Self>) -> String { self.owner } }
        { fn typed(self: &Self) -> u32 { self.cents } }
        { fn typed_mut(self: &mut Self) -> &mut u32 { &mut self.cents } }
        { fn shared_ref(self: &Arc<Self>) -> Arc<Self> { Arc::clone(self) } }
        { fn made() -> Self { Self { owner: "made".into(), cents: 0 } } }
        { async fn later(&mut self, n: u32) -> Result<&mut u32, String> { self.cents += n; Ok(&mut self.cents) } }
        { async fn later_by_value(mut self) -> String { self.owner.push('!'); self.owner } }
        { async fn later_pinned(self: Pin<&mut Self>) -> u32 { self.cents } }
        { async fn later_shared(self: Arc<Self>) -> u32 { self.cents } }
    }

    #[tokio::test]
    async fn marks_stand_on_methods_with_every_receiver() {
        let mut plain = Account::<false> { owner: "me".into(), cents: 1 };
        let mut inspected = Account::<true> { owner: "me".into(), cents: 1 };
        assert_eq!((plain.receives_ref(), inspected.receives_ref()), (Ok("me"), Ok("me")));
        *plain.by_mut(1) += 1;
        *inspected.by_mut(1) += 1;
        assert_eq!((plain.cents, inspected.cents), (3, 3));
        plain.by_mut_partly().unwrap().0.push('!');
        inspected.by_mut_partly().unwrap().0.push('!');
        *Pin::new(&mut plain).pinned().unwrap() += 1;
        *Pin::new(&mut inspected).pinned().unwrap() += 1;
        assert_eq!((plain.typed(), inspected.typed()), (4, 4));
        *plain.typed_mut() += 1;
        *inspected.typed_mut() += 1;
        assert_eq!((*plain.later(1).await.unwrap(), *inspected.later(1).await.unwrap()), (6, 6));
        assert_eq!((Pin::new(&mut plain).later_pinned().await, Pin::new(&mut inspected).later_pinned().await), (6, 6));
        let (plain, inspected) = (plain.by_mut_value(1), inspected.by_mut_value(1));
        assert_eq!((plain.cents, inspected.cents), (7, 7));
        let (plain, inspected) = (plain.reassigned(), inspected.reassigned());
        assert_eq!((plain.by_value(), inspected.by_value()), ("other".into(), "other".into()));
        let (plain, inspected) = (Arc::new(Account::<false>::made()), Arc::new(Account::<true>::made()));
        assert_eq!(
            (plain.shared_ref().shared().later_shared().await, inspected.shared_ref().shared().later_shared().await),
            (0, 0)
        );
        assert_eq!(
            (Rc::new(Account::<false>::default()).counted(), Rc::new(Account::<true>::default()).counted()),
            (0, 0)
        );
        assert_eq!(
            (Box::new(Account::<false>::default()).boxed(), Box::new(Account::<true>::default()).boxed()),
            (String::new(), String::new())
        );
        assert_eq!(Account::<false>::default().later_by_value().await, "!");
        assert_eq!(Account::<true>::default().later_by_value().await, "!");
        assert_counted_once(&[
            "receives_ref",
            "by_mut",
            "by_mut_partly",
            "by_value",
            "by_mut_value",
            "reassigned",
            "pinned",
            "shared",
            "counted",
            "boxed",
            "typed",
            "typed_mut",
            "shared_ref",
            "made",
            "later",
            "later_by_value",
            "later_pinned",
            "later_shared",
        ]);
    }

    pub(super) struct Generic<T, const INSPECTED: bool>(Vec<T>);

    methods_twice! {
        [impl<T: Debug + Clone> Generic<T, false> where T: PartialEq] [impl<T: Debug + Clone> Generic<T, true> where T: PartialEq]
        { fn find<U: ?Sized>(&self, wanted: &U) -> Option<&T> where T: PartialEq<U> { self.0.iter().find(|item| *item == wanted) } }
        { fn extended<I: Iterator<Item = T>>(mut self, items: I) -> Result<Self, I> { self.0.extend(items); Ok(self) } }
    }

    #[test]
    fn marks_stand_in_the_impl_of_a_generic_type() {
        let (plain, inspected) = (Generic::<String, false>(vec!["a".into()]), Generic::<u32, true>(vec![1]));
        assert_eq!((plain.find("a").map(String::as_str), inspected.find(&1)), (Some("a"), Some(&1)));
        assert_eq!(plain.extended(["b".to_owned()].into_iter()).map_err(|_| ()).unwrap().0.len(), 2);
        assert_eq!(inspected.extended([2].into_iter()).map_err(|_| ()).unwrap().0.len(), 2);
        assert_counted_once(&["find", "extended"]);
    }
}

mod traits {
    use super::*;

    struct Shop<const INSPECTED: bool>(u32);

    trait Plain {
        const OPEN: bool;
        type Item;
        fn implemented(&mut self, n: u32) -> Result<Self::Item, String>;
        #[counter(namespace = "plain")]
        #[histogram(namespace = "plain")]
        #[gauge(namespace = "plain", track_inprogress)]
        fn provided(&self, n: u32) -> Result<bool, u32>
        where
            Self: Sized,
        {
            if n == 0 { Err(n) } else { Ok(Self::OPEN) }
        }
        async fn later(&mut self) -> Result<Self::Item, String>;
        #[counter(namespace = "plain")]
        #[histogram(namespace = "plain")]
        #[gauge(namespace = "plain", track_inprogress)]
        async fn provided_later(&mut self) -> Result<Self::Item, String> {
            self.later().await
        }
    }

    trait Inspected {
        const OPEN: bool;
        type Item;
        fn implemented(&mut self, n: u32) -> Result<Self::Item, String>;
        #[counter(namespace = "inspected", outcome)]
        #[histogram(namespace = "inspected")]
        #[gauge(namespace = "inspected", track_inprogress)]
        fn provided(&self, n: u32) -> Result<bool, u32>
        where
            Self: Sized,
        {
            if n == 0 { Err(n) } else { Ok(Self::OPEN) }
        }
        async fn later(&mut self) -> Result<Self::Item, String>;
        #[counter(namespace = "inspected", outcome)]
        #[histogram(namespace = "inspected")]
        #[gauge(namespace = "inspected", track_inprogress)]
        async fn provided_later(&mut self) -> Result<Self::Item, String> {
            self.later().await
        }
    }

    impl Plain for Shop<false> {
        const OPEN: bool = true;
        type Item = u32;

        #[counter(namespace = "plain")]
        #[histogram(namespace = "plain")]
        #[gauge(namespace = "plain", track_inprogress)]
        fn implemented(&mut self, n: u32) -> Result<Self::Item, String> {
            self.0 += n;
            Ok(self.0)
        }

        #[counter(namespace = "plain")]
        #[histogram(namespace = "plain")]
        #[gauge(namespace = "plain", track_inprogress)]
        async fn later(&mut self) -> Result<Self::Item, String> {
            Ok(self.0)
        }
    }

    impl Inspected for Shop<true> {
        const OPEN: bool = true;
        type Item = u32;

        #[counter(namespace = "inspected", outcome)]
        #[histogram(namespace = "inspected")]
        #[gauge(namespace = "inspected", track_inprogress)]
        fn implemented(&mut self, n: u32) -> Result<Self::Item, String> {
            self.0 += n;
            Ok(self.0)
        }

        #[counter(namespace = "inspected", outcome)]
        #[histogram(namespace = "inspected")]
        #[gauge(namespace = "inspected", track_inprogress)]
        async fn later(&mut self) -> Result<Self::Item, String> {
            Ok(self.0)
        }
    }

    #[tokio::test]
    async fn marks_stand_on_the_functions_of_traits() {
        let (mut plain, mut inspected) = (Shop::<false>(1), Shop::<true>(1));
        assert_eq!((plain.implemented(1), inspected.implemented(1)), (Ok(2), Ok(2)));
        assert_eq!((plain.provided(1), inspected.provided(1)), (Ok(true), Ok(true)));
        assert_eq!((plain.provided_later().await, inspected.provided_later().await), (Ok(2), Ok(2)));
        assert_counted_once(&["implemented", "provided", "later", "provided_later"]);
    }

    /// Counts down, and says so when it is gone.
    struct Countdown(u32);

    impl Iterator for Countdown {
        type Item = u32;

        #[counter(outcome)]
        #[count_exceptions(None)]
        fn next(&mut self) -> Option<u32> {
            self.0 = self.0.checked_sub(1)?;
            Some(self.0)
        }
    }

    impl Drop for Countdown {
        #[counter]
        #[histogram]
        fn drop(&mut self) {
            self.0 = 0;
        }
    }

    impl std::fmt::Display for Countdown {
        #[counter(outcome)]
        #[count_exceptions(Err)]
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{}", self.0)
        }
    }

    impl Future for Countdown {
        type Output = ();

        #[counter(outcome, labels(pending: bool = false))]
        #[count_exceptions(std::task::Poll::Pending)]
        fn poll(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<()> {
            if self.next().is_none() {
                return std::task::Poll::Ready(());
            }
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        }
    }

    #[tokio::test]
    async fn marks_stand_in_the_impls_of_traits_of_others() {
        let mut countdown = Countdown(3);
        assert_eq!(countdown.to_string(), "3");
        (&mut countdown).await;
        drop(countdown);
        assert_eq!(value("places_next_calls_total", &[("outcome", "ok")]), Some(4.0));
        assert_eq!(value("places_next_exceptions_total", &[]), Some(1.0));
        assert_eq!(value("places_poll_calls_total", &[("pending", "false"), ("outcome", "ok")]), Some(4.0));
        assert_eq!(value("places_poll_exceptions_total", &[]), Some(3.0));
        assert_eq!(value("places_fmt_exceptions_total", &[]), Some(0.0));
        assert_eq!(value("places_drop_calls_total", &[]), Some(1.0));
    }
}

mod nested {
    use super::*;

    macro_rules! named_by_the_caller {
        ($vis:vis $name:ident, $argument:ident: $ty:ty, $body:block) => {
            $vis fn $name($argument: $ty) -> $ty $body
        };
    }

    macro_rules! marked_within {
        ($vis:vis $name:ident($argument:ident: $ty:ty) -> $output:ty $body:block) => {
            #[counter(outcome, labels(n: u32 = 1, $argument, hidden: u32 = own))]
            #[histogram(labels(sum: u32 = own + $argument))]
            $vis fn $name($argument: $ty, own: u32) -> $output {
                let result0 = own;
                let _ = result0;
                $body
            }
        };
        (block $name:ident $body:block) => {
            #[counter(outcome)]
            fn $name(_: u32) -> u32 $body
        };
        (whole $body:block) => {
            #[counter(outcome)]
            #[gauge(track_inprogress)]
            fn named_by_the_macro(result0: u32) -> Option<u32> {
                let guard0 = result0;
                if guard0 == 0 { return None; }
                let own = guard0;
                $body;
                Some(own)
            }
        };
        (pattern $name:ident($pattern:pat => $ty:ty) $result:expr) => {
            #[counter(outcome)]
            fn $name($pattern: $ty) -> u32 { $result }
        };
        (asynchronous $name:ident -> $output:ty { $($body:tt)* }) => {
            #[counter(outcome)]
            #[count_exceptions(Err)]
            async fn $name(own: u32) -> $output { let value0 = own; let _ = value0; $($body)* }
        };
    }

    twice! {
        { pub(super) fn inside_a_module() -> u32 { inside_a_function() } }
    }

    fn inside_a_function() -> u32 {
        #[counter]
        #[histogram]
        fn inner_plain() -> u32 {
            1
        }
        #[counter(outcome)]
        #[count_exceptions(panic)]
        fn inner_inspected() -> u32 {
            #[counter(outcome)]
            fn innermost() -> u32 {
                1
            }
            innermost()
        }
        inner_plain() + inner_inspected()
    }

    marked_within!(pub(super) as_named(text: u32) -> Result<u32, String> { let guard0 = text; Ok(guard0) });
    marked_within!(whole { let own = 7; let _ = own; });
    marked_within!(block by_block { 7 });
    marked_within!(pattern by_pattern((a, _) => (u32, u32)) a);
    marked_within!(asynchronous by_tokens -> Result<u32, std::num::ParseIntError> { let n: u32 = "1".parse()?; Ok(n) });

    #[counter(outcome)]
    fn calls_a_macro(n: u32) -> u32 {
        named_by_the_caller!(inner, n: u32, { n + 1 });
        inner(n)
    }

    #[tokio::test]
    async fn marks_stand_in_modules_functions_and_macros() {
        assert_eq!((plain::inside_a_module(), inspected::inside_a_module()), (2, 2));
        assert_counted_once(&["inside_a_module"]);
        assert_eq!(value("places_inner_plain_calls_total", &[]), Some(2.0));
        assert_eq!(value("places_inner_inspected_calls_total", &[("outcome", "ok")]), Some(2.0));
        assert_eq!(value("places_innermost_calls_total", &[("outcome", "ok")]), Some(2.0));
        assert_eq!(as_named(5, 2), Ok(5));
        let labels = [("n", "1"), ("text", "5"), ("hidden", "2"), ("outcome", "ok")];
        assert_eq!(value("places_as_named_calls_total", &labels), Some(1.0));
        assert_eq!(value("places_as_named_duration_seconds", &[("sum", "7")]), Some(1.0));
        assert_eq!(named_by_the_macro(3), Some(3));
        assert_eq!(value("places_named_by_the_macro_calls_total", &[("outcome", "ok")]), Some(1.0));
        assert_eq!((by_block(1), by_pattern((1, 2)), calls_a_macro(1)), (7, 1, 2));
        assert_eq!(by_tokens(1).await, Ok(1));
        assert_eq!(value("places_by_tokens_calls_total", &[("outcome", "ok")]), Some(1.0));
    }
}

mod labels {
    use super::*;
    use tallymark::{Counter, Gauge, Histogram, LabelValue, Labels};

    #[derive(Clone, Copy, Debug, LabelValue)]
    enum Method {
        Get,
        Post,
    }

    struct Cart {
        books: Vec<String>,
    }

    impl From<&Cart> for Method {
        fn from(cart: &Cart) -> Self {
            if cart.books.is_empty() { Self::Get } else { Self::Post }
        }
    }

    #[counter(labels(method, size, name, route, r#type))]
    #[counter(name = "places_consumes_by_outcome_total", outcome, labels(method, size, name, route, r#type))]
    #[counter(name = "places_consumes_returned_total", labels(name, ok: bool = |result: &Result<String, String>| result.is_ok()))]
    #[histogram(outcome, labels(name))]
    #[gauge(track_inprogress, labels(name))]
    #[count_exceptions(Err, panic, labels(name))]
    fn consumes(method: Method, size: u8, name: String, route: &str, r#type: Option<bool>) -> Result<String, String> {
        let _ = (method, r#type);
        if size == 0 { Err(name) } else { Ok(name + route) }
    }

    #[test]
    fn the_body_may_consume_the_arguments_that_are_labels() {
        assert_eq!(consumes(Method::Get, 1, "name".to_owned(), "/", Some(true)), Ok("name/".to_owned()));
        assert_eq!(consumes(Method::Post, 0, "name".to_owned(), "/", None), Err("name".to_owned()));
        let labels = [("method", "get"), ("size", "1"), ("name", "name"), ("route", "/"), ("type", "true")];
        assert_eq!(value("places_consumes_calls_total", &labels), Some(1.0));
        let labels =
            [("method", "post"), ("size", "0"), ("name", "name"), ("route", "/"), ("type", ""), ("outcome", "error")];
        assert_eq!(value("places_consumes_by_outcome_total", &labels), Some(1.0));
        assert_eq!(value("places_consumes_returned_total", &[("name", "name"), ("ok", "false")]), Some(1.0));
        assert_eq!(value("places_consumes_duration_seconds", &[("name", "name"), ("outcome", "ok")]), Some(1.0));
        assert_eq!(value("places_consumes_inprogress", &[("name", "name")]), Some(0.0));
        assert_eq!(value("places_consumes_exceptions_total", &[("name", "name")]), Some(1.0));
    }

    #[counter(labels(method: Method = (&cart).into(), books: usize = cart.books.len(), first: &str = cart.books.first().map_or("none", |book| book)))]
    #[counter(name = "places_expressions_returned_total", labels(method: Method = (&cart).into(), sold: usize = |sold: &Option<Vec<String>>| sold.as_ref().map_or(0, Vec::len)))]
    #[histogram(name = "places_expressions_sold", observe = |sold: &Option<Vec<String>>| sold.as_ref().map_or(0, Vec::len), labels(hurry: bool = { let n = copies + 1; n > 1 }))]
    #[count_exceptions(None, labels(books: usize = cart.books.len()))]
    fn expressions(cart: Cart, mut copies: u32) -> Option<Vec<String>> {
        copies = copies.checked_sub(1)?;
        let _ = copies;
        Some(cart.books)
    }

    #[test]
    fn labels_are_read_from_expressions_before_the_body_and_from_the_result_after_it() {
        let cart = |books: &[&str]| Cart { books: books.iter().map(|&book| book.to_owned()).collect() };
        assert!(expressions(cart(&[]), 0).is_none());
        assert!(expressions(cart(&["emma", "dune"]), 1).is_some());
        assert_eq!(
            value("places_expressions_calls_total", &[("method", "post"), ("books", "2"), ("first", "emma")]),
            Some(1.0)
        );
        assert_eq!(
            value("places_expressions_calls_total", &[("method", "get"), ("books", "0"), ("first", "none")]),
            Some(1.0)
        );
        assert_eq!(value("places_expressions_returned_total", &[("method", "post"), ("sold", "2")]), Some(1.0));
        assert_eq!(value("places_expressions_sold", &[("hurry", "true")]), Some(1.0));
        assert_eq!(value("places_expressions_sold", &[("hurry", "false")]), Some(1.0));
        assert_eq!(value("places_expressions_exceptions_total", &[("books", "0")]), Some(1.0));
    }

    #[derive(Labels)]
    struct HttpLabels<'a> {
        method: Method,
        route: &'a str,
    }

    #[counter]
    static REQUESTS: Counter<HttpLabels<'static>>;

    #[counter]
    static FAILURES: Counter;

    #[gauge]
    static BUSY: Gauge;

    struct Metrics {
        latency: Histogram,
        served: Arc<Counter>,
        busy: Box<Gauge<(), i64>>,
        failed: Counter<HttpLabels<'static>>,
    }

    struct Server {
        name: String,
        method: Method,
        metrics: Metrics,
        log: Vec<String>,
    }

    impl Server {
        #[counter(into = REQUESTS.with(&HttpLabels { method: self.method, route }))]
        #[counter(into = self.metrics.served)]
        #[histogram(into = self.metrics.latency)]
        #[gauge(into = self.metrics.busy, track_inprogress)]
        #[gauge(into = BUSY, track_inprogress)]
        #[counter(labels(method: Method = self.method, name: &str = &self.name))]
        fn reads(&self, route: &str) -> &str {
            assert_eq!(self.metrics.busy.get(), 1);
            &self.name
        }

        #[counter(into = REQUESTS.with(&HttpLabels { method: self.method, route: &route }))]
        #[counter(into = self.metrics.served)]
        #[histogram(into = self.metrics.latency)]
        #[gauge(into = self.metrics.busy, track_inprogress)]
        #[count_exceptions(into = FAILURES)]
        #[count_exceptions(Err(error) if error.is_empty(), into = self.metrics.failed.with(&HttpLabels { method: self.method, route: "/" }))]
        #[counter(labels(method: Method = self.method, name: &str = &self.name))]
        #[counter(name = "places_changes_by_outcome_total", outcome, labels(method: Method = self.method, name: String = self.name.clone()))]
        fn changes(&mut self, (route, _): (String, u8)) -> Result<&mut String, String> {
            self.name.push('!');
            if route.is_empty() {
                return Err(route);
            }
            self.log.push(route);
            self.log.last_mut().ok_or_else(String::new)
        }
    }

    #[test]
    fn labels_and_metrics_are_fields_of_self() {
        let mut server = Server {
            name: "server".to_owned(),
            method: Method::Post,
            metrics: Metrics {
                latency: Histogram::new("latency", "").unwrap(),
                served: Arc::new(Counter::new("served_total", "").unwrap()),
                busy: Box::new(Gauge::builder("busy", "").values().build().unwrap()),
                failed: Counter::builder("failed_total", "").labels().build().unwrap(),
            },
            log: Vec::new(),
        };
        assert_eq!(server.reads("/read"), "server");
        server.changes(("/change".to_owned(), 1)).unwrap().push('?');
        assert!(server.changes((String::new(), 1)).is_err());
        assert_eq!((server.log.as_slice(), server.name.as_str()), (["/change?".to_owned()].as_slice(), "server!!"));
        assert_eq!((server.metrics.served.get(), server.metrics.busy.get()), (3, 0));
        assert_eq!((FAILURES.get(), BUSY.get()), (1, 0.0));
        assert_eq!(server.metrics.failed.with(&HttpLabels { method: Method::Post, route: "/" }).get(), 1);
        for route in ["/read", "/change", ""] {
            assert_eq!(REQUESTS.with(&HttpLabels { method: Method::Post, route }).get(), 1);
        }
        assert_eq!(value("places_reads_calls_total", &[("method", "post"), ("name", "server")]), Some(1.0));
        assert_eq!(value("places_changes_calls_total", &[("method", "post"), ("name", "server!")]), Some(1.0));
        let labels = [("method", "post"), ("name", "server!"), ("outcome", "error")];
        assert_eq!(value("places_changes_by_outcome_total", &labels), Some(1.0));
    }
}

mod attributes {
    use super::*;

    #[counter]
    #[histogram]
    #[gauge(track_inprogress)]
    #[count_exceptions(panic)]
    #[track_caller]
    fn located() -> &'static std::panic::Location<'static> {
        std::panic::Location::caller()
    }

    #[counter(outcome)]
    #[track_caller]
    fn inspected_located() -> (&'static std::panic::Location<'static>, u32) {
        (std::panic::Location::caller(), line!())
    }

    #[test]
    fn track_caller_is_kept_where_the_end_is_not_inspected() {
        let line = line!() + 1;
        assert_eq!((located().file(), located().line()), (file!(), line));
        assert_eq!(value("places_located_calls_total", &[]), Some(2.0));
    }

    #[test]
    fn track_caller_gives_the_lines_of_a_body_whose_end_is_inspected() {
        let (location, line) = inspected_located();
        assert_eq!((location.file(), location.line()), (file!(), line));
    }

    #[cfg_attr(all(), counter)]
    #[cfg_attr(all(), histogram)]
    #[cfg_attr(any(), no_such_attribute)]
    fn configured(n: u32) -> u32 {
        n
    }

    #[counter(outcome, labels(a: u32))]
    #[cfg_attr(all(), count_exceptions, histogram(labels(a: u32)))]
    #[cfg_attr(any(), no_such_attribute)]
    #[gauge(track_inprogress)]
    fn partly_configured((a, _): (u32, u32)) -> Result<u32, ()> {
        if a == 0 { Err(()) } else { Ok(a) }
    }

    #[cfg_attr(all(), counter(outcome, labels(a: u32)))]
    #[must_use]
    #[cfg_attr(all(), allow(unused_variables), cfg_attr(all(), tallymark::histogram(labels(a: u32), outcome)))]
    #[cfg_attr(any(), counter)]
    #[gauge(track_inprogress, labels(b: String))]
    fn separately_configured((a, _): (u32, u32), b: String, unused: u32) -> Option<String> {
        (a > 0).then_some(b)
    }

    #[test]
    fn marks_stand_in_cfg_attr() {
        assert_eq!(configured(1), 1);
        assert_eq!(value("places_configured_calls_total", &[]), Some(1.0));
        assert_eq!(value("places_configured_duration_seconds", &[]), Some(1.0));
        assert_eq!((partly_configured((1, 0)), partly_configured((0, 0))), (Ok(1), Err(())));
        assert_eq!(value("places_partly_configured_calls_total", &[("a", "0"), ("outcome", "error")]), Some(1.0));
        assert_eq!(value("places_partly_configured_exceptions_total", &[]), Some(1.0));
        assert_eq!(value("places_partly_configured_duration_seconds", &[("a", "1")]), Some(1.0));
        assert_eq!(value("places_partly_configured_inprogress", &[]), Some(0.0));
        assert_eq!(separately_configured((1, 2), "b".to_owned(), 3), Some("b".to_owned()));
        assert_eq!(value("places_separately_configured_calls_total", &[("a", "1"), ("outcome", "ok")]), Some(1.0));
        assert_eq!(value("places_separately_configured_duration_seconds", &[("a", "1"), ("outcome", "ok")]), Some(1.0));
        assert_eq!(value("places_separately_configured_inprogress", &[("b", "b")]), Some(0.0));
    }

    #[counter(outcome)]
    #[test]
    fn a_mark_before_test() {
        assert_eq!(value("places_a_mark_before_test_calls_total", &[("outcome", "ok")]), Some(0.0));
    }

    #[test]
    #[counter]
    fn a_mark_behind_test() {
        assert_eq!(value("places_a_mark_behind_test_calls_total", &[]), Some(1.0));
    }

    #[tokio::test]
    #[counter]
    async fn a_mark_behind_tokio_test() {
        assert_eq!(value("places_a_mark_behind_tokio_test_calls_total", &[]), Some(1.0));
    }

    #[counter]
    #[tokio::test]
    async fn a_mark_before_tokio_test() {
        tokio::task::yield_now().await;
        assert_eq!(value("places_a_mark_before_tokio_test_calls_total", &[]), Some(1.0));
    }
}
