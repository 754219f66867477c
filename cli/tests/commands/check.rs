//! `tallymark check`

use tallymark::Registry;
use tallymark::exposition::{self, Format};
use tallymark::http::Exporter;

use crate::server::{Server, answer};
use crate::{page, run, run_with};

/// What is found on a page, each as `line: family: rule`.
fn rules(format: &str, text: &str) -> Vec<String> {
    let said = run_with(&["check", "--json", "--format", format, "-"], text.as_bytes());
    assert_eq!((said.code, said.err.as_str()), (if said.out.is_empty() { 0 } else { 3 }, ""), "{text}");
    let field = |line: &str, name: &str| -> String {
        let (_, behind) = line.split_once(&format!("\"{name}\":")).unwrap();
        behind.split(',').next().unwrap().trim_matches('"').to_owned()
    };
    said.out
        .lines()
        .map(|line| format!("{}: {}: {}", field(line, "line"), field(line, "family"), field(line, "rule")))
        .collect()
}

/// What is found of one family with a type and a help text.
fn rules_of(kind: &str, samples: &[&str]) -> Vec<String> {
    let text = format!("# HELP a Help.\n# TYPE a {kind}\n{}\n", samples.join("\n"));
    rules("text", &text).into_iter().filter(|rule| !rule.ends_with(": total")).collect()
}

#[test]
fn each_finding_says_the_place_and_the_cure() {
    let said = run(&["check", &page("odd.prom")]);
    assert_eq!((said.code, said.err.as_str()), (3, ""));
    let found: Vec<&str> = said.out.lines().map(|line| line.split_once("odd.prom:").unwrap().1).collect();
    assert_eq!(
        found,
        [
            "1: jobs: has no help text; say in a sentence what it counts or shows",
            "1: jobs: is a counter, whose name ends in `_total`; call it `jobs_total`",
            "2: jobs: is a counter that reads -3, though counters begin at 0 and only go up; make it a gauge (another \
             series too)",
            "4: load: has a label `le`, as only samples of histograms do; call it by what it tells apart",
            "6: load: has a timestamp, so that Prometheus doesn't see when the series ends, and drops what is old; leave \
             it out, unless the value comes from elsewhere",
            "7: lat_ms: abbreviates a unit, `ms`; spell out what it is, for example `lat_seconds`",
            "9: lat_ms: is torn: up to 1 it has 3, less than the 5 up to 0.5; read all its numbers at one instant, none \
             while it observes",
            "10: lat_ms: has the bound `le=\"1.00\"`, which others spell `le=\"1.0\"`; write that, since Prometheus before \
             3.0 takes them for two",
            "14: wait_seconds: has no count; write it behind the buckets",
            "17: wait_seconds: has buckets that aren't sorted; write them by rising `le`, as OpenMetrics must have them",
            "20: untyped_thing: has no `# TYPE`; say whether it is a counter, a gauge or what else",
            "20: untyped_thing: has no help text; say in a sentence what it counts or shows",
            "21: load: stands in line 4 too, with others between; write all its samples together",
            "22: load: has the series `{queue=\"print\",c=\"\"}` twice, of which Prometheus keeps one; write each series \
             once",
            "26: \"a.c\": is a name in quotes, for which a Prometheus before 3.0 refuses the page; write such names for \
             readers alone that ask with `escaping=allow-utf-8`, or call it `a_c`",
            "26: \"a.c\": is `a_c` for readers that know only letters, digits and `_`, and so is \"a_c\"; call one of \
             them something else",
            "28: \"a.c\": has the label \"x.y\" in quotes, for which a Prometheus before 3.0 refuses the page; write such \
             names for readers alone that ask with `escaping=allow-utf-8`, or call it `x_y`",
            "28: \"a.c\": has the labels \"x.y\" and \"x_y\", both `x_y` for readers that know only letters, digits and \
             `_`; call one of them something else",
            "31: rpc: has the quantile \"1.5\"; quantiles are between 0 and 1",
            "35: wait_seconds_count: is called as a sample of the histogram `wait_seconds` in line 14 is; call one of \
             them something else",
            "35: wait_seconds_count: ends in `_count`, as only samples of histograms and summaries do; call it \
             `wait_seconds`",
        ]
    );
}

#[test]
fn torn_histograms_are_explained() {
    for (samples, text) in [
        (&["a_sum 1", "a_count 2"][..], "has no buckets"),
        (
            &["a_bucket{le=\"1\"} 1", "a_bucket{le=\"+Inf\"} 3", "a_count 2", "a_sum 1"],
            "bucket of +Inf has 3, its count is 2",
        ),
        (&["a_bucket{le=\"1\"} 1", "a_count 2", "a_sum 1"], "no bucket with `le=\"+Inf\"`"),
        (&["a_bucket{le=\"1\"} 1.5", "a_bucket{le=\"+Inf\"} 2"], "`_bucket` that is 1.5"),
        (&["a_bucket{le=\"1\"} -1", "a_bucket{le=\"+Inf\"} 2"], "`_bucket` that is -1"),
        (&["a_bucket{le=\"1\"} NaN", "a_bucket{le=\"+Inf\"} 2"], "`_bucket` that is NaN"),
        (
            &["a_bucket{le=\"1\"} 3", "a_bucket{le=\"2\"} 2", "a_bucket{le=\"+Inf\"} 3"],
            "up to 2 it has 2, less than the 3 up to 1",
        ),
        (&["a_bucket{le=\"1\"} 1", "a_bucket{le=\"1.0\"} 1", "a_bucket{le=\"+Inf\"} 3"], "two buckets up to 1"),
        (&["a_bucket{le=\"NaN\"} 1", "a_bucket{le=\"+Inf\"} 3"], "bound is \"NaN\""),
        (&["a_bucket 1", "a_bucket{le=\"+Inf\"} 3"], "without `le`"),
        (&["a_bucket{le=\"+Inf\"} 3 1000", "a_count 3 2000"], "several instants"),
    ] {
        let page = format!("# HELP a Help.\n# TYPE a histogram\n{}\n", samples.join("\n"));
        let said = run_with(&["check", "-"], page.as_bytes());
        assert_eq!((said.code, said.err.as_str()), (3, ""), "{page}");
        assert!(said.out.contains(text), "{page}: {}", said.out);
        assert!(said.out.starts_with("stdin:"), "{}", said.out);
    }
    for (samples, text) in [
        (&["a{quantile=\"0.5\"} 1", "a_sum 1"][..], "has no `_count`"),
        (&["a{quantile=\"0.5\"} 1", "a_count 1"], "has no `_sum`"),
        (&["a{quantile=\"0.5\"} 1", "a{quantile=\"0.50\"} 1", "a_sum 1", "a_count 1"], "quantile 0.5 twice"),
        (&["a{quantile=\"x\"} 1"], "a quantile"),
        (&["a_sum 1", "a_count 1.5"], "`_count` that is 1.5"),
        (&["a 1", "a_sum 1", "a_count 1"], "without `quantile`"),
        (&["a_sum -1", "a_count 1"], "has the sum -1, which OpenMetrics can't say"),
        (&["a_sum NaN", "a_count 1"], "has the sum NaN, which OpenMetrics can't say"),
    ] {
        let page = format!("# HELP a Help.\n# TYPE a summary\n{}\n", samples.join("\n"));
        let said = run_with(&["check", "-"], page.as_bytes());
        assert!(said.code == 3 || said.code == 1, "{page}");
        assert!([&*said.out, &*said.err].concat().contains(text), "{page}: {} {}", said.out, said.err);
    }
}

#[test]
fn what_is_right_is_not_found() {
    let whole = ["a_bucket{le=\"1\"} 1", "a_bucket{le=\"+Inf\"} 3", "a_sum 1", "a_count 3"];
    assert_eq!(rules_of("histogram", &whole), [""; 0]);
    assert_eq!(rules_of("histogram", &["a_bucket{le=\"-1\"} 1", "a_bucket{le=\"+Inf\"} 3"]), [""; 0]);
    assert_eq!(rules_of("histogram", &[]), [""; 0]);
    assert_eq!(rules_of("counter", &["a +Inf"]), [""; 0]);
    assert_eq!(rules_of("gauge", &["a{b=\"x\"} NaN", "a{b=\"y\"} -1", "a 0"]), [""; 0]);
    assert_eq!(rules_of("untyped", &["a 1"]), [""; 0]);
    assert_eq!(rules_of("summary", &["a{quantile=\"1\"} NaN", "a_sum 0", "a_count 0"]), [""; 0]);
    assert_eq!(rules("text", ""), [""; 0]);
}

#[test]
fn what_is_wrong_is_found_where_it_is() {
    assert_eq!(rules_of("histogram", &["a_bucket{le=\"+Inf\"} 3", "a_sum -1", "a_count 3"]), ["3: a: sum"]);
    assert_eq!(rules_of("histogram", &["a_bucket{le=\"+Inf\"} 3"]), ["1: a: count", "1: a: sum"]);
    assert_eq!(
        rules_of("histogram", &["a_bucket{le=\"Inf\"} 3", "a_sum 1", "a_count 3"]),
        ["3: a: bound"],
        "only `+Inf` is spelt so"
    );
    assert_eq!(rules_of("gauge", &["a 1", "a 2"]), ["4: a: duplicate"]);
    assert_eq!(rules_of("gauge", &["a{b=\"x\",c=\"y\"} 1", "a{c=\"y\",b=\"x\"} 2"]), ["4: a: duplicate"]);
    assert_eq!(rules_of("counter", &["a 1", "a{b=\"c\"} NaN"]), ["4: a: counter-value"]);
    assert_eq!(
        rules("text", "# HELP a Help.\n# TYPE a gauge\na 1\n# HELP b Help.\n# TYPE b gauge\nb 1\na 2\n"),
        ["7: a: repeated", "7: a: duplicate"]
    );
    let crlf = "# HELP a Help.\r\n# TYPE a gauge\r\na 1\r\n";
    assert_eq!(rules("text", crlf), ["1: null: line-end"]);
    assert_eq!(rules("text", "# HELP a Help.\n# TYPE a gauge\na 1"), ["3: null: line-end"]);
    assert_eq!(
        rules(
            "openmetrics",
            "# HELP a Help.\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 1\n# EOF\n"
        ),
        ["1: a: count", "1: a: sum", "3: a: bound"]
    );
    let quoted = "# HELP \"a.b\" Help.\n# TYPE \"a.b\" gauge\n{\"a.b\"} 1\n";
    assert_eq!(rules("text", quoted).len(), 1);
    assert_eq!(rules("text-1.0", quoted), [""; 0]);
}

/// A text page of families with a series each.
fn page_of(families: &[(&str, &str)]) -> String {
    let page = families.iter().map(|(kind, name)| {
        let samples = match *kind {
            "histogram" => format!(
                "{name}_bucket{{of=\"it\",le=\"+Inf\"}} 1\n{name}_sum{{of=\"it\"}} 1\n{name}_count{{of=\"it\"}} 1\n"
            ),
            "summary" => format!("{name}_sum{{of=\"it\"}} 1\n{name}_count{{of=\"it\"}} 1\n"),
            _ if name.starts_with('"') => format!("{{{name},of=\"it\"}} 1\n"),
            _ => format!("{name}{{of=\"it\"}} 1\n"),
        };
        format!("# HELP {name} Help.\n# TYPE {name} {kind}\n{samples}")
    });
    page.collect()
}

/// What is said of families of which a page can't have both.
fn clashes(format: &str, page: &[u8]) -> Vec<String> {
    let said = run_with(&["check", "--format", format, "-"], page);
    assert!(matches!(said.code, 0 | 3), "{}", said.err);
    let cure = "; call one of them something else";
    said.out.lines().filter(|line| line.contains(cure)).map(|line| line.replacen("stdin:", "", 1)).collect()
}

#[test]
fn families_that_openmetrics_calls_alike_are_told_both() {
    for (families, told) in [
        (
            &[("counter", "x_total"), ("gauge", "x")][..],
            &[
                "4: x: is the family `x` in OpenMetrics, and so is the counter `x_total` in line 1, so that no such page can \
               have both; call one of them something else",
            ][..],
        ),
        (
            &[("gauge", "x"), ("counter", "x_total")],
            &[
                "4: x_total: is the family `x` in OpenMetrics, and so is the gauge `x` in line 1, so that no such page can \
               have both; call one of them something else",
            ],
        ),
        (
            &[("counter", "x"), ("gauge", "x_total")],
            &[
                "4: x_total: is called as a sample of the counter `x` in line 1 is in OpenMetrics, so that no such page can \
               have both; call one of them something else",
            ],
        ),
        (&[("gauge", "x_created"), ("counter", "x_total")], &[]),
        (
            &[("counter", "x_created"), ("counter", "x_total")],
            &[
                "1: x_created: is called as a sample of the counter `x_total` in line 4 is in OpenMetrics, so that no such \
               page can have both; call one of them something else",
            ],
        ),
        (
            &[("summary", "x"), ("counter", "x_count_total")],
            &[
                "5: x_count_total: is `x_count` in OpenMetrics, and so is a sample of the summary `x` in line 1, so that no \
               such page can have both; call one of them something else",
            ],
        ),
        (
            &[("summary", "x"), ("gauge", "x_count")],
            &["5: x_count: is called as a sample of the summary `x` in line 1 is; call one of them something else"],
        ),
        (
            &[("gauge", "\"x.y\""), ("counter", "x_y_total")],
            &[
                "4: x_y_total: is the family `x_y` in OpenMetrics for readers that know only letters, digits and `_`, and so \
               is the gauge `\"x.y\"` in line 1, so that no such page can have both; call one of them something else",
            ],
        ),
        (
            &[("summary", "x"), ("gauge", "\"x.count\"")],
            &[
                "5: \"x.count\": is `x_count` for readers that know only letters, digits and `_`, and so is a sample of the \
               summary `x` in line 1; call one of them something else",
            ],
        ),
        // Told once, wherever they stand again.
        (
            &[("counter", "x_total"), ("gauge", "x"), ("counter", "x_total"), ("gauge", "x")],
            &[
                "4: x: is the family `x` in OpenMetrics, and so is the counter `x_total` in line 1, so that no such page can \
                 have both; call one of them something else",
            ],
        ),
        (&[("counter", "x_total"), ("gauge", "x_totals"), ("gauge", "x_info"), ("gauge", "x_bucket")], &[]),
    ] {
        assert_eq!(clashes("text-1.0", page_of(families).as_bytes()), told, "{families:?}");
    }
    // Where there are no lines none is told.
    let families = tallymark::parse::text(page_of(&[("counter", "x_total"), ("gauge", "x")])).unwrap();
    assert_eq!(
        clashes("protobuf", &exposition::encode(Format::PROTOBUF, &families)),
        [
            " x: is the family `x` in OpenMetrics, and so is the counter `x_total`, so that no such page can have both; call \
          one of them something else"
        ]
    );
    // The reader compares names as they stand there.
    let info = "# HELP x_y Help.\n# TYPE x_y info\nx_y_info 1\n# HELP \"x.y\" Help.\n# TYPE \"x.y\" gauge\n{\"x.y\"} 1\n# EOF\n";
    assert_eq!(
        clashes("openmetrics", info.as_bytes()),
        [
            "4: \"x.y\": is the family `x_y` in OpenMetrics for readers that know only letters, digits and `_`, and so is the \
          info `x_y_info` in line 1, so that no such page can have both; call one of them something else"
        ]
    );
}

/// Whatever two families are called, `check` finds what `convert` refuses, and nothing else.
#[test]
fn two_families_clash_where_openmetrics_has_no_page_with_both() {
    let others = ["x", "x_total", "x_created", "x_bucket", "x_count", "x_count_total", "x_created_total", "x_info"];
    for one in [("counter", "x_total"), ("counter", "x"), ("histogram", "x"), ("summary", "x"), ("untyped", "x")] {
        for kind in ["counter", "gauge", "histogram"] {
            for name in others.iter().filter(|name| **name != one.1) {
                for families in [[one, (kind, *name)], [(kind, *name), one]] {
                    let page = page_of(&families);
                    let of_no_series = page.replace("x_created{of=\"it\"}", "x_created{of=\"no\"}");
                    for page in [&page, &of_no_series] {
                        let converted = run_with(&["convert", "--to", "openmetrics", "-"], page.as_bytes());
                        let found = clashes("text", page.as_bytes());
                        assert_eq!(
                            found.len(),
                            usize::from(converted.code != 0),
                            "{found:?}: {page}: {}",
                            converted.err
                        );
                    }
                }
            }
        }
    }
}

/// Python's client tells by gauges since when series count.
#[test]
fn gauges_that_are_created_times_are_right() {
    let said = run(&["check", &page("python.prom")]);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""));
    let families = tallymark::parse::text(std::fs::read(page("python.prom")).unwrap()).unwrap();
    // Protobuf says it otherwise, so there a gauge is one.
    assert_eq!(clashes("protobuf", &exposition::encode(Format::PROTOBUF, &families)).len(), 4);
}

#[test]
fn gauges_that_are_no_created_times_are_told_with_the_series() {
    let counter = "# TYPE x_total counter\nx_total{a=\"1\"} 1\nx_total{a=\"2\"} 1\n";
    let no_time = |number: &str| {
        format!(
            "`x_created{{a=\"2\"}}` is {number}, no time in seconds since 1970 that is known to the nanosecond and \
             before the year 10000"
        )
    };
    let of_none = |labels: &str| format!("`x_created{labels}` is of a series that `x_total` doesn't have");
    for (more, gauge, fault) in [
        ("", "x_created{a=\"1\"} 5\nx_created{a=\"2\"} NaN\n", no_time("NaN")),
        ("", "x_created{a=\"2\"} +Inf\n", no_time("+Inf")),
        ("", "x_created{a=\"2\"} -1.5\n", no_time("-1.5")),
        ("", "x_created{a=\"2\"} 1520430000123\n", no_time("1520430000123")),
        ("", "x_created{a=\"2\"} 0.0123456789\n", no_time("0.0123456789")),
        ("", "x_created{a=\"1\"} 5\nx_created{a=\"3\"} 5\n", of_none("{a=\"3\"}")),
        ("", "x_created 5\n", of_none("")),
        ("", "x_created{a=\"1\",b=\"1\"} 5\n", of_none("{a=\"1\",b=\"1\"}")),
        ("", "x_created{a=\"1\"} 5 1000\n", of_none("{a=\"1\"}") + " with that timestamp"),
        ("", "x_created{a=\"1\"} 5\nx_created{a=\"1\"} 5\n", "`x_created{a=\"1\"}` stands there twice".to_owned()),
        (
            "x_total{a=\"1\",b=\"\"} 1\n",
            "x_created{a=\"1\"} 5\n",
            "`x_created{a=\"1\"}` is of a series that `x_total` has twice".to_owned(),
        ),
    ] {
        let page = format!("{counter}{more}# TYPE x_created gauge\n{gauge}");
        let line = counter.lines().count() + more.lines().count() + 1;
        assert_eq!(
            clashes("text", page.as_bytes()),
            [format!(
                "{line}: x_created: is called as a sample of the counter `x_total` in line 1 is in OpenMetrics, so \
                 that no such page can have both, nor does it just say since when that counts, as {fault}; call one of them \
                 something else, or leave this one out (in Python by `disable_created_metrics()`), since OpenMetrics \
                 itself says when a series was made"
            )]
        );
        let said = run_with(&["convert", "--to", "openmetrics", "-"], page.as_bytes());
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{page}");
        // Protobuf has gauges of any name.
        let said = run_with(&["convert", "--to", "protobuf", "-"], page.as_bytes());
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{page}");
        assert!(said.out.contains("x_created"), "{page}");
    }
    let stamped = "# TYPE x_total counter\nx_total 1 1000\n# TYPE x_created gauge\nx_created 5\n";
    let [told] = <[_; 1]>::try_from(clashes("text", stamped.as_bytes())).unwrap();
    assert!(told.contains("that `x_total` doesn't have without a timestamp; "), "{told}");
    // Of two families that the gauge may mean, OpenMetrics has one at most.
    let page = "# TYPE x_total counter\nx_total 1\n# TYPE x summary\nx_sum 1\nx_count 1\n\
                # TYPE x_created gauge\nx_created 5\n";
    assert_eq!(clashes("text", page.as_bytes()).len(), 3);
    // What is called as a sample of the family stays wrong without the gauge.
    let page = "# TYPE x summary\nx_sum 1\nx_count 1\n# TYPE x_created gauge\nx_created 5\n\
                # TYPE x_created_total counter\nx_created_total 1\n";
    let [told] = <[_; 1]>::try_from(clashes("text", page.as_bytes())).unwrap();
    assert!(
        told.starts_with("6: x_created_total: is `x_created` in OpenMetrics, and so is a sample of the summary"),
        "{told}"
    );
}

#[test]
fn what_no_reader_takes_is_told_with_its_place() {
    for (arguments, text, place) in [
        (&["check", "-"][..], "a 1\nb{c=d} 2\n", "stdin:2:5: the page isn't in the text format"),
        (&["check", "-"], "# TYPE a counter\n# UNIT a \na_total 1\n", "`# EOF`"),
        (&["check", "--format", "openmetrics", "-"], "a 1\n", "`# EOF`"),
        (&["check", "-"], "# TYPE a gauge\na 1\nb 1\na 2\n# EOF\n", "stdin:4:"),
        (&["check", "-"], "# TYPE a counter\na_total -1\n# EOF\n", "stdin:2:9: the page isn't in OpenMetrics"),
        (&["check", "-"], "a \u{1b}[2J\n", "\\u{1b}[2J"),
    ] {
        let said = run_with(arguments, text.as_bytes());
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{text}");
        assert!(said.err.contains(place), "{text}: {}", said.err);
        assert!(!said.err.contains('\x1b'), "{}", said.err);
    }
    for (arguments, cure) in [
        (&["check", "no-such-file"][..], "`no-such-file` can't be read: "),
        (&["check", "."], "`.` can't be read: "),
        (&["check", "http://localhost:1"], "nobody listens there"),
    ] {
        let said = run(arguments);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{arguments:?}");
        assert!(said.err.contains(cure), "{arguments:?}: {}", said.err);
    }
}

#[test]
fn nothing_is_found_on_a_page_of_ours() {
    let exporter = Exporter::builder().registry(Registry::global()).start("127.0.0.1:0").unwrap();
    let url = format!("http://{}/metrics", exporter.local_addr());
    for format in [&[][..], &["--format", "text"], &["--format", "openmetrics"], &["--format", "protobuf"]] {
        let said = run(&[&["check", url.as_str()], format].concat());
        assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""), "{format:?}");
    }
    exporter.shutdown();
    // It may not have the format that it was asked for.
    let server = Server::page("text/plain; version=0.0.4", b"# HELP a Help.\n# TYPE a gauge\na 1\n");
    let said = run(&["check", &server.url(), "--format", "openmetrics"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
}

#[test]
fn a_server_is_asked_as_prometheus_asks_and_its_content_type_looked_at() {
    let right = answer(&[("content-type", "text/plain; version=0.0.4")], b"");
    let server = Server::answering(vec![right, answer(&[], b""), answer(&[("content-type", "text/html")], b"")]);
    assert_eq!(run(&["check", &server.url()]).code, 0);
    let request = server.requests().pop().unwrap();
    assert!(request.contains("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"), "{request}");
    for how in ["comes without a `Content-Type`", "comes as `text/html`"] {
        let said = run(&["check", &server.url()]);
        assert_eq!(said.code, 3);
        assert!(said.out.contains(how), "{}", said.out);
        assert!(said.out.starts_with(&server.url()), "{}", said.out);
    }
}

/// Whatever stands there, it says something and ends.
#[test]
fn no_page_ends_it_otherwise() {
    let all = std::fs::read(page("all.om")).unwrap();
    let odd = std::fs::read(page("odd.prom")).unwrap();
    let mut pages = vec![b"\0".to_vec(), b"\xff\xfe".to_vec(), b"{".repeat(10_000), b"a{".to_vec()];
    for whole in [&all, &odd] {
        for cut in (0..whole.len()).step_by(97) {
            pages.push(whole[..cut].to_vec());
            let mut broken = whole.clone();
            broken[cut] = b'"';
            pages.push(broken);
        }
    }
    for page in pages {
        for arguments in [&["check", "-"][..], &["check", "--format", "text", "-"], &["convert", "--to", "text"]] {
            let said = run_with(arguments, &page);
            assert!(matches!(said.code, 0 | 1 | 3), "{:?}: {}", String::from_utf8_lossy(&page), said.err);
            assert!(!said.err.contains("panicked"), "{}", said.err);
        }
    }
}

#[test]
fn json_is_one_object_a_line() {
    let said = run_with(&["check", "--json", "-"], b"# TYPE a counter\na{b=\"\\\"\"} -1\n");
    assert_eq!(
        said.out.lines().last(),
        Some(
            "{\"file\":\"stdin\",\"line\":2,\"family\":\"a\",\"rule\":\"counter-value\",\"text\":\"is a counter that reads \
             -1, though counters begin at 0 and only go up; make it a gauge\"}"
        )
    );
}
