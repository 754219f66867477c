//! A page that is written while the series are read says what the gathered families say, in every format.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use proptest::collection::vec;
use proptest::prelude::*;
use tallymark::exposition::{self, Escaping, Format};
use tallymark::{Counter, Gauge, Histogram, Labels, NativeOptions, Registry, Summary};

#[derive(Labels)]
struct Place<'a> {
    tenant: &'a str,
    the_path_of_the_request_without_its_query: &'a str,
    p: &'a str,
}

#[derive(Labels)]
struct LongNamed<'a> {
    tenant: &'a str,
    the_path_of_the_request_without_its_query_and_what_else_follows: &'a str,
}

#[derive(Labels)]
struct Named<'a> {
    #[label("http.path", allow_utf8)]
    path: &'a str,
    tenant: &'a str,
}

fn formats() -> impl Iterator<Item = Format> {
    let formats = [Format::TEXT_0_0_4, Format::TEXT_1_0_0, Format::OPENMETRICS_0_0_1, Format::OPENMETRICS_1_0_0];
    let escapings = [Escaping::AllowUtf8, Escaping::Underscores, Escaping::Dots, Escaping::Values];
    formats.into_iter().chain([Format::PROTOBUF]).flat_map(move |format| {
        escapings
            .into_iter()
            .flat_map(move |escaping| [true, false].map(|created| format.with_escaping(escaping).with_created(created)))
    })
}

/// Of every length around those that are kept in a byte, or copied in one move, and with what is escaped.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z/]{0,20}",
        (0_usize..140).prop_map(|length| "v".repeat(length)),
        vec(prop_oneof![Just('\\'), Just('"'), Just('\n'), Just(','), Just('='), Just('ß'), Just('a')], 0..8)
            .prop_map(String::from_iter),
    ]
}

fn page(format: Format, registry: &Registry) -> Vec<u8> {
    let mut page = Vec::new();
    exposition::write(format, registry.page(), &mut page).unwrap();
    page
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn a_page_says_what_the_gathered_families_say(
        series in vec((value(), value(), value(), 0_u64..1 << 50), 0..12),
        constant in value(),
    ) {
        let registry = Registry::builder().const_label("constant", &constant).build();
        let plain = Counter::builder("plain_total", "Without labels.").build().unwrap();
        let requests = Counter::builder("requests_total", "Of places.").labels::<Place<'static>>().build().unwrap();
        let named = Counter::builder("named_total", "Of any name.").labels::<Named<'static>>().build().unwrap();
        let depth = Gauge::builder("depth", "Of long names.").labels::<LongNamed<'static>>().build().unwrap();
        let times = Histogram::builder("times", "Of places.").labels::<Place<'static>>().build().unwrap();
        let native = NativeOptions::new();
        let native =
            Histogram::builder("native", "Of places.").native(native).unwrap().labels::<Place<'static>>().build().unwrap();
        let sizes = Summary::builder("sizes", "Of places.").labels::<Place<'static>>().build().unwrap();
        registry.register(&plain).unwrap();
        registry.register(&requests).unwrap();
        registry.register(&named).unwrap();
        registry.register(&depth).unwrap();
        registry.register(&times).unwrap();
        registry.register(&native).unwrap();
        registry.register(&sizes).unwrap();
        for (tenant, path, p, number) in &series {
            let place = Place { tenant, the_path_of_the_request_without_its_query: path, p };
            #[expect(clippy::cast_precision_loss, reason = "any value will do")]
            let value = *number as f64 / 1e6;
            requests.with(&place).inc_by(*number);
            named.with(&Named { path, tenant }).inc_by(*number);
            depth
                .with(&LongNamed { tenant, the_path_of_the_request_without_its_query_and_what_else_follows: path })
                .set(value);
            times.with(&place).observe(value);
            native.with(&place).observe(value);
            sizes.with(&place).observe(value);
        }
        let families = registry.gather();
        for format in formats() {
            prop_assert_eq!(page(format, &registry), exposition::encode(format, &families), "{:?}", format);
        }
    }
}

#[test]
fn a_page_of_thousands_of_series_is_read_back_as_it_was_gathered() {
    let registry = Registry::new();
    let requests = Counter::builder("requests_total", "Of places.").labels::<Place<'static>>().build().unwrap();
    registry.register(&requests).unwrap();
    // Messages of a family that is cut in several.
    for number in 0..9_000_u64 {
        let (tenant, path) = (number.to_string(), "/".repeat(usize::try_from(number % 200).unwrap()));
        requests
            .with(&Place { tenant: &tenant, the_path_of_the_request_without_its_query: &path, p: "" })
            .inc_by(number);
    }
    let written = page(Format::PROTOBUF, &registry);
    let read = tallymark::parse::protobuf(&written).unwrap();
    assert_eq!(read, tallymark::parse::protobuf(exposition::encode(Format::PROTOBUF, &registry.gather())).unwrap());
    assert_eq!(read[0].series().len(), 9_000);
}
