use std::sync::Arc;

use super::super::{Escaping, Format, encode};
use crate::descriptor::MetricKind;
use crate::snapshot::{
    Exemplar, HistogramValue, IrregularSample, IrregularValue, MetricFamily, Number, SeriesSnapshot, StateSetValue,
    SummaryValue, Timestamp, Value,
};

fn page(format: Format, families: &[MetricFamily]) -> String {
    String::from_utf8(encode(format, families)).unwrap()
}

fn family(kind: MetricKind, name: &str, series: Vec<SeriesSnapshot>) -> MetricFamily {
    MetricFamily { name: name.into(), help: "A \"b\"\\\n.".into(), kind, unit: None, series, only: None }
}

fn series(labels: &[(&str, &str)], value: Value) -> SeriesSnapshot {
    SeriesSnapshot::new(labels.iter().map(|&(name, value)| (name.into(), value.into())).collect(), value)
}

fn number(labels: &[(&str, &str)], number: impl Into<Number>) -> SeriesSnapshot {
    series(labels, Value::Number(number.into()))
}

fn exemplar(value: impl Into<Number>, timestamp: Option<Timestamp>) -> Exemplar {
    Exemplar { labels: vec![("trace_id".into(), "a\"b".into())], value: value.into(), timestamp }
}

fn histogram(bounds: &[f64], counts: &[u64], sum: Option<f64>) -> Value {
    Value::Histogram(HistogramValue { bounds: bounds.into(), counts: counts.to_vec(), sum, native: None })
}

fn created(series: SeriesSnapshot) -> SeriesSnapshot {
    SeriesSnapshot { created: Some(Timestamp::from_millis(1_520_430_000_123)), ..series }
}

#[test]
fn a_counter_is_called_by_its_base_and_says_when_it_began_and_by_whom_it_was_counted() {
    let mut counted = created(number(&[("path", "/")], 17_u64));
    counted.exemplars = vec![exemplar(0.5, Some(Timestamp::from_millis(1_520_879_607_789)))];
    let mut family = family(MetricKind::Counter, "foo_seconds_total", vec![counted, number(&[("path", "x")], 0.25)]);
    family.unit = Some("seconds".into());
    let openmetrics = "\
# HELP foo_seconds A \\\"b\\\"\\\\\\n.
# TYPE foo_seconds counter
# UNIT foo_seconds seconds
foo_seconds_total{path=\"/\"} 17 # {trace_id=\"a\\\"b\"} 0.5 1520879607.789
foo_seconds_created{path=\"/\"} 1520430000.123
foo_seconds_total{path=\"x\"} 0.25
# EOF
";
    for format in [Format::OPENMETRICS_1_0_0, Format::OPENMETRICS_0_0_1] {
        assert_eq!(page(format, std::slice::from_ref(&family)), openmetrics);
    }
    let without = page(Format::OPENMETRICS_1_0_0.with_created(false), std::slice::from_ref(&family));
    assert_eq!(without, openmetrics.replace("foo_seconds_created{path=\"/\"} 1520430000.123\n", ""));
    let text = "\
# HELP foo_seconds_total A \"b\"\\\\\\n.
# TYPE foo_seconds_total counter
foo_seconds_total{path=\"/\"} 17
foo_seconds_total{path=\"x\"} 0.25
";
    for format in [Format::TEXT_0_0_4, Format::TEXT_1_0_0] {
        assert_eq!(page(format, std::slice::from_ref(&family)), text);
    }
    let made = "\
# HELP foo_seconds_created A \"b\"\\\\\\n.
# TYPE foo_seconds_created gauge
foo_seconds_created{path=\"/\"} 1520430000.123
";
    assert_eq!(page(Format::TEXT_0_0_4.with_created(true), &[family]), format!("{text}{made}"));
}

#[test]
fn a_counter_that_is_not_called_total_is_so_in_openmetrics() {
    let family =
        [MetricFamily { help: String::new(), ..family(MetricKind::Counter, "jobs", vec![number(&[], 1_u64)]) }];
    assert_eq!(page(Format::OPENMETRICS_1_0_0, &family), "# TYPE jobs counter\njobs_total 1\n# EOF\n");
    assert_eq!(page(Format::TEXT_0_0_4, &family), "# TYPE jobs counter\njobs 1\n");
}

#[test]
fn a_histograms_exemplars_stand_behind_the_buckets_in_which_they_are() {
    let mut observed = created(series(&[], histogram(&[1.0, 2.5], &[1, 2, 3], Some(9.5))));
    observed.exemplars =
        vec![exemplar(1.0, None), exemplar(1.5, Some(Timestamp::from_millis(1000))), exemplar(f64::INFINITY, None)];
    let family = [MetricFamily { help: String::new(), ..family(MetricKind::Histogram, "h", vec![observed]) }];
    assert_eq!(
        page(Format::OPENMETRICS_1_0_0, &family),
        "\
# TYPE h histogram
h_bucket{le=\"1.0\"} 1 # {trace_id=\"a\\\"b\"} 1.0
h_bucket{le=\"2.5\"} 3 # {trace_id=\"a\\\"b\"} 1.5 1
h_bucket{le=\"+Inf\"} 6 # {trace_id=\"a\\\"b\"} +Inf
h_sum 9.5
h_count 6
h_created 1520430000.123
# EOF
"
    );
    assert_eq!(
        page(Format::TEXT_0_0_4, &family),
        "# TYPE h histogram\nh_bucket{le=\"1.0\"} 1\nh_bucket{le=\"2.5\"} 3\nh_bucket{le=\"+Inf\"} 6\nh_sum 9.5\nh_count 6\n"
    );
}

#[test]
fn a_gauge_histogram_is_one_family_in_openmetrics_and_three_in_text() {
    let values = || {
        vec![
            series(&[("a", "1")], histogram(&[-0.5], &[1, 2], Some(-3.0))),
            series(&[("a", "2")], histogram(&[-0.5], &[0, 0], Some(0.0))),
        ]
    };
    let family = [MetricFamily { help: String::new(), ..family(MetricKind::GaugeHistogram, "g", values()) }];
    assert_eq!(
        page(Format::OPENMETRICS_1_0_0, &family),
        "\
# TYPE g gaugehistogram
g_bucket{a=\"1\",le=\"-0.5\"} 1
g_bucket{a=\"1\",le=\"+Inf\"} 3
g_gsum{a=\"1\"} -3.0
g_gcount{a=\"1\"} 3
g_bucket{a=\"2\",le=\"-0.5\"} 0
g_bucket{a=\"2\",le=\"+Inf\"} 0
g_gsum{a=\"2\"} 0.0
g_gcount{a=\"2\"} 0
# EOF
"
    );
    assert_eq!(
        page(Format::TEXT_0_0_4, &family),
        "\
# TYPE g histogram
g_bucket{a=\"1\",le=\"-0.5\"} 1
g_bucket{a=\"1\",le=\"+Inf\"} 3
g_bucket{a=\"2\",le=\"-0.5\"} 0
g_bucket{a=\"2\",le=\"+Inf\"} 0
# TYPE g_gsum gauge
g_gsum{a=\"1\"} -3.0
g_gsum{a=\"2\"} 0.0
# TYPE g_gcount gauge
g_gcount{a=\"1\"} 3
g_gcount{a=\"2\"} 0
"
    );
}

#[test]
fn sums_that_no_counter_can_have_stand_in_text_alone() {
    let summary = |sum, quantiles: &[(f64, f64)]| {
        series(&[], Value::Summary(SummaryValue { count: 2, sum, quantiles: quantiles.to_vec() }))
    };
    let quantiles = [(0.0, -0.5), (0.25, -0.0), (0.5, f64::NAN), (1.0, 2.0)];
    let openmetrics = |kind, series: &SeriesSnapshot| {
        let family = MetricFamily { help: String::new(), ..family(kind, "x", vec![series.clone()]) };
        page(Format::OPENMETRICS_1_0_0, &[family])
    };
    for sum in [-3.0, f64::NAN, f64::NEG_INFINITY] {
        assert_eq!(
            openmetrics(MetricKind::Summary, &summary(sum, &quantiles)),
            "\
# TYPE x summary
x{quantile=\"0.25\"} -0.0
x{quantile=\"0.5\"} NaN
x{quantile=\"1.0\"} 2.0
x_count 2
# EOF
"
        );
        let observed = series(&[], histogram(&[0.0], &[1, 1], Some(sum)));
        let buckets = "x_bucket{le=\"0.0\"} 1\nx_bucket{le=\"+Inf\"} 2\n";
        assert_eq!(openmetrics(MetricKind::Histogram, &observed), format!("# TYPE x histogram\n{buckets}# EOF\n"));
        assert_eq!(
            openmetrics(MetricKind::GaugeHistogram, &observed),
            format!("# TYPE x gaugehistogram\n{buckets}# EOF\n")
        );
        let below_zero = openmetrics(MetricKind::GaugeHistogram, &series(&[], histogram(&[-1.0], &[1, 1], Some(sum))));
        assert_eq!(below_zero.contains("x_gsum"), !sum.is_nan(), "{below_zero}");
        assert_eq!(below_zero.contains("x_gcount"), !sum.is_nan(), "{below_zero}");
    }
    for sum in [-0.0, 0.0, f64::INFINITY] {
        assert!(openmetrics(MetricKind::Summary, &summary(sum, &[])).contains("x_sum"));
        assert!(
            openmetrics(MetricKind::Histogram, &series(&[], histogram(&[0.0], &[1, 1], Some(sum)))).contains("x_sum")
        );
    }
    let families = [
        family(MetricKind::Summary, "s", vec![summary(-3.0, &quantiles)]),
        family(MetricKind::Histogram, "h", vec![series(&[], histogram(&[0.0], &[1, 1], Some(f64::NAN)))]),
    ]
    .map(|family| MetricFamily { help: String::new(), ..family });
    assert_eq!(
        page(Format::TEXT_0_0_4, &families),
        "\
# TYPE s summary
s{quantile=\"0.0\"} -0.5
s{quantile=\"0.25\"} -0.0
s{quantile=\"0.5\"} NaN
s{quantile=\"1.0\"} 2.0
s_sum -3.0
s_count 2
# TYPE h histogram
h_bucket{le=\"0.0\"} 1
h_bucket{le=\"+Inf\"} 2
h_sum NaN
h_count 2
"
    );
}

#[test]
fn infos_state_sets_summaries_and_what_is_unknown_have_their_own_words_in_openmetrics() {
    let states: Arc<[Arc<str>]> = Arc::from([Arc::from("on"), Arc::from("o\"ff")]);
    let states = series(&[("a", "1")], Value::StateSet(StateSetValue { states, on: vec![true, false] }));
    let summary = SummaryValue { count: 2, sum: 3.5, quantiles: vec![(0.5, 1.0), (1.0, f64::NAN)] };
    let mut families = [
        family(MetricKind::Info, "build_info", vec![number(&[("version", "1")], 1_u64)]),
        family(MetricKind::StateSet, "power", vec![states]),
        family(MetricKind::Summary, "s", vec![created(series(&[], Value::Summary(summary)))]),
        family(MetricKind::Unknown, "u", vec![number(&[], -1_i64)]),
    ];
    for family in &mut families {
        family.help.clear();
    }
    assert_eq!(
        page(Format::OPENMETRICS_1_0_0, &families),
        "\
# TYPE build info
build_info{version=\"1\"} 1
# TYPE power stateset
power{a=\"1\",power=\"on\"} 1
power{a=\"1\",power=\"o\\\"ff\"} 0
# TYPE s summary
s{quantile=\"0.5\"} 1.0
s{quantile=\"1.0\"} NaN
s_sum 3.5
s_count 2
s_created 1520430000.123
# TYPE u unknown
u -1
# EOF
"
    );
    assert_eq!(
        page(Format::TEXT_0_0_4.with_created(true), &families),
        "\
# TYPE build_info gauge
build_info{version=\"1\"} 1
# TYPE power gauge
power{a=\"1\",power=\"on\"} 1
power{a=\"1\",power=\"o\\\"ff\"} 0
# TYPE s summary
s{quantile=\"0.5\"} 1.0
s{quantile=\"1.0\"} NaN
s_sum 3.5
s_count 2
# TYPE s_created gauge
s_created 1520430000.123
# TYPE u untyped
u -1
"
    );
}

#[test]
fn names_of_any_characters_stand_in_quotes_or_are_escaped() {
    let labels = [("http.method", "a\"b"), ("plain", "p")];
    let states: Arc<[Arc<str>]> = Arc::from([Arc::from("x")]);
    let families = [
        family(MetricKind::Counter, "my.requests_total", vec![created(number(&labels, 1_u64))]),
        family(MetricKind::Histogram, "my.latency", vec![series(&[], histogram(&[1.0], &[1, 0], Some(0.5)))]),
        family(
            MetricKind::StateSet,
            "my.state",
            vec![series(&[], Value::StateSet(StateSetValue { states, on: vec![true] }))],
        ),
        family(MetricKind::Gauge, "plain", vec![number(&[("ü", "1")], 1_u64)]),
    ]
    .map(|family| MetricFamily { help: String::new(), ..family });
    let of = |format: Format, escaping| page(format.with_escaping(escaping), &families);
    assert_eq!(
        of(Format::OPENMETRICS_1_0_0, Escaping::AllowUtf8),
        "\
# TYPE \"my.requests\" counter
{\"my.requests_total\",\"http.method\"=\"a\\\"b\",plain=\"p\"} 1
{\"my.requests_created\",\"http.method\"=\"a\\\"b\",plain=\"p\"} 1520430000.123
# TYPE \"my.latency\" histogram
{\"my.latency_bucket\",le=\"1.0\"} 1
{\"my.latency_bucket\",le=\"+Inf\"} 1
{\"my.latency_sum\"} 0.5
{\"my.latency_count\"} 1
# TYPE \"my.state\" stateset
{\"my.state\",\"my.state\"=\"x\"} 1
# TYPE plain gauge
plain{\"ü\"=\"1\"} 1
# EOF
"
    );
    let underscores = "\
# TYPE my_requests_total counter
my_requests_total{http_method=\"a\\\"b\",plain=\"p\"} 1
# TYPE my_latency histogram
my_latency_bucket{le=\"1.0\"} 1
my_latency_bucket{le=\"+Inf\"} 1
my_latency_sum 0.5
my_latency_count 1
# TYPE my_state gauge
my_state{my_state=\"x\"} 1
# TYPE plain gauge
plain{_=\"1\"} 1
";
    assert_eq!(of(Format::TEXT_1_0_0, Escaping::Underscores), underscores);
    // It knows no quotes.
    assert_eq!(of(Format::TEXT_0_0_4, Escaping::AllowUtf8), underscores);
    // The family's name is escaped first; its suffixes stand behind that.
    let values = of(Format::OPENMETRICS_1_0_0, Escaping::Values);
    assert!(values.starts_with("# TYPE U__my_2e_requests_ counter\nU__my_2e_requests__total{U__http_2e_method=\"a\\\"b\",plain=\"p\"} 1\nU__my_2e_requests__created{"), "{values}");
    assert!(values.contains("U__my_2e_latency_bucket{le=\"1.0\"} 1\n"), "{values}");
    assert!(values.contains("U__my_2e_state{U__my_2e_state=\"x\"} 1\n"), "{values}");
    assert!(of(Format::TEXT_1_0_0, Escaping::Dots).contains("\nmy_dot_requests__total{http_dot_method="));
}

#[test]
fn what_another_page_said_is_written_as_it_was_read() {
    let sample = |suffix, own: Option<&str>, value: f64| IrregularSample {
        suffix,
        own: own.map(Box::from),
        value: value.into(),
        timestamp: Some(Timestamp::from_millis(1500)),
        exemplar: None,
    };
    let samples =
        vec![sample("_bucket", Some("1"), 2.5), sample("_bucket", Some("x\"y"), 1.0), sample("_count", None, 7.0)];
    let irregular = series(&[("a", "b")], Value::Irregular(IrregularValue { samples }));
    let mut stamped = series(&[("a", "c")], histogram(&[1.0], &[1, 0], Some(0.5)));
    stamped.timestamp = Some(Timestamp::from_millis(-1));
    let family = [MetricFamily { help: String::new(), ..family(MetricKind::Histogram, "h", vec![irregular, stamped]) }];
    assert_eq!(
        page(Format::TEXT_0_0_4, &family),
        "\
# TYPE h histogram
h_bucket{a=\"b\",le=\"1\"} 2.5 1500
h_bucket{a=\"b\",le=\"x\\\"y\"} 1.0 1500
h_count{a=\"b\"} 7.0 1500
h_bucket{a=\"c\",le=\"1.0\"} 1 -1
h_bucket{a=\"c\",le=\"+Inf\"} 1 -1
h_sum{a=\"c\"} 0.5 -1
h_count{a=\"c\"} 1 -1
"
    );
    assert_eq!(
        page(Format::OPENMETRICS_1_0_0, &family),
        "\
# TYPE h histogram
h_bucket{a=\"c\",le=\"1.0\"} 1 -0.001
h_bucket{a=\"c\",le=\"+Inf\"} 1 -0.001
h_sum{a=\"c\"} 0.5 -0.001
h_count{a=\"c\"} 1 -0.001
# EOF
"
    );
}

fn irregular(samples: &[(&'static str, Option<&str>, f64)]) -> SeriesSnapshot {
    let sample = |&(suffix, own, value): &(&'static str, Option<&str>, f64)| IrregularSample {
        suffix,
        own: own.map(Box::from),
        value: value.into(),
        timestamp: None,
        exemplar: None,
    };
    series(&[], Value::Irregular(IrregularValue { samples: samples.iter().map(sample).collect() }))
}

#[test]
fn a_summary_may_lack_its_parts_in_openmetrics() {
    let half = ("", Some(".5"), f64::NAN);
    let openmetrics = |kind, series: SeriesSnapshot| {
        let page = page(
            Format::OPENMETRICS_1_0_0,
            &[MetricFamily { help: String::new(), ..family(kind, "s", vec![created(series)]) }],
        );
        let (head, samples) = page.split_once('\n').unwrap();
        assert!(head.starts_with("# TYPE s "), "{page}");
        samples.strip_suffix("# EOF\n").unwrap().to_owned()
    };
    let created = "s_created 1520430000.123\n";
    for (samples, lines) in [
        (&[][..], ""),
        (&[half], "s{quantile=\".5\"} NaN\n"),
        (&[("_count", None, 2.0), half], "s_count 2.0\ns{quantile=\".5\"} NaN\n"),
        (
            &[("", Some("1"), 0.0), half, ("_sum", None, 0.5)],
            "s{quantile=\"1\"} 0.0\ns{quantile=\".5\"} NaN\ns_sum 0.5\n",
        ),
    ] {
        assert_eq!(openmetrics(MetricKind::Summary, irregular(samples)), [lines, created].concat());
    }
    for samples in [
        &[half, half][..],
        &[("", Some("0"), 1.0), half, ("", Some("-0"), 1.0)],
        &[("", Some("1.5"), 1.0)],
        &[("", Some("NaN"), 1.0)],
        &[("", Some("1"), -1.0)],
        &[("", None, 1.0)],
        &[("_sum", None, -1.0)],
        &[("_sum", None, f64::NAN), half],
        &[("_sum", None, 1.0), ("_sum", None, 1.0)],
        &[("_count", None, 1.5)],
        &[("_count", None, -1.0)],
        &[("_count", None, 1.0), half, ("_count", None, 1.0)],
        &[("_bucket", Some("0.5"), 1.0)],
    ] {
        assert_eq!(openmetrics(MetricKind::Summary, irregular(samples)), "", "{samples:?}");
    }
    let mut labelled = irregular(&[("_count", None, 1.0)]);
    labelled.labels = vec![("quantile".into(), "x".into())];
    assert_eq!(openmetrics(MetricKind::Summary, labelled), "");
    let Value::Irregular(mut value) = irregular(&[half, ("_count", None, 1.0)]).value else { panic!("it is made so") };
    value.samples[1].timestamp = Some(Timestamp::from_millis(1));
    assert_eq!(openmetrics(MetricKind::Summary, series(&[], Value::Irregular(value))), "");
    assert_eq!(openmetrics(MetricKind::Histogram, irregular(&[("_count", None, 1.0)])), "");
}

#[test]
fn only_the_samples_that_are_named_are_written() {
    let counted = created(number(&[], 1_u64));
    let only = |names: &[&str], format| {
        let only = Some(names.iter().map(ToString::to_string).collect());
        page(
            format,
            &[MetricFamily {
                help: String::new(),
                only,
                ..family(MetricKind::Counter, "x_total", vec![counted.clone()])
            }],
        )
    };
    let openmetrics = Format::OPENMETRICS_1_0_0;
    assert_eq!(only(&["x_total"], openmetrics), "# TYPE x counter\nx_total 1\n# EOF\n");
    assert_eq!(only(&["x_created"], openmetrics), "# TYPE x counter\nx_created 1520430000.123\n# EOF\n");
    let text = Format::TEXT_0_0_4.with_created(true);
    assert_eq!(only(&["x_total"], text), "# TYPE x_total counter\nx_total 1\n");
}
