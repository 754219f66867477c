//! `tallymark convert`

use std::fs;

use tallymark::{MetricFamily, SeriesSnapshot, Value, parse};

use crate::server::Server;
use crate::{Said, page, run, run_with};

fn convert(text: &str, arguments: &[&str]) -> Said {
    run_with(&[&["convert"], arguments].concat(), text.as_bytes())
}

/// All that both formats say of families: names, and the numbers of all samples.
fn numbers(families: &[MetricFamily]) -> Vec<String> {
    let mut numbers = Vec::new();
    for family in families {
        for series in family.series() {
            let labels: Vec<_> = series.labels().collect();
            numbers.push(format!("{} {labels:?} {:?}", family.name(), series.value()));
        }
    }
    numbers
}

#[test]
fn a_page_comes_back_as_it_was() {
    let all = page("all.om");
    let there = run(&["convert", "--to", "openmetrics", &all]);
    assert_eq!((there.code, there.err.as_str()), (0, ""));
    let before = parse::openmetrics(fs::read(&all).unwrap()).unwrap();
    assert_eq!(format!("{before:?}"), format!("{:?}", parse::openmetrics(&there.out).unwrap()));
}

#[test]
fn text_is_told_what_it_lacks_and_keeps_every_number() {
    let text = run(&["convert", "--to", "text", &page("all.om")]);
    assert_eq!(text.code, 0);
    assert_eq!(
        text.err.lines().collect::<Vec<_>>(),
        [
            "tallymark: 3 exemplars left out, of which the text format has none",
            "tallymark: 3 created times left out, of which the text format has none",
            "tallymark: 2 units left out, of which the text format has none",
            "tallymark: 1 timestamp rounded down to milliseconds",
            "tallymark: 1 family of the type info, which that format calls gauge",
            "tallymark: 1 family of the type stateset, which that format calls gauge",
            "tallymark: 1 family of the type gaugehistogram, which that format calls histogram",
        ]
    );
    let back = convert(&text.out, &["--to", "openmetrics"]);
    assert_eq!((back.code, back.err.as_str()), (0, ""));
    assert_eq!(numbers(&parse::openmetrics(&back.out).unwrap()), numbers(&parse::text(&text.out).unwrap()));
    for sample in [
        "orders_total{method=\"cash\"} 9007199254740991",
        "queue_bytes -2.5 1520879607.789",
        "latency_seconds_bucket{route=\"/\",le=\"0.5\"} 30",
        "size_bytes{quantile=\"0.9\"} 250.0",
        "build_info{version=\"1.2\\\"\\n\"} 1",
        "door{door=\"open\"} 1",
        "waiting_bucket{le=\"1.0\"} 3",
        "waiting_gsum 12.0",
        "thing NaN",
    ] {
        assert!(back.out.contains(&format!("\n{sample}\n")), "{sample:?} in {}", back.out);
    }
}

#[test]
fn protobuf_is_told_what_it_lacks_and_keeps_every_number() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.pb");
    let file = path.to_str().unwrap();
    let said = run(&["convert", "--to", "protobuf", &page("all.om"), "-o", file]);
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    assert_eq!(
        said.err.lines().collect::<Vec<_>>(),
        [
            "tallymark: 1 timestamp rounded down to milliseconds",
            "tallymark: 1 family of the type info, which that format calls gauge",
            "tallymark: 1 family of the type stateset, which that format calls gauge",
        ]
    );
    let back = run(&["convert", "--to", "openmetrics", file]);
    assert_eq!((back.code, back.err.as_str()), (0, ""));
    // `17` and `17.0` are the same number.
    let number = |word: &str| word.parse::<f64>().map_or_else(|_| word.to_owned(), |number| number.to_string());
    let lines = |page: &str| -> Vec<String> {
        let samples = page.lines().filter(|line| !line.starts_with('#'));
        let samples = samples.map(|line| line.replace("1520879607.789123", "1520879607.789"));
        samples.map(|line| line.split(' ').map(number).collect::<Vec<_>>().join(" ")).collect()
    };
    let there = run(&["convert", "--to", "openmetrics", &page("all.om")]);
    assert_eq!(lines(&back.out), lines(&there.out));

    let said = run(&["check", file]);
    assert_eq!((said.code, said.err.as_str()), (3, ""));
    assert!(said.out.starts_with(&format!("{file}: queue_bytes: has a timestamp")), "{}", said.out);
    for cut in (1..fs::read(&path).unwrap().len()).step_by(31) {
        let said = run_with(&["check", "--format", "protobuf", "-"], &fs::read(&path).unwrap()[..cut]);
        assert!(matches!(said.code, 0 | 1 | 3) && !said.err.contains("panicked"), "{}", said.err);
    }
}

/// A page of Python's client, as it writes them by default.
#[test]
fn gauges_of_created_times_become_those_of_their_series() {
    let python = page("python.prom");
    let text = parse::text(fs::read(&python).unwrap()).unwrap();
    let (gauges, others): (Vec<_>, Vec<_>) = text.into_iter().partition(|family| family.name().ends_with("_created"));
    let said = run(&["convert", "--to", "openmetrics", &python]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let read = parse::openmetrics(&said.out).unwrap();
    assert_eq!(numbers(&read), numbers(&others));
    let mut times = 0;
    for gauge in &gauges {
        let base = gauge.name().strip_suffix("_created").unwrap();
        let of =
            read.iter().find(|family| family.name().strip_suffix("_total").unwrap_or(family.name()) == base).unwrap();
        assert_eq!(of.series().len(), gauge.series().len());
        for series in gauge.series() {
            let labels: Vec<_> = series.labels().collect();
            let created = of.find(&labels).unwrap().created().unwrap();
            assert_eq!(*series.value(), Value::Number(created.as_secs_f64().into()), "{base}{labels:?}");
            times += 1;
        }
    }
    assert_eq!(times, 5);
    for sample in ["jobs_created{queue=\"a\\\"\\\\\\n\"} 1795198787.0254679", "size_bytes_created 1795198787.0256093"] {
        assert!(said.out.contains(&format!("\n{sample}\n")), "{sample:?} in {}", said.out);
    }

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.pb");
    let file = path.to_str().unwrap();
    let protobuf = run(&["convert", "--to", "protobuf", &python, "-o", file]);
    assert_eq!((protobuf.code, protobuf.err.as_str()), (0, ""));
    let protobuf = parse::protobuf(fs::read(&path).unwrap()).unwrap();
    let created = |families: &[MetricFamily]| -> Vec<_> {
        families.iter().flat_map(|family| family.series().iter().map(SeriesSnapshot::created)).collect()
    };
    assert_eq!(created(&protobuf), created(&read));
    assert_eq!(numbers(&protobuf), numbers(&others));

    let text = run(&["convert", "--to", "text", &python]);
    assert_eq!((text.code, text.err.as_str()), (0, ""));
    assert_eq!(numbers(&parse::text(&text.out).unwrap()), numbers(&parse::text(fs::read(&python).unwrap()).unwrap()));
}

#[test]
fn created_times_find_their_series_however_these_are_written() {
    for (page, created) in [
        ("# TYPE x_created gauge\nx_created 5\n# TYPE x counter\nx 1\n", "x_total 1\nx_created 5\n"),
        (
            "# TYPE x counter\nx{a=\"1\",b=\"2\"} 1\nx{a=\"2\",b=\"2\"} 1\n\
             # TYPE x_created gauge\nx_created{b=\"2\",a=\"2\"} 5\n",
            "x_total{a=\"1\",b=\"2\"} 1\nx_total{a=\"2\",b=\"2\"} 1\nx_created{a=\"2\",b=\"2\"} 5\n",
        ),
        (
            "# TYPE x counter\nx{a=\"\"} 1\n# TYPE x_created gauge\nx_created 1.5e9\n",
            "x_total{a=\"\"} 1\nx_created{a=\"\"} 1500000000\n",
        ),
        (
            "# TYPE x counter\nx 1 1000\n# TYPE x_created gauge\nx_created 0.25 1000\n",
            "x_total 1 1\nx_created 0.25 1\n",
        ),
        (
            "# TYPE x counter\nx{a=\"1\"} 1\n# TYPE x_created gauge\nx_created{a=\"2\"} 2\n\
             # TYPE x counter\nx{a=\"2\"} 1\n# TYPE x_created gauge\nx_created{a=\"1\"} 1\n",
            "x_total{a=\"1\"} 1\nx_created{a=\"1\"} 1\nx_total{a=\"2\"} 1\nx_created{a=\"2\"} 2\n",
        ),
        ("# TYPE x counter\nx 1\n# TYPE x_created gauge\n", "x_total 1\n"),
    ] {
        let said = convert(page, &["--to", "openmetrics"]);
        assert_eq!((said.code, said.out), (0, format!("# TYPE x counter\n{created}# EOF\n")), "{page} {}", said.err);
    }
    let quoted = "# TYPE \"a.b_total\" counter\n{\"a.b_total\"} 1\n# TYPE \"a.b_created\" gauge\n{\"a.b_created\"} 5\n";
    let said = convert(quoted, &["--to", "openmetrics"]);
    assert!(said.out.ends_with("\n{\"a.b_created\"} 5\n# EOF\n"), "{said:?}");
}

#[test]
fn a_created_time_of_what_is_no_histogram_goes_with_it() {
    let torn =
        "# TYPE x histogram\nx_bucket{le=\"1\"} 5\nx_bucket{le=\"+Inf\"} 3\n# TYPE x_created gauge\nx_created 5\n";
    let said = convert(torn, &["--to", "openmetrics"]);
    assert_eq!((said.code, said.out.as_str()), (0, "# TYPE x histogram\n# EOF\n"));
    let told = "1 histogram or summary left out whose samples don't make one, which OpenMetrics refuses\n";
    assert_eq!(said.err, format!("tallymark: {told}"));
}

#[test]
fn help_texts_of_created_times_are_told_where_they_say_more() {
    let of = |help: &str| format!("# HELP x_total H.\n# TYPE x_total counter\n{help}# TYPE x_created gauge\n");
    for (help, told) in [
        ("", ""),
        ("# HELP x_created H.\n", ""),
        (
            "# HELP x_created More.\n",
            "tallymark: 1 help text left out, of gauges whose times stand with the series that they are of\n",
        ),
    ] {
        let said = convert(&of(help), &["--to", "openmetrics"]);
        assert_eq!((said.code, said.err.as_str()), (0, told), "{help}");
    }
}

#[test]
fn what_protobuf_would_round_isnt_written() {
    let said = convert("# TYPE a gauge\na{b=\"c\"} 9007199254740993\n", &["--to", "protobuf"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert!(said.err.contains("`a{b=\"c\"}` is 9007199254740993, which protobuf"), "{}", said.err);
}

#[test]
fn numbers_keep_all_their_digits() {
    for number in [
        "18446744073709551615",
        "-9223372036854775808",
        "0.1",
        "1e-320",
        "1.7976931348623157e+308",
        "NaN",
        "+Inf",
        "-0.0",
    ] {
        let page = format!("# TYPE a gauge\na {number}\n");
        for to in ["text", "text-1.0", "openmetrics"] {
            let said = convert(&page, &["--to", to]);
            assert_eq!((said.code, said.err.as_str()), (0, ""));
            assert!(said.out.contains(&format!("\na {number}\n")), "{number} {to}: {}", said.out);
        }
    }
}

#[test]
fn families_that_stand_apart_are_put_together() {
    let said = convert("a{b=\"c\"} 1\nd 2\n# HELP a Help.\na{b=\"e\"} 3\n", &["--to", "openmetrics"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert_eq!(
        said.out,
        "# HELP a Help.\n# TYPE a unknown\na{b=\"c\"} 1\na{b=\"e\"} 3\n# TYPE d unknown\nd 2\n# EOF\n"
    );
}

#[test]
fn what_openmetrics_refuses_isnt_written() {
    for (page, why) in [
        ("# TYPE a counter\na -1\n", "neither negative nor NaN"),
        ("# TYPE a gauge\na 1\na 2\n", "stands there twice"),
        ("# TYPE a_total counter\na_total 1\n# TYPE a gauge\na 1\n", "`# TYPE a` is to stand in front"),
    ] {
        let said = convert(page, &["--to", "openmetrics"]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{page}");
        assert!(said.err.contains("isn't written, since no reader of OpenMetrics"), "{}", said.err);
        assert!(said.err.contains(why), "{page}: {}", said.err);
    }
    let both = convert("a 1\nb 1\n# TYPE a gauge\na 2\n", &["--to", "text"]);
    assert_eq!((both.code, both.out.as_str()), (1, ""));
    assert!(both.err.contains("`a` is of the type unknown in one place and gauge in another"), "{}", both.err);
}

#[test]
fn what_else_openmetrics_lacks_is_told() {
    let torn = "# TYPE a histogram\na_bucket{le=\"1\"} 3\na_bucket{le=\"+Inf\"} 2\n# TYPE b counter\nb 1\n";
    let said = convert(torn, &["--to", "openmetrics"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(said.out, "# TYPE a histogram\n# TYPE b counter\nb_total 1\n# EOF\n");
    assert_eq!(
        said.err.lines().collect::<Vec<_>>(),
        [
            "tallymark: 1 histogram or summary left out whose samples don't make one, which OpenMetrics refuses",
            "tallymark: 1 counter whose name now ends in `_total`"
        ]
    );
    assert_eq!(convert(torn, &["--to", "text"]).out, torn);
}

#[test]
fn what_openmetrics_leaves_out_of_observations_below_zero_is_told() {
    let page = "# TYPE a summary\na{quantile=\"0.5\"} -1\na_sum -3\na_count 2\n\
                # TYPE h histogram\nh_bucket{le=\"-1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 5\nh_count 2\n";
    let said = convert(page, &["--to", "openmetrics"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(
        said.err.lines().collect::<Vec<_>>(),
        [
            "tallymark: 2 sums left out for being below zero, or of buckets below zero, which OpenMetrics refuses",
            "tallymark: 1 quantile left out for being below zero, which OpenMetrics refuses"
        ]
    );
    // What lacks a part is written as it is.
    let parts = "# TYPE a summary\na{quantile=\"0.5\"} 1.0\n# EOF\n";
    let said = convert(parts, &["--from", "openmetrics", "--to", "openmetrics"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert_eq!(convert(page, &["--to", "protobuf"]).err, "");
}

#[test]
fn names_are_written_as_asked() {
    let page = "# TYPE \"a.b\" gauge\n{\"a.b\",\"c.d\"=\"e\"} 1\n";
    for (arguments, sample, told) in [
        (&["--to", "text-1.0"][..], "{\"a.b\",\"c.d\"=\"e\"} 1", ""),
        (&["--to", "openmetrics", "--escaping", "allow-utf-8"], "{\"a.b\",\"c.d\"=\"e\"} 1", ""),
        (&["--to", "text"], "a_b{c_d=\"e\"} 1", "2 names escaped by `underscores`"),
        (&["--to", "text-1.0", "--escaping", "dots"], "a_dot_b{c_dot_d=\"e\"} 1", "2 names escaped by `dots`"),
        (&["--to", "text", "--escaping", "values"], "U__a_2e_b{U__c_2e_d=\"e\"} 1", "2 names escaped by `values`"),
    ] {
        let said = convert(page, arguments);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.out.contains(&format!("\n{sample}\n")), "{arguments:?}: {}", said.out);
        assert!(said.err.contains(told) && said.err.is_empty() == told.is_empty(), "{arguments:?}: {}", said.err);
    }
    let said = convert("# TYPE a_b gauge\na_b 1\n# TYPE \"a.b\" gauge\n{\"a.b\"} 1\n", &["--to", "text"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""));
}

#[test]
fn a_file_is_replaced_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.prom");
    let file = path.to_str().unwrap();
    fs::write(&path, "a 1\n").unwrap();
    // Also where it is what was read.
    let said = run(&["convert", "--to", "openmetrics", file, "-o", file]);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""));
    assert_eq!(fs::read_to_string(&path).unwrap(), "# TYPE a unknown\na 1\n# EOF\n");
    let names = || fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    assert_eq!(names(), ["a.prom"]);

    // A page that can't be said leaves it as it was.
    let said = convert("# TYPE b counter\nb -1\n", &["--to", "openmetrics", "--output", file]);
    assert_eq!(said.code, 1);
    assert!(fs::read_to_string(&path).unwrap().starts_with("# TYPE a "));
    assert_eq!(names(), ["a.prom"]);

    for nowhere in [folder.path().join("no/such/b.prom"), folder.path().to_owned()] {
        let said = convert("a 1\n", &["--to", "text", "-o", nowhere.to_str().unwrap()]);
        assert_eq!((said.code, said.out.as_str()), (1, ""));
        assert!(said.err.contains("can't be written: "), "{}", said.err);
    }
    assert_eq!(names(), ["a.prom"]);
    assert_eq!(convert("a 1\n", &["--to", "text", "-o", "-"]).out, "# TYPE a untyped\na 1\n");
}

#[cfg(unix)]
#[test]
fn a_file_keeps_its_permissions_and_a_link_its_file() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("a.prom"), folder.path().join("link"));
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&path, &link).unwrap();
    assert_eq!(convert("a 1\n", &["--to", "text", "-o", link.to_str().unwrap()]).code, 0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&path).unwrap(), "# TYPE a untyped\na 1\n");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(convert("a 1\n", &["--to", "text", "-o", "/dev/stdout"]).out, "# TYPE a untyped\na 1\n");
}

#[test]
fn what_cant_be_read_is_told_with_its_place() {
    let said = convert("a 1\nb{\n", &["--to", "openmetrics"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert!(said.err.contains("`stdin` can't be read as the text format: line 2, column "), "{}", said.err);
    let said = convert("a 1\n", &["--to", "text", "--from", "openmetrics"]);
    assert!(said.err.contains("can't be read as OpenMetrics: "), "{}", said.err);
}

#[test]
fn a_served_page_can_be_converted() {
    let server = Server::page("application/openmetrics-text; version=1.0.0", b"# TYPE a counter\na_total 1\n# EOF\n");
    let said = run(&["convert", "--to", "text", &server.url()]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert_eq!(said.out, "# TYPE a_total counter\na_total 1\n");
}
