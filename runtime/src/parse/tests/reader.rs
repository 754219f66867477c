//! Pages that are read piece by piece.

use std::error::Error as _;
use std::fmt::Write as _;
use std::io::{self, Read};

use crate::parse::{self, Event, Reader};
use crate::snapshot::Value;

fn lines(mut reader: Reader<'_>) -> Vec<(usize, String)> {
    let mut told = Vec::new();
    while let Some(event) = reader.next() {
        let what = match event {
            Ok(Event::Family(family)) => family.name().to_owned(),
            Ok(Event::Series(series)) => format!("{:?}", series.labels().collect::<Vec<_>>()),
            Ok(Event::Unit(unit)) => format!("unit {unit}"),
            Ok(Event::Help(help)) => help,
            Err(error) => error.to_string(),
        };
        told.push((reader.line(), what));
    }
    assert!(reader.next().is_none());
    told
}

#[test]
fn each_event_says_the_line_where_it_begins() {
    let page =
        "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\n\nh_count 1\na{b=\"c\"} 1\n# HELP a late\na 2 x\n";
    let told = lines(Reader::text(page.as_bytes()));
    let (last, before) = told.split_last().unwrap();
    let expected = [(1, "h"), (2, "[]"), (6, "a"), (6, "[(\"b\", \"c\")]"), (7, "late")];
    assert_eq!(before, expected.map(|(line, what)| (line, what.to_owned())));
    assert!(last.1.starts_with("line 8, column 5: "), "{}", last.1);
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the cable is out"))
    }
}

#[test]
fn what_came_before_the_connection_broke_is_told() {
    let mut reader = Reader::openmetrics(b"a{b=\"c\"} 1\na 2\n".chain(Broken));
    let events: Vec<_> = reader.by_ref().collect();
    assert_eq!(events.len(), 4);
    let error = events[3].as_ref().unwrap_err();
    assert_eq!(error.to_string(), "line 3, column 1: the page can't be read further: the cable is out");
    assert_eq!(format!("{error:?}"), error.to_string());
    assert!(error.source().is_some());
    assert!(format!("{reader:?}").contains("number"));
}

#[test]
fn a_page_that_would_fill_the_memory_is_refused() {
    let endless = io::repeat(b'a');
    let error = Reader::text(endless).limit(1000).next().unwrap().unwrap_err();
    assert!(error.to_string().contains("1000 bytes"), "{error}");

    let mut buckets = "# TYPE h histogram\n".to_owned();
    for bound in 0..100 {
        writeln!(buckets, "h_bucket{{le=\"{bound}\"}} 1").unwrap();
    }
    let error = Reader::text(buckets.as_bytes()).limit(500).find_map(Result::err).unwrap();
    assert!(error.to_string().contains("lines of this series have more than 500 bytes"), "{error}");
    assert!(parse::text(&buckets).is_ok(), "who has the page in memory needs no limit");
}

#[test]
fn series_wait_for_their_samples_up_to_the_limit() {
    let mut page = "# TYPE s summary\n".to_owned();
    for part in ["_sum", "_count"] {
        for series in 0..100 {
            writeln!(page, "s{part}{{x=\"{series}\"}} 1").unwrap();
        }
    }
    let irregular = |limit: usize| {
        let events = Reader::text(page.as_bytes()).limit(limit).map(Result::unwrap);
        let series = events.filter_map(|event| if let Event::Series(series) = event { Some(series) } else { None });
        let values: Vec<_> = series.map(|series| matches!(series.value(), Value::Irregular(_))).collect();
        (values.len(), values.iter().filter(|irregular| **irregular).count())
    };
    assert_eq!(irregular(10_000), (100, 0));
    let (all, kept) = irregular(200);
    assert!(all > 100 && kept == all, "{all} {kept}");
}

#[test]
fn the_content_type_says_the_format() {
    let page = &b"# TYPE a counter\na_total 1\n# EOF\n"[..];
    for (content_type, name) in [
        ("text/plain", "a"),
        ("Text/Plain; Version=0.0.4; charset=utf-8", "a"),
        ("text/plain;version=\"1.0.0\";escaping=values", "a"),
        ("application/openmetrics-text; version=1.0.0; charset=utf-8", "a_total"),
        ("application/openmetrics-text;version=0.0.1", "a_total"),
        ("application/openmetrics-text", "a_total"),
    ] {
        let mut reader = Reader::by_content_type(content_type, page).unwrap();
        let Some(Ok(Event::Family(family))) = reader.next() else { panic!("{content_type}") };
        assert_eq!(family.name(), name, "{content_type}");
    }
    for content_type in ["", "text/html", "text/plain; version=2.0.0", "application/openmetrics-text; version=2.0.0"] {
        let error = Reader::by_content_type(content_type, page).err().unwrap();
        assert!(error.to_string().contains(&format!("`{content_type}`")), "{error}");
        assert_eq!((error.line(), error.column()), (None, None));
    }
}

/// What would take a second for each line if it weren't linear.
#[test]
fn no_page_takes_more_than_its_length() {
    const MANY: usize = 20_000;
    let labels = |number: usize| format!("{{x=\"{number}\"}}");
    let each = |line: &dyn Fn(usize) -> String| (0..MANY).map(line).collect::<String>();
    let wide: Vec<String> = (0..MANY).map(|number| format!("l{number}=\"\\\\\"")).collect();
    for page in [
        format!("a{{{}}} 1\n", wide.join(",")).repeat(3),
        format!("a{{b=\"{}\"}} 1\n", "\\\"".repeat(MANY)),
        each(&|number| format!("a{number} 1\n")),
        each(&|number| format!("a {number}\nb 1\n")),
        format!("# TYPE h histogram\n{}", each(&|number| format!("h_bucket{{le=\"{}\"}} 1\n", MANY - number))),
        format!("# TYPE s summary\n{}", each(&|number| format!("s{{quantile=\"0.{number}\"}} 1\n"))),
        format!("# TYPE s summary\n{0}{0}", each(&|number| format!("s_sum{} 1\n", labels(number)))),
        each(&|number| format!("# TYPE a{number} gauge\n")),
    ] {
        parse::text(&page).unwrap();
        let _ = parse::openmetrics(&page);
    }
    let one_large =
        format!("{}{}# EOF\n", each(&|number| format!("a{} 1\n", labels(number))), each(&|n| format!("b{n} 1\n")));
    parse::openmetrics(one_large).unwrap();
}
