//! What `OpenMetrics` allows and what it doesn't.

use crate::descriptor::MetricKind;
use crate::exposition;
use crate::parse::{openmetrics, text};
use crate::snapshot::{MetricFamily, Number, Timestamp, Value};

fn families(page: &str) -> Vec<MetricFamily> {
    match openmetrics(page) {
        Ok(families) => families,
        Err(error) => panic!("{error}\n{page}"),
    }
}

/// Each is read, with `# EOF` behind it.
fn accepts(pages: &[&str]) {
    for page in pages {
        families(&format!("{page}# EOF\n"));
    }
}

/// Each is refused at this place, with such words, with `# EOF` behind it.
fn refuses(cases: &[(&str, (usize, usize), &str)]) {
    for (page, place, words) in cases {
        match openmetrics(format!("{page}# EOF\n")) {
            Ok(families) => panic!("{page} gives {families:?}"),
            Err(error) => {
                assert!(error.to_string().contains(words), "{page}: {error}");
                assert_eq!((error.line(), error.column()), (Some(place.0), Some(place.1)), "{page}: {error}");
            }
        }
    }
}

#[test]
fn every_type_is_read_as_it_is_gathered() {
    let page = "\
# TYPE jobs counter
# HELP jobs Jobs \\\"done\\\" \\\\ \\n, \\x.
jobs_total{queue=\"mail\"} 3 # {trace_id=\"7f\"} 1.5 1520879607.789
jobs_created{queue=\"mail\"} 1520430000.123
# TYPE temperature_celsius gauge
# UNIT temperature_celsius celsius
temperature_celsius -3.5
# TYPE latency histogram
latency_bucket{le=\"0.1\"} 1 # {} 0.05
latency_bucket{le=\"+Inf\"} 3.0
latency_sum 7
latency_count 3
latency_created 5
# TYPE size summary
size{quantile=\"0.5\"} NaN
size_sum 9.5
size_count 4
# TYPE build info
build_info{version=\"1.2\"} 1
# TYPE mode stateset
mode{mode=\"on\",room=\"a\"} 1
mode{room=\"a\",mode=\"off\"} 0
# TYPE queue gaugehistogram
queue_bucket{le=\"-1.0\"} 1
queue_bucket{le=\"+Inf\"} 2
queue_gsum -4
queue_gcount 2
other 18446744073709551615
# TYPE none counter
# EOF
";
    let families = families(page);
    let told: Vec<_> = families.iter().map(|family| (family.name(), family.kind(), family.series().len())).collect();
    assert_eq!(
        told,
        [
            ("jobs_total", MetricKind::Counter, 1),
            ("temperature_celsius", MetricKind::Gauge, 1),
            ("latency", MetricKind::Histogram, 1),
            ("size", MetricKind::Summary, 1),
            ("build_info", MetricKind::Info, 1),
            ("mode", MetricKind::StateSet, 1),
            ("queue", MetricKind::GaugeHistogram, 1),
            ("other", MetricKind::Unknown, 1),
            ("none_total", MetricKind::Counter, 0),
        ]
    );
    let jobs = &families[0].series()[0];
    assert_eq!(families[0].help(), "Jobs \"done\" \\ \n, \\x.");
    assert_eq!(jobs.created(), Timestamp::new(1_520_430_000, 123_000_000));
    assert_eq!(jobs.exemplars()[0].labels().collect::<Vec<_>>(), [("trace_id", "7f")]);
    assert_eq!(jobs.exemplars()[0].timestamp(), Some(Timestamp::from_millis(1_520_879_607_789)));
    assert_eq!(families[1].unit(), Some("celsius"));
    let Value::Histogram(latency) = families[2].series()[0].value() else { panic!("it is one") };
    assert_eq!(latency.buckets().collect::<Vec<_>>(), [(0.1, 1), (f64::INFINITY, 3)]);
    assert!((latency.sum() - 7.0).abs() < f64::EPSILON);
    let Value::Summary(size) = families[3].series()[0].value() else { panic!("it is one") };
    assert!(size.quantiles()[0].1.is_nan() && size.count() == 4);
    let Value::StateSet(mode) = families[5].series()[0].value() else { panic!("it is one") };
    assert_eq!(mode.states().collect::<Vec<_>>(), [("on", true), ("off", false)]);
    assert_eq!(families[7].sample("other", &[]), Some(Number::Unsigned(u64::MAX)));
}

#[test]
fn points_of_a_series_are_series_with_timestamps() {
    let page = "\
# TYPE a counter
a_total{x=\"1\"} 1 1
a_created{x=\"1\"} 0.5 1
a_total{x=\"1\"} 2 2.5
a_total{x=\"2\"} 3 1
# TYPE g gauge
g 1 -2
g 2 -1.5
g 3 -1.5
# TYPE h histogram
h_bucket{le=\"1\"} 1 1
h_bucket{le=\"+Inf\"} 1 1
h_bucket{le=\"1\"} 2 1
h_bucket{le=\"+Inf\"} 2 1
h_bucket{le=\"+Inf\"} 2 3
# TYPE s stateset
s{s=\"a\"} 1 1
s{s=\"b\"} 1 1
s{s=\"a\"} 0 1
s{s=\"b\"} 1 1
# EOF
";
    let families = families(page);
    let timestamps = |at: usize| families[at].series().iter().map(|s| s.timestamp().unwrap().as_secs_f64()).collect();
    let (a, g, h): (Vec<f64>, Vec<f64>, Vec<f64>) = (timestamps(0), timestamps(1), timestamps(2));
    assert_eq!((a, g, h), (vec![1.0, 2.5, 1.0], vec![-2.0, -1.5, -1.5], vec![1.0, 1.0, 3.0]));
    assert_eq!(families[0].series()[0].created(), Timestamp::new(0, 500_000_000));
    assert_eq!(families[0].series()[1].created(), None);
    assert_eq!(families[3].series().len(), 2);
}

#[test]
fn what_the_specification_allows_is_read() {
    accepts(&[
        "",
        "a{} 1\n",
        "# TYPE a summary\na{quantile=\"0\"} 1\na{quantile=\"1\"} 1\n",
        "# TYPE a summary\na_count 1\n",
        "# TYPE a summary\na_sum 1\na_created 1\n",
        "# TYPE a histogram\na_count 1\na_sum 1\na_bucket{le=\"+Inf\"} 1\n",
        "# TYPE a histogram\na_bucket{le=\"-Inf\"} 1\na_bucket{le=\"+Inf\"} 1\n",
        "# TYPE a info\na_info{x=\"1\"} 1.0 5\na_info{x=\"2\"} 1 5\na_info{x=\"1\"} 1 6\n",
        "# TYPE a gauge\na{x=\"1\",y=\"2\"} 1 5\na{y=\"2\",x=\"1\"} 1 6\n",
        "# TYPE a histogram\na_bucket{x=\"1\",y=\"2\",le=\"+Inf\"} 1\na_count{y=\"2\",x=\"1\"} 1\na_sum{y=\"2\",x=\"1\"} 1\n",
        "a{_a=\"\",le=\"x\",quantile=\"y\"} 1\n",
        "# HELP a \n# UNIT a \n# TYPE a unknown\n",
        "# HELP a a raw \" and an open \\\n",
        "{\"a.b\",c=\"d\"} 1\n{\"e\\\"\\n\"} 1\na{\"ü\"=\"x\"} 1\n{c=\"d\",\"f g\"} 1\n",
        "# TYPE \"a.b_B/s\" gauge\n# UNIT \"a.b_B/s\" B/s\n",
        "a:b 1\n:c 1\n_d 1\n",
        "# TYPE a gauge\n# TYPE a_total counter\n",
        "a 1 1e3\nb +Inf\nc nan\nd 1.\ne .5\nf +1\n",
    ]);
    assert!(openmetrics("a 1\n# EOF").is_ok(), "the last line feed may be missing");
    let many: Vec<String> = (0..40).map(|number| format!("l{number}=\"\"")).collect();
    accepts(&[&format!("a{{{}}} 1\n", many.join(","))]);
}

#[test]
fn summaries_that_lack_parts_come_out_again() {
    for samples in [
        "s_count 1\n",
        "s_sum 1.5\n",
        "s{quantile=\"0.5\"} NaN\n",
        "s_sum{a=\"x\"} 1.5\ns{a=\"x\",quantile=\".5\"} 0.5\ns{a=\"x\",quantile=\"0\"} 0.25\ns_count{a=\"y\"} 1\n",
        "s{quantile=\"1\"} 2.5 5\ns_count 3 5\n",
    ] {
        let page = format!("# TYPE s summary\n{samples}");
        assert_eq!(exposition::text::encode(&text(&page).unwrap()), page);
        let page = page + "# EOF\n";
        assert_eq!(exposition::openmetrics::encode(&families(&page)), page);
    }
    // In the text format these are two series, or none.
    for samples in ["s_created 1.5\n", "s_count 1 5\ns_count 2 6.5\ns_created 1 6.5\n"] {
        let page = format!("# TYPE s summary\n{samples}# EOF\n");
        assert_eq!(exposition::openmetrics::encode(&families(&page)), page);
    }
}

#[test]
fn a_page_ends_once() {
    for (page, place) in
        [("", (1, 1)), ("a 1\n", (2, 1)), ("a 1\n# EO", (2, 1)), ("# EOF\n\n", (2, 1)), ("# EOF\na 1\n", (2, 1))]
    {
        let error = openmetrics(page).unwrap_err();
        assert_eq!((error.line(), error.column()), (Some(place.0), Some(place.1)), "{error}");
    }
    refuses(&[("# EOFx\n", (1, 1), "# EOF"), (" ", (1, 1), "begins with a blank")]);
}

#[test]
fn lines_are_read_to_the_letter() {
    let many: Vec<String> = (0..20).chain([7]).map(|number| format!("l{number}=\"\"")).collect();
    let twice = format!("a{{{}}} 1\n", many.join(","));
    refuses(&[
        ("\n", (1, 1), "blank line"),
        ("\u{feff}a 1\n", (1, 1), "byte order mark"),
        ("1a 1\n", (1, 1), "begins with a letter"),
        ("a.b 1\n", (1, 2), "`.b`"),
        ("a\n", (1, 2), "one blank"),
        ("a \n", (1, 3), "value is missing"),
        ("a  1\n", (1, 3), "value is missing"),
        ("a\t1\n", (1, 2), "a name has letters"),
        ("a 1\t\n", (1, 4), "`\\t`"),
        ("a 1\r\n", (1, 3), "`1\\r`"),
        ("a 1 \n", (1, 5), "timestamp is missing"),
        ("a 1 1 \n", (1, 6), "there may be"),
        ("a 1 1 1\n", (1, 6), "there may be"),
        ("a 1 # \n", (1, 4), "trace_id"),
        ("a 1e999\n", (1, 3), "64 bits"),
        ("a 0x1\n", (1, 3), "`0x1`"),
        ("a 1 NaN\n", (1, 5), "in seconds"),
        ("a{}1\n", (1, 4), "one blank"),
        ("a{b=\"c\"} \n", (1, 10), "value is missing"),
        ("a{b=\"c} 1\n", (1, 6), "aren't closed"),
        ("a{b=\"\\\"} 1\n", (1, 6), "aren't closed"),
        ("a{b=c} 1\n", (1, 5), "in \"\""),
        ("a{b} 1\n", (1, 4), "`b`"),
        ("a{b =\"c\"} 1\n", (1, 4), "`b`"),
        ("a{ b=\"c\"} 1\n", (1, 3), "no blanks"),
        ("a{b=\"c\",} 1\n", (1, 9), "another label"),
        ("a{,b=\"c\"} 1\n", (1, 3), "begins with a letter"),
        ("a{b=\"c\" ,d=\"e\"} 1\n", (1, 8), "behind a label"),
        ("a{b=\"c\"d=\"e\"} 1\n", (1, 8), "behind a label"),
        ("a{", (1, 3), "begins with a letter"),
        ("a{1=\"\"} 1\n", (1, 3), "begins with a letter"),
        ("a{é=\"\"} 1\n", (1, 3), "begins with a letter"),
        ("a{b=\"é\",b=\"\"} 1\n", (1, 9), "twice"),
        (&twice, (1, twice.rfind('l').unwrap() + 1), "twice"),
        ("a{__b=\"\"} 1\n", (1, 3), "reserved"),
        ("a{\"\"=\"\"} 1\n", (1, 4), "not to be empty"),
        ("{\"\"} 1\n", (1, 3), "not to be empty"),
        ("{} 1\n", (1, 1), "no name"),
        ("{a=\"b\"} 1\n", (1, 1), "no name"),
        ("{\"a\",\"b\"} 1\n", (1, 7), "one already"),
        ("a{\"b\"} 1\n", (1, 4), "one already"),
        ("#\n", (1, 1), "no comments"),
        ("# HELP\n", (1, 1), "no comments"),
        ("# HELP a\n", (1, 9), "one blank"),
        ("# HELP \"a\n", (1, 9), "aren't closed"),
        ("# TYPE \n", (1, 8), "metric's name"),
        ("# TYPE a b\n", (1, 10), "counter, gauge"),
        ("# TYPE a untyped\n", (1, 10), "unknown"),
        ("# TYPE a gauge\r\n", (1, 10), "`gauge\\r`"),
    ]);
    let error = openmetrics(b"a 1\nb{c=\"\xc3\xa9\xff\"} 1\n# EOF\n").unwrap_err();
    assert_eq!((error.line(), error.column()), (Some(2), Some(7)), "{error}");
}

#[test]
fn families_stand_together_and_take_their_names() {
    refuses(&[
        ("# TYPE a gauge\n# TYPE a gauge\n", (2, 1), "twice"),
        ("# HELP a \n# HELP a \n", (2, 1), "twice"),
        ("# UNIT a_b b\n# UNIT a_b b\n", (2, 1), "twice"),
        ("a 1\n# TYPE a gauge\n", (2, 1), "in front of"),
        ("# UNIT a b\n", (1, 10), "a_b"),
        ("# UNIT ab b\n", (1, 11), "ab_b"),
        ("# UNIT a_b/c b/c\n", (1, 11), "one blank"),
        ("# UNIT a_b b c\n", (1, 12), "letters"),
        ("# TYPE a_b info\n# UNIT a_b b\n", (1, 1), "no unit"),
        ("# TYPE a_b stateset\n# UNIT a_b b\n", (1, 1), "no unit"),
        ("a 1\nb 1\na 1\n", (3, 1), "further up"),
        ("# TYPE a counter\na 1\n", (2, 1), "`a_total`, `a_created`"),
        ("# TYPE a info\na 1\n", (2, 1), "`a_info`"),
        ("# TYPE a histogram\na 1\n", (2, 1), "`a_bucket`"),
        ("# TYPE a gaugehistogram\na 1\n", (2, 1), "`a_gsum`"),
        ("# TYPE a_created gauge\n# TYPE a counter\n", (2, 1), "`a_created`"),
        ("# TYPE a counter\n# TYPE a_created gauge\n", (2, 1), "`a_created`"),
        ("# TYPE a histogram\n# TYPE a_sum gauge\na_sum 1\n", (2, 1), "`a_sum`"),
        ("# TYPE a summary\n# TYPE b gauge\n# TYPE a_count gauge\n", (3, 1), "`a_count`"),
    ]);
}

#[test]
fn series_stand_together_and_each_once() {
    refuses(&[
        ("a 1\na 1\n", (2, 1), "twice"),
        ("a 1\na 1 1\n", (2, 1), "either all"),
        ("a 1 1\na 1\n", (2, 1), "either all"),
        ("a 1 1\na 1 0.5\n", (2, 1), "go back"),
        ("a{x=\"1\"} 1\na{x=\"2\"} 1\na{x=\"1\"} 1\n", (3, 1), "further up"),
        ("a{x=\"1\",y=\"2\"} 1\na 1\na{y=\"2\",x=\"1\"} 1\n", (3, 1), "further up"),
        ("# TYPE a counter\na_total 1\na_total 1\n", (3, 1), "twice"),
        ("# TYPE a counter\na_total 1 1\na_created 1\n", (3, 1), "either all"),
        ("# TYPE a counter\na_total 1 2\na_created 1 1\n", (3, 1), "go back"),
        ("# TYPE a counter\na_total{x=\"1\"} 1\na_total{x=\"2\"} 1\na_created{x=\"1\"} 1\n", (4, 1), "further up"),
        ("# TYPE a info\na_info{x=\"1\"} 1\na_info{x=\"2\"} 1\na_info{x=\"1\"} 1\n", (4, 1), "further up"),
        ("# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\na_sum 1\n", (5, 1), "twice"),
        ("# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 1\na_count 1\n", (4, 1), "twice"),
        ("# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_created 1\na_created 1\n", (4, 1), "twice"),
        ("# TYPE a histogram\na_bucket{le=\"1\"} 1\na_bucket{le=\"1.0\"} 1\n", (3, 1), "twice"),
        ("# TYPE a summary\na{quantile=\"0.5\"} 1\na{quantile=\"0.5\"} 1\n", (3, 1), "twice"),
        ("# TYPE a summary\na_sum 1\na{quantile=\"0.5\"} 1\na{quantile=\".5\"} 1\n", (2, 1), "two samples"),
        ("# TYPE a stateset\na{a=\"x\"} 1\na{a=\"y\"} 1\na{a=\"y\"} 1\n", (2, 1), "two samples for `y`"),
    ]);
}

#[test]
fn values_are_those_of_their_types() {
    let long = format!("# TYPE a counter\na_total 1 # {{e=\"{}\"}} 1\n", "é".repeat(128));
    refuses(&[
        ("# TYPE a counter\na_total NaN\n", (2, 9), "counter only goes up"),
        ("# TYPE a counter\na_total -0.5\n", (2, 9), "counter only goes up"),
        ("# TYPE a counter\na_created 1\n", (2, 1), "no sample `_total`"),
        ("# TYPE a counter\na_total 1\na_created NaN\n", (3, 11), "in seconds"),
        ("# TYPE a info\na_info 2\n", (2, 8), "is 1"),
        ("# TYPE a stateset\na 1\n", (2, 1), "label `a`"),
        ("# TYPE a stateset\na{a=\"x\"} 0.5\n", (2, 10), "is 0"),
        ("# TYPE a summary\na 1\n", (2, 1), "quantile"),
        ("# TYPE a summary\na{quantile=\"x\"} 1\n", (2, 13), "a quantile"),
        ("# TYPE a summary\na{quantile=\"1.5\"} 1\n", (2, 13), "between 0 and 1"),
        ("# TYPE a summary\na{quantile=\"NaN\"} 1\n", (2, 13), "between 0 and 1"),
        ("# TYPE a summary\na{quantile=\"1\"} -1\n", (2, 17), "negative"),
        ("# TYPE a summary\na_sum{quantile=\"1\"} 1\n", (2, 7), "not to have the label `quantile`"),
        ("# TYPE a summary\na_sum -1\n", (2, 7), "neither negative"),
        ("# TYPE a summary\na_count 0.5\n", (2, 9), "an integer"),
        ("# TYPE a histogram\na_bucket 1\n", (2, 1), "`le`"),
        ("# TYPE a histogram\na_bucket{le=\"x\"} 1\n", (2, 14), "`le`"),
        ("# TYPE a histogram\na_bucket{le=\"NaN\"} 1\n", (2, 14), "NaN"),
        ("# TYPE a histogram\na_bucket{le=\"Inf\"} 1\n", (2, 14), "`+Inf`"),
        ("# TYPE a histogram\na_bucket{le=\"+Inf\"} 0.5\n", (2, 21), "an integer"),
        ("# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\n", (3, 1), "cumulative"),
        ("# TYPE a histogram\na_bucket{le=\"2\"} 1\na_bucket{le=\"1\"} 1\n", (3, 1), "sorted"),
        ("# TYPE a histogram\na_bucket{le=\"2\"} 1 1\na_bucket{le=\"1\"} 1 1\n", (3, 1), "sorted"),
        ("# TYPE a histogram\na_sum{le=\"1\"} 1\n", (2, 7), "not to have the label `le`"),
        ("# TYPE a histogram\n# HELP a b\na_bucket{le=\"1\"} 1\nb 1\n", (3, 1), "le=\"+Inf\""),
        ("# TYPE a histogram\na_sum 1\na_count 1\n", (2, 1), "le=\"+Inf\""),
        ("# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\n", (2, 1), "no `_count`"),
        ("# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 1\n", (2, 1), "no `_sum`"),
        ("# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 2\na_sum 1\n", (2, 1), "differs"),
        (
            "# TYPE a histogram\na_bucket{le=\"-1\"} 1\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum 1\n",
            (2, 1),
            "below zero",
        ),
        ("# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 1\na_gsum NaN\n", (3, 8), "NaN"),
        ("# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 1\na_gsum -1\na_gcount 1\n", (2, 1), "negative `_gsum`"),
        ("# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 1\na_gcount 1\n", (2, 1), "no `_gsum`"),
        ("a 1 # {} 1\n", (1, 8), "only counters and buckets"),
        ("# TYPE a histogram\na_sum 1 # {} 1\n", (2, 12), "only counters and buckets"),
        (&long, (2, 14), "128 characters"),
        ("# TYPE a counter\na_total 1 # {a=\"\",a=\"\"} 1\n", (2, 19), "twice"),
        ("# TYPE a counter\na_total 1 # {a=\"b\"}\n", (2, 20), "one blank"),
        ("# TYPE a counter\na_total 1 # {a=\"b\"} x\n", (2, 21), "exemplar's value"),
        ("# TYPE a counter\na_total 1 # {a=\"b\"} 1 x\n", (2, 23), "in seconds"),
        ("# TYPE a counter\na_total 1 # {a=\"b\"} 1 1 \n", (2, 24), "no place"),
        ("# TYPE a counter\na_total 1 # {\"b\"} 1\n", (2, 15), "one already"),
        ("# TYPE a histogram\na_bucket{le=\"1\"} 1 # {} 1.5\n", (2, 23), "lies in its bucket"),
        ("# TYPE a histogram\na_bucket{le=\"+Inf\"} 1 # {} NaN\n", (2, 26), "lies in its bucket"),
    ]);
}
