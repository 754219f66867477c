//! Pages that nobody writes, but for accidents and attacks.

use crate::parse;
use crate::snapshot::Value;

#[test]
fn what_is_not_utf8_is_refused_but_in_comments() {
    for page in [&b"\xff\n"[..], b"\xff=\"1\" 2\n", b" \t\xffa 1\n", b"a{b=\"\xff\"} 1\n", b"# HELP a \xff\n"] {
        let error = parse::text(page).unwrap_err();
        assert!(error.to_string().contains("isn't UTF-8"), "{error}");
    }
    assert_eq!(parse::text(b"# \xff\n#\xff\n\t # TYPES \xff\n").unwrap(), []);
}

/// As Prometheus' Go library reads it.
#[test]
fn a_type_that_isnt_said_is_none() {
    let families = parse::text("# TYPE a \n# HELP a\na 1\n").unwrap();
    assert_eq!((families[0].kind(), families[0].help()), (crate::MetricKind::Unknown, ""));
    assert!(parse::text("# TYPE a b\n").is_err());
}

#[test]
fn samples_of_series_that_stand_among_each_other_go_to_their_own() {
    let page = "\
# TYPE w histogram
w_sum{a=\"x\"} 0.5
w_count{a=\"x\"} 1
w_sum{a=\"y\"} 2
w_bucket{a=\"x\",le=\"+Inf\"} 1
w_sum{a=\"z\"} 3
w_sum{a=\"u\"} 4
w_bucket{a=\"z\",le=\"+Inf\"} 3
w_count{a=\"z\"} 3
w_bucket{a=\"u\",le=\"+Inf\"} 4
w_bucket{a=\"y\",le=\"+Inf\"} 2
w_count{a=\"y\"} 2
w_count{a=\"u\"} 4
";
    let families = parse::text(page).unwrap();
    let read: Vec<_> = families[0]
        .series()
        .iter()
        .map(|series| match series.value() {
            Value::Histogram(histogram) => (series.label("a").unwrap(), histogram.sum(), histogram.count()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(read, [("x", 0.5, 1), ("y", 2.0, 2), ("z", 3.0, 3), ("u", 4.0, 4)]);
}

#[test]
fn a_label_is_refused_that_stands_twice_behind_a_sum_that_has_it() {
    for page in [
        "# TYPE w histogram\nw_sum{a=\"x\",le=\"2\"} 1\nw_bucket{a=\"x\",le=\"2\",le=\"+Inf\"} 2\n",
        "# TYPE w summary\nw_sum{a=\"x\",quantile=\"2\"} 1\nw{a=\"x\",quantile=\"1\",quantile=\"0.5\"} 2\n",
    ] {
        let error = parse::text(page).unwrap_err();
        assert_eq!(error.line(), Some(3));
        assert!(error.to_string().contains("stands there twice"), "{error}");
    }
}

/// The same sample with its name in quotes, of which no parser takes anything from the line before.
fn in_quotes(line: &str) -> String {
    match line.split_once('{') {
        _ if line.starts_with('#') => line.to_owned(),
        Some((name, labels)) => format!("{{\"{name}\",{labels}"),
        None => line.split_once(' ').map(|(name, value)| format!("{{\"{name}\"}} {value}")).unwrap(),
    }
}

#[test]
fn what_lines_have_in_common_changes_nothing() {
    const LINES: [&str; 19] = [
        "a 1",
        "a_total 1",
        "a{x=\"1\"} 1",
        "a{x=\"1\"} 1 5",
        "a_total{x=\"1\"} 1",
        "a_total{x=\"2\"} 1",
        "a_total{x=\"1\",y=\"1\"} 1",
        "a_total{y=\"1\",x=\"1\"} 1",
        "a_created{x=\"1\"} 1",
        "a_bucket{x=\"1\",le=\"1\"} 1",
        "a_bucket{x=\"1\",le=\"+Inf\"} 2",
        "a_bucket{le=\"+Inf\",x=\"1\"} 2",
        "a_bucket{x=\"2\",le=\"+Inf\"} 2",
        "a_sum{x=\"1\"} 1",
        "a_sum{x=\"1\",le=\"1\"} 1",
        "a_count{x=\"1\"} 2",
        "b_total{x=\"1\"} 1",
        "b_bucket{x=\"1\",le=\"1\"} 1",
        "# TYPE b histogram",
    ];
    for first in ["# HELP a ", "# TYPE a counter", "# TYPE a gauge", "# TYPE a histogram"] {
        for index in 0..LINES.len().pow(3) {
            let [one, two, three] = [1, LINES.len(), LINES.len().pow(2)].map(|unit| LINES[index / unit % LINES.len()]);
            let page = format!("{first}\n{one}\n{two}\n{three}\n# EOF\n");
            let quoted = format!("{first}\n{one}\n{}\n{three}\n# EOF\n", in_quotes(two));
            for parse in [|page: &str| parse::text(page), |page: &str| parse::openmetrics(page)] {
                match (parse(&page), parse(&quoted)) {
                    (Ok(families), Ok(others)) => assert_eq!(families, others, "{page}"),
                    (Err(error), Err(other)) => assert_eq!(error.line(), other.line(), "{page}{error}\n{other}"),
                    (one, other) => panic!("{page}{one:?}\n{other:?}"),
                }
            }
        }
    }
}
