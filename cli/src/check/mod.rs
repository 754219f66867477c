//! `tallymark check`: what is wrong with a page.

mod clash;
mod finding;
mod histogram;
mod lines;
mod names;
mod series;

pub(crate) use series::is_below_zero;

use std::collections::HashSet;
use std::io::Write as _;
use std::process::ExitCode;
use std::slice;

use tallymark::parse::{Event, Reader};
use tallymark::{MetricFamily, testing};

use crate::args::Check;
use crate::error::Error;
use crate::format::Format;
use crate::print::{harmless, output};
use crate::source::Page;
use finding::{Finding, Findings};

/// Something was found.
const FOUND: u8 = 3;

pub(crate) fn run(check: &Check) -> Result<ExitCode, Error> {
    let page = check.source.page(&check.request)?;
    let format = page.format(check.format);
    let families = format.read(&page.bytes).map_err(|error| {
        let (name, title, text) = (&page.name, format.title(), &error.text);
        let place = error.place.map(|(line, column)| format!("{line}:{column}:")).unwrap_or_default();
        let hint = page.hint();
        Error::failed(format!("{name}:{place} the page isn't in {title}, and wasn't read further: {text}{hint}"))
    })?;
    let findings = find(&page, format, &families);
    let mut out = output();
    for finding in &findings {
        if check.json {
            finding.write_json(&mut out, &page.name)?;
        } else {
            finding.write(&mut out, &page.name)?;
        }
    }
    out.flush()?;
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
}

fn find(page: &Page, format: Format, families: &[MetricFamily]) -> Vec<Finding> {
    let mut findings = Findings::default();
    content_type(page, &mut findings);
    let places = places(format, &page.bytes, families.len());
    names::check(families, &places, format, &mut findings);
    clash::check(families, &places, format, &mut findings);
    if format != Format::Protobuf {
        lines::check(page, format, families, &places, &mut findings);
    }
    conventions(families, &places, &mut findings);
    series::check(families, &places, &mut findings);
    findings.sorted()
}

/// What promtool finds. Of a family that stands in several places each is told once.
fn conventions(families: &[MetricFamily], places: &[Place], findings: &mut Findings) {
    let helped: HashSet<&str> =
        families.iter().filter(|family| !family.help().is_empty()).map(MetricFamily::name).collect();
    let mut told: HashSet<(&str, String)> = HashSet::new();
    for (family, place) in families.iter().zip(places) {
        findings.begin(family.name(), place.line);
        for problem in testing::lint_families(slice::from_ref(family)) {
            let elsewhere = problem.rule() == testing::Rule::Help && helped.contains(family.name());
            if !elsewhere && told.insert((family.name(), problem.text().to_owned())) {
                findings.tell(rule_name(problem.rule()), problem.text());
            }
        }
    }
}

/// Prometheus 3 takes no page of which it isn't told what it is.
fn content_type(page: &Page, findings: &mut Findings) {
    if !page.served {
        return;
    }
    let how = match page.content_type.as_deref() {
        None => "without a `Content-Type`".to_owned(),
        Some(said) if Format::of_content_type(said).is_none() => format!("as `{}`", harmless(said)),
        Some(_) => return,
    };
    let right = "serve it as `text/plain; version=0.0.4; charset=utf-8`, or as what it is";
    findings.of_page("content-type", &format!("the page comes {how}, so Prometheus 3 refuses it; {right}"));
}

/// The lines in which a family and its series begin.
#[derive(Clone, Debug, Default)]
struct Place {
    /// None of a page that has no lines.
    line: Option<usize>,
    series: Vec<usize>,
}

fn places(format: Format, page: &[u8], families: usize) -> Vec<Place> {
    let reader = match format {
        Format::Text | Format::Text1 => Reader::text(page),
        Format::OpenMetrics => Reader::openmetrics(page),
        Format::Protobuf => return vec![Place::default(); families],
    };
    let mut reader = reader.limit(usize::MAX);
    let mut places: Vec<Place> = Vec::with_capacity(families);
    // It was read before, so there are no errors.
    while let Some(Ok(event)) = reader.next() {
        match (event, places.last_mut()) {
            (Event::Family(_), _) => places.push(Place { line: Some(reader.line()), series: Vec::new() }),
            (Event::Series(_), Some(place)) => place.series.push(reader.line()),
            _ => {}
        }
    }
    places.resize(families, Place::default());
    places
}

fn rule_name(rule: testing::Rule) -> &'static str {
    use testing::Rule;
    match rule {
        Rule::Help => "help",
        Rule::BaseUnit => "base-unit",
        Rule::Total => "total",
        Rule::Timestamp => "timestamp-name",
        Rule::ReservedSuffix => "reserved-suffix",
        Rule::ReservedLabel => "reserved-label",
        Rule::TypeInName => "type-in-name",
        Rule::Colon => "colon",
        Rule::SnakeCase => "snake-case",
        Rule::AbbreviatedUnit => "abbreviated-unit",
        _ => "convention",
    }
}
