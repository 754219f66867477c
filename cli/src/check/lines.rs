//! What only the lines of a page say: spelling and order, of which families know nothing any more.

use std::collections::{HashMap, HashSet};

use tallymark::{MetricFamily, MetricKind, Value};

use super::Place;
use super::finding::Findings;
use crate::format::Format;
use crate::print::quoted;
use crate::source::Page;

/// What the lines say of a histogram.
#[derive(Debug, Default)]
struct Told<'a> {
    /// How many samples say a count, and how many a sum.
    counts: usize,
    sums: usize,
    /// The first bound that is spelt oddly, and its line.
    odd: Option<(usize, &'a str)>,
    /// The line of the first bucket that stands behind a greater one.
    unsorted: Option<usize>,
    /// The labels of the last bucket but `le`, and its bound.
    last: Option<(Vec<(&'a str, &'a str)>, f64)>,
}

/// Checks the lines of a page that was read as these families.
pub(super) fn check(page: &Page, format: Format, families: &[MetricFamily], places: &[Place], findings: &mut Findings) {
    ends(page, findings);
    let text = String::from_utf8_lossy(&page.bytes);
    let mut typed: HashSet<&str> = HashSet::new();
    let mut histograms: HashMap<&str, Told<'_>> = families
        .iter()
        .filter(|family| matches!(family.kind(), MetricKind::Histogram | MetricKind::GaugeHistogram))
        .map(|family| (family.name(), Told::default()))
        .collect();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_matches([' ', '\t']);
        if let Some(comment) = line.strip_prefix('#') {
            let mut words = comment.split([' ', '\t']).filter(|word| !word.is_empty());
            if words.next() == Some("TYPE") {
                typed.extend(words.next().map(|name| name.trim_matches('"')));
            }
        } else if let Some((name, labels)) = sample(line).filter(|(name, _)| !typed.contains(name)) {
            for suffix in ["_bucket", "_sum", "_count", "_gsum", "_gcount"] {
                if let Some(told) = name.strip_suffix(suffix).and_then(|family| histograms.get_mut(family)) {
                    told.take(suffix, &labels, number, format);
                }
            }
        }
    }
    let mut seen = HashSet::new();
    for (family, place) in families.iter().zip(places) {
        findings.begin(family.name(), place.line);
        if !seen.insert(family.name()) {
            continue;
        }
        // Of a name in whose quotes something is escaped it isn't known.
        let spelt = !family.name().contains(['"', '\\', '\n', ' ', '\t']);
        if family.kind() == MetricKind::Unknown && spelt && !typed.contains(family.name()) {
            findings.tell("type", "has no `# TYPE`; say whether it is a counter, a gauge or what else");
        }
        if let Some(told) = histograms.get(family.name()) {
            let same = families.iter().filter(|other| other.name() == family.name());
            told.tell(same.map(|other| other.series().len()).sum(), has_negative_bounds(family), findings);
        }
    }
}

/// What Prometheus takes worse than other readers.
fn ends(page: &Page, findings: &mut Findings) {
    let lines = || page.bytes.split(|byte| *byte == b'\n');
    if let Some(at) = lines().position(|line| line.ends_with(b"\r")) {
        findings.of_line(at + 1, "line-end", "the line ends in CR LF, which Prometheus refuses; end lines in LF alone");
    }
    if page.bytes.last().is_some_and(|last| *last != b'\n') {
        let text = "the last line doesn't end, so the page may be cut off, and Prometheus refuses it; end it in LF";
        findings.of_line(lines().count(), "line-end", text);
    }
}

/// Then the sum can fall, so that neither it nor the count is to be there (`OpenMetrics` 1.0.0, "Histogram").
fn has_negative_bounds(family: &MetricFamily) -> bool {
    let first = |value: &Value| match value {
        Value::Histogram(histogram) => histogram.buckets().next().map(|(bound, _)| bound),
        _ => None,
    };
    let bounds = family.series().iter().filter_map(|series| first(series.value()));
    family.kind() == MetricKind::Histogram && bounds.into_iter().any(|bound| bound < 0.0)
}

impl<'a> Told<'a> {
    fn take(&mut self, suffix: &str, labels: &[(&'a str, &'a str)], line: usize, format: Format) {
        match suffix {
            "_sum" | "_gsum" => self.sums += 1,
            "_count" | "_gcount" => self.counts += 1,
            _ => {
                let Some((_, text)) = labels.iter().find(|(name, _)| *name == "le") else { return };
                let Ok(bound) = text.parse::<f64>() else { return };
                if self.odd.is_none() && !is_usual(text, bound, format) {
                    self.odd = Some((line, text));
                }
                let others: Vec<_> = labels.iter().copied().filter(|(name, _)| *name != "le").collect();
                if let Some((before, last)) = &self.last
                    && *last > bound
                    && *before == others
                {
                    self.unsorted = self.unsorted.or(Some(line));
                }
                self.last = Some((others, bound));
            }
        }
    }

    fn tell(&self, series: usize, negative: bool, findings: &mut Findings) {
        if let Some((line, text)) = self.odd {
            findings.tell_in(Some(line), "bound", || {
                let usual = quoted(&text.parse().map_or_else(|_| String::new(), canonical));
                let text = quoted(text);
                format!("has the bound `le={text}`, which others spell `le={usual}`; write that, since Prometheus before 3.0 \
                     takes them for two")
            });
        }
        if let Some(line) = self.unsorted {
            findings.tell_in(Some(line), "unsorted", || {
                "has buckets that aren't sorted; write them by rising `le`, as OpenMetrics must have them".to_owned()
            });
        }
        if negative {
            return;
        }
        for (there, what) in [(self.counts, "count"), (self.sums, "sum")] {
            if there < series {
                let lacking =
                    if series == 1 { String::new() } else { format!(" in {} of {series} series", series - there) };
                findings.tell(what, &format!("has no {what}{lacking}; write it behind the buckets"));
            }
        }
    }
}

/// Whether a bound is spelt as `OpenMetrics` wants it, or in the text format as Go's client writes it.
fn is_usual(text: &str, bound: f64, format: Format) -> bool {
    let canonical = canonical(bound);
    text == canonical || (format != Format::OpenMetrics && canonical.strip_suffix(".0") == Some(text))
}

/// `OpenMetrics` 1.0.0, "Considerations: Canonical Numbers": as Go's `%g` has it, with `.0` behind integers.
fn canonical(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let text = format!("{number:e}");
    let Some((digits, exponent)) = text.split_once('e') else { return text };
    match exponent.parse::<i32>() {
        Ok(exponent) if (-4..6).contains(&exponent) => format!("{number:?}"),
        Ok(exponent) => format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs()),
        Err(_) => text,
    }
}

/// The name and the labels of a sample, as they are written but for quotes.
type Sample<'a> = (&'a str, Vec<(&'a str, &'a str)>);

fn sample(line: &str) -> Option<Sample<'_>> {
    let (mut name, rest) = line.split_at(line.find(['{', ' ', '\t'])?);
    let mut labels = Vec::new();
    let Some(mut rest) = rest.trim_start_matches([' ', '\t']).strip_prefix('{') else { return Some((name, labels)) };
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.starts_with('}') {
            return Some((name, labels));
        }
        let (label, behind) = match rest.strip_prefix('"') {
            Some(quoted) => until_quote(quoted)?,
            None => rest.split_at(rest.find(['=', ' ', '\t'])?),
        };
        match behind.trim_start_matches([' ', '\t']).strip_prefix('=') {
            Some(value) => {
                let (value, behind) = until_quote(value.trim_start_matches([' ', '\t']).strip_prefix('"')?)?;
                labels.push((label, value));
                rest = behind;
            }
            // The name may stand among the labels, in quotes.
            None if rest.starts_with('"') => {
                name = label;
                rest = behind;
            }
            None => return None,
        }
    }
}

/// What stands before the quote that ends it, and what behind.
fn until_quote(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some((&text[..at], &text[at + 1..])),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_have_one_spelling() {
        for (number, text) in [
            (0.0, "0.0"),
            (1.0, "1.0"),
            (-2.5, "-2.5"),
            (100_000.0, "100000.0"),
            (1e6, "1e+06"),
            (1_234_567.0, "1.234567e+06"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e100, "1e+100"),
            (f64::INFINITY, "+Inf"),
        ] {
            assert_eq!(canonical(number), text);
            assert!(is_usual(text, number, Format::OpenMetrics));
        }
        assert!(is_usual("1", 1.0, Format::Text));
        assert!(!is_usual("1", 1.0, Format::OpenMetrics));
        assert!(!is_usual("1.00", 1.0, Format::Text));
        assert!(!is_usual("inf", f64::INFINITY, Format::Text));
    }

    #[test]
    fn samples_are_taken_apart_wherever_their_names_stand() {
        assert_eq!(sample("a 1"), Some(("a", vec![])));
        assert_eq!(sample("a{b=\"c\"} 1"), Some(("a", vec![("b", "c")])));
        assert_eq!(sample("a { b = \"c}\\\"\" , d=\"\", } 1"), Some(("a", vec![("b", "c}\\\""), ("d", "")])));
        assert_eq!(sample("{\"a.b\",\"c d\"=\"e\"} 1"), Some(("a.b", vec![("c d", "e")])));
        for broken in ["a", "a{", "a{b", "a{b=", "a{b=\"c", "a{b c", "a{b=\"c\"", "{\"", "{\"a\\\""] {
            assert_eq!(sample(broken), None, "{broken}");
        }
    }
}
