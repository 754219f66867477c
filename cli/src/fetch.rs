//! `tallymark fetch`: a page, and what changes on it.

use std::hash::{BuildHasher, RandomState};
use std::io::Write as _;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use tallymark::MetricFamily;

use crate::args::Fetch;
use crate::client::{self, Answer, Request};
use crate::error::Error;
use crate::format::Format;
use crate::number::rounded;
use crate::print::{Style, count, output, warn};
use crate::{change, listing};

/// A page that was read, to compare the next one with.
struct Seen {
    format: Format,
    at: Instant,
    families: Vec<MetricFamily>,
}

pub(crate) fn run(fetch: &Fetch) -> Result<ExitCode, Error> {
    let style = Style::of_output();
    let Some(interval) = fetch.interval else {
        let (_, seen) = page(fetch, style, &[])?;
        drop(seen);
        return Ok(ExitCode::SUCCESS);
    };
    let mut before: Vec<Seen> = Vec::new();
    let mut code = ExitCode::SUCCESS;
    let mut due = Instant::now();
    let mut fetched = 0;
    loop {
        match page(fetch, style, &before) {
            Ok((format, seen)) => {
                before.retain(|seen| seen.format != format);
                before.push(seen);
            }
            // It may be back the next time.
            Err(Error::Failed(message)) => {
                warn(&message);
                code = ExitCode::FAILURE;
            }
            Err(error) => return Err(error),
        }
        fetched += 1;
        if fetch.count == Some(fetched) {
            return Ok(code);
        }
        due = next(due, interval);
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
}

/// When it is time again. What came too late is not made up for.
fn next(due: Instant, interval: Duration) -> Instant {
    let now = Instant::now();
    due.checked_add(interval).filter(|due| *due > now).or_else(|| now.checked_add(interval)).unwrap_or(now)
}

/// Fetches a page and shows it; beside one of the same format what has changed.
fn page(fetch: &Fetch, style: Style, before: &[Seen]) -> Result<(Format, Seen), Error> {
    let asked = fetch.format.unwrap_or_else(any);
    let request = Request { accept: asked.accept(), ..fetch.request.clone() };
    let answer = client::get(&fetch.url, &request)?;
    let format = answer.page.format(None);
    let families = format.read(&answer.page.bytes).map_err(|error| {
        let (name, title, hint) = (&answer.page.name, format.title(), answer.page.hint());
        Error::failed(format!("the page of `{name}` can't be read as {title}: {error}{hint}"))
    })?;
    let mut out = output();
    let last = before.iter().find(|seen| seen.format == format);
    writeln!(out, "{}", summary(&answer, format, &families, last))?;
    match last {
        None => {
            for family in &families {
                writeln!(out)?;
                listing::write(&mut out, style, family)?;
            }
        }
        Some(last) => {
            let seconds = (answer.at - last.at).as_secs_f64();
            change::write(&mut out, style, (&last.families, &families), seconds)?;
        }
    }
    out.flush()?;
    Ok((format, Seen { format, at: answer.at, families }))
}

fn summary(answer: &Answer, format: Format, families: &[MetricFamily], last: Option<&Seen>) -> String {
    let series = families.iter().map(|family| family.series().len()).sum();
    let since =
        last.map_or_else(String::new, |last| format!("{} s later, ", rounded((answer.at - last.at).as_secs_f64())));
    format!(
        "{since}{}: {}, {}, {} in {} ms",
        format.name(),
        count(families.len(), "family", "families"),
        count(series, "series", "series"),
        count(answer.page.bytes.len(), "byte", "bytes"),
        rounded(answer.took.as_secs_f64() * 1e3),
    )
}

/// Any of the formats between which servers choose.
fn any() -> Format {
    let formats = [Format::Text, Format::OpenMetrics, Format::Protobuf];
    // Each state has keys of its own.
    let number = RandomState::new().hash_one(0) % formats.len() as u64;
    usize::try_from(number).ok().and_then(|at| formats.get(at)).copied().unwrap_or(Format::Text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_its_turn() {
        for format in [Format::Text, Format::OpenMetrics, Format::Protobuf] {
            // That one of three is not among 400 has a chance of 10^-70.
            assert!((0..400).any(|_| any() == format), "{format:?}");
        }
    }

    #[test]
    fn what_came_too_late_is_not_made_up_for() {
        let (now, second) = (Instant::now(), Duration::from_secs(1));
        let hour = Duration::from_hours(1);
        assert_eq!(next(now, hour), now + hour);
        if let Some(long_ago) = now.checked_sub(10 * second) {
            assert!(next(long_ago, second) > now);
        }
    }
}
