//! What the text format allows, which is much.

use crate::descriptor::MetricKind;
use crate::parse::text;
use crate::snapshot::{MetricFamily, Number, Timestamp, Value};

fn families(page: &str) -> Vec<MetricFamily> {
    match text(page) {
        Ok(families) => families,
        Err(error) => panic!("{error}\n{page}"),
    }
}

fn refuses(cases: &[(&str, (usize, usize), &str)]) {
    for (page, place, words) in cases {
        match text(page) {
            Ok(families) => panic!("{page} gives {families:?}"),
            Err(error) => {
                assert!(error.to_string().contains(words), "{page}: {error}");
                assert_eq!((error.line(), error.column()), (Some(place.0), Some(place.1)), "{page}: {error}");
            }
        }
    }
}

/// Name, type and number of series.
fn told(families: &[MetricFamily]) -> Vec<(&str, MetricKind, usize)> {
    families.iter().map(|family| (family.name(), family.kind(), family.series().len())).collect()
}

#[test]
fn blanks_comments_and_a_last_comma_may_stand_anywhere() {
    let page = "\n \t\n# a comment\n#\n#  \n# HELP\n# HELP alone\n# UNIT a b\n# EOF\n#TYPE a GAUGE\r\n\
        a\t{ x = \"1\" , y\t=\"2\" , } \t +3.5 \t-17 \r\n  a{x=\"3\" y=\"4\"}4\na{,} 5\na { , } 6\na{} 7\na 8";
    let families = families(page);
    assert_eq!(told(&families), [("a", MetricKind::Gauge, 6)]);
    let first = &families[0].series()[0];
    assert_eq!(first.labels().collect::<Vec<_>>(), [("x", "1"), ("y", "2")]);
    assert_eq!((first.value(), first.timestamp()), (&Value::Number(3.5.into()), Some(Timestamp::from_millis(-17))));
    assert_eq!(families[0].series()[1].label("y"), Some("4"));
    assert!(text(b"# caf\xe9\na 1\n").is_ok(), "what a comment says is nobody's business");
    assert!(text("").unwrap().is_empty());
}

#[test]
fn help_texts_are_read_in_any_place() {
    let families = families(
        "# HELP a \\\\ \\n \\\" \\x\n# TYPE a counter\na 1\nb 2\n# HELP b behind\n# TYPE c gauge\n# HELP c  kept \n\
         #  HELP  d\t not kept\n# TYPE d untyped\nd 1\n# HELP e no family\n# TYPE f gauge\n",
    );
    let helps: Vec<_> = families.iter().map(|family| (family.name(), family.help())).collect();
    assert_eq!(helps, [("a", "\\ \n \\\" \\x"), ("b", "behind"), ("c", " kept "), ("d", "not kept"), ("f", "")]);
    assert_eq!(families[1].kind(), MetricKind::Unknown);
}

#[test]
fn labels_and_names_are_unescaped() {
    let families = families("{\"a.b\\n\",\"l \\\"\"=\"\\\\\\n\\\"\\x\",m=\"é\"} 1\n{n=\"1\",\"a.b\\n\"} 2\n");
    assert_eq!(told(&families), [("a.b\n", MetricKind::Unknown, 2)]);
    let labels: Vec<_> = families[0].series()[0].labels().collect();
    assert_eq!(labels, [("l \"", "\\\n\"\\x"), ("m", "é")]);
}

#[test]
fn histograms_and_summaries_are_put_together() {
    // As some programs write them: all buckets, all sums, all counts.
    let apart = "# TYPE h histogram\nh_bucket{x=\"1\",le=\"+Inf\"} 2\nh_bucket{x=\"1\",le=\"1\"} 1\n\
        h_bucket{le=\"1\",x=\"2\"} 1\nh_bucket{le=\"+Inf\",x=\"2\"} 3\nh_sum{x=\"1\"} 5\nh_sum{x=\"2\"} 6\n\
        h_count{x=\"1\"} 2\nh_count{x=\"2\"} 3\nh_bucket{x=\"3\",le=\"+Inf\"} 0\nh_sum{x=\"3\"} 0\nh_count{x=\"3\"} 0\n";
    let families_apart = families(apart);
    assert_eq!(told(&families_apart), [("h", MetricKind::Histogram, 3)]);
    for (series, (x, count)) in families_apart[0].series().iter().zip([("1", 2), ("2", 3), ("3", 0)]) {
        let Value::Histogram(histogram) = series.value() else { panic!("{series:?}") };
        assert_eq!((series.label("x"), histogram.count()), (Some(x), count));
    }
    let families = families("# TYPE s summary\ns_count 1\ns_sum 2\ns{quantile=\"0.9\"} 3\ns_count 1 5\ns_sum 2 5\n");
    assert_eq!(told(&families), [("s", MetricKind::Summary, 2)]);
    let Value::Summary(summary) = families[0].series()[0].value() else { panic!("it is one") };
    assert_eq!(summary.quantiles(), [(0.9, 3.0)]);
    assert_eq!(families[0].series()[1].timestamp(), Some(Timestamp::from_millis(5)));
}

#[test]
fn a_family_in_pieces_keeps_its_type() {
    let families = families(
        "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 1\ns_count 1\nother 1\ns_sum{x=\"1\"} 2\ns_count{x=\"1\"} 2\n\
         # HELP s again\ns_sum{x=\"2\"} 2\ns_count{x=\"2\"} 2\nother 2\n# HELP s alone\n# HELP other here\n\
         # TYPE s gauge\ns 1\n",
    );
    assert_eq!(
        told(&families),
        [
            ("s", MetricKind::Summary, 1),
            ("other", MetricKind::Unknown, 1),
            ("s", MetricKind::Summary, 2),
            ("other", MetricKind::Unknown, 1),
            ("s", MetricKind::Gauge, 1),
        ]
    );
    assert_eq!(families[2].help(), "again");
}

#[test]
fn what_is_no_histogram_and_no_summary_is_kept_as_it_is() {
    for samples in [
        "h_sum 1\nh_count 1\n",
        "h_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n",
        "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\n",
        "h_bucket{le=\"+Inf\"} 1\nh_count 2\nh_sum 1\n",
        "h_bucket{le=\"+Inf\"} 1.5\nh_count 1.5\nh_sum 1\n",
        "h_bucket{le=\"+Inf\"} -1\nh_count -1\nh_sum 1\n",
        "h_bucket{le=\"1\"} 1\nh_bucket{le=\"1.0\"} 1\nh_bucket{le=\"+Inf\"} 1\n",
        "h_bucket{le=\"0\"} 1\nh_bucket{le=\"-0\"} 1\nh_bucket{le=\"+Inf\"} 1\n",
        "h_bucket{le=\"NaN\"} 1\nh_bucket{le=\"+Inf\"} 1\n",
        "h_bucket 1\nh_bucket{le=\"+Inf\"} 1\n",
        "h_bucket{le=\"+Inf\"} 1 5\nh_count 1 6\n",
        "h_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_sum 1\n",
        "s_sum 1\n",
        "s_count 1\n",
        "s 1\ns_sum 1\ns_count 1\n",
        "s{quantile=\"-1\"} 1\ns_sum 1\ns_count 1\n",
        "s{quantile=\"0.5\"} 1\ns{quantile=\".5\"} 1\ns_sum 1\ns_count 1\n",
        "s_sum 1\ns_sum 1\ns_count 1\n",
        "s_sum 1\ns_count 1.5\n",
    ] {
        let families = families(&format!("# TYPE h histogram\n# TYPE s summary\n{samples}"));
        let family = families.iter().find(|family| !family.series().is_empty()).unwrap();
        let Value::Irregular(value) = family.series()[0].value() else { panic!("{samples} gives {family:?}") };
        let lines: Vec<_> = samples.lines().collect();
        assert_eq!(value.samples().len(), lines.len(), "{samples}");
        for (sample, line) in value.samples().iter().zip(lines) {
            let (name, rest) = line.split_once(['{', ' ']).unwrap();
            assert_eq!(sample.suffix(), &name[1..]);
            assert_eq!(sample.own_label(), rest.split('"').nth(1));
            let number = line.rsplit_once("} ").map_or(rest, |(_, rest)| rest).split(' ').next().unwrap();
            assert_eq!(sample.value(), number.parse::<f64>().unwrap().into());
        }
        assert_eq!(family.series()[0].timestamp(), None);
    }
}

#[test]
fn series_that_come_again_are_several() {
    let again = "h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n";
    let families = families(&format!("# TYPE h histogram\n{again}{again}g 1\ng 1\n"));
    assert_eq!(told(&families), [("h", MetricKind::Histogram, 2), ("g", MetricKind::Unknown, 2)]);
    assert_eq!(families[0].series()[0], families[0].series()[1]);
}

#[test]
fn gauge_histograms_are_read_where_they_are_written() {
    for (word, sum) in [("gauge_histogram", "_sum"), ("gaugehistogram", "_gsum")] {
        let count = sum.replace("sum", "count");
        let page = format!("# TYPE g {word}\ng_bucket{{le=\"+Inf\"}} 1\ng{sum} 2\ng{count} 1\n");
        let families = families(&page);
        assert_eq!(told(&families), [("g", MetricKind::GaugeHistogram, 1)]);
        let Value::Histogram(histogram) = families[0].series()[0].value() else { panic!("it is one") };
        assert!((histogram.sum() - 2.0).abs() < f64::EPSILON);
    }
    let families = families("# TYPE i_info gauge\ni_info 1\n# TYPE u unknown\nu 2\n# TYPE h histogram\nh 3\n");
    let expected = [
        ("i_info", MetricKind::Gauge, 1),
        ("u", MetricKind::Unknown, 1),
        ("h", MetricKind::Histogram, 0),
        ("h", MetricKind::Unknown, 1),
    ];
    assert_eq!(told(&families), expected);
}

#[test]
fn numbers_are_those_that_prometheus_reads() {
    let families = families("a inf\nb +INFINITY\nc -Inf\nd NAN\ne 18446744073709551615\nf 1e-400\n");
    assert_eq!(families[4].sample("e", &[]), Some(Number::Unsigned(u64::MAX)));
    assert_eq!(families[2].sample("c", &[]), Some(Number::Float(f64::NEG_INFINITY)));
}

#[test]
fn what_nobody_could_read_is_refused() {
    refuses(&[
        ("a\n", (1, 2), "value is missing"),
        ("a{b=\"c\"}\n", (1, 9), "value is missing"),
        ("a b\n", (1, 3), "a number"),
        ("a 0x1p-3\n", (1, 3), "a number"),
        ("a 1_2\n", (1, 3), "a number"),
        ("a 1 1.5\n", (1, 5), "milliseconds"),
        ("a 1 9223372036854775808\n", (1, 5), "milliseconds"),
        ("a 1 2 3\n", (1, 7), "no place"),
        ("a 1 # {b=\"c\"} 1\n", (1, 7), "no place"),
        ("é 1\n", (1, 1), "begins with a letter"),
        ("a-b 1\n", (1, 2), "`-b`"),
        ("{a=\"b\"} 1\n", (1, 1), "no name"),
        ("{\"a\" \"b\"} 1\n", (1, 6), "behind the label's name"),
        ("a{b=\"c\",,} 1\n", (1, 9), "begins with a letter"),
        ("a{b=\"c\"\n", (1, 8), "behind a label"),
        ("a{b=\"c\"+} 1\n", (1, 8), "behind a label"),
        ("a{b=\"c\"d=\"e\"} 1\n", (1, 8), "behind a label"),
        ("a{b=\"c\", b=\"d\"} 1\n", (1, 10), "twice"),
        ("a{__name__=\"b\"} 1\n", (1, 3), "reserved"),
        ("a{b", (1, 4), "behind the label's name"),
        ("a{", (1, 3), "aren't closed"),
        ("# TYPE a info\n", (1, 10), "parse::openmetrics"),
        ("# TYPE a-b gauge\n", (1, 9), "metric's name"),
        ("# HELP 1 b\n", (1, 8), "metric's name"),
        ("# TYPE a gauge\n# TYPE a gauge\n", (2, 1), "twice"),
        ("# HELP a b\n# HELP a b\n", (2, 1), "twice"),
        ("a 1\n# TYPE a gauge\n", (2, 1), "in front of"),
        ("# TYPE h histogram\nh_bucket{le=\"x\"} 1\n", (2, 14), "`le`"),
        ("# TYPE s summary\ns{quantile=\"x\"} 1\n", (2, 13), "a quantile"),
    ]);
    for page in [&b"a{b=\"\xff\"} 1\n"[..], b"# HELP a \xff\n"] {
        assert!(text(page).unwrap_err().to_string().contains("isn't UTF-8"));
    }
}
