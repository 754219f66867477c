//! Pages beside what they should read.

use std::fmt::{self, Write as _};

use super::near;
use crate::exposition::text;
use crate::registry::Registry;
use crate::snapshot::MetricFamily;
use crate::sort::sort_by;

/// Makes sure that a registry's page reads so in the text format 0.0.4: of the families and samples with these names, or
/// all of it where no name is given.
///
/// Blank lines don't count, nor what stands before and behind the text of a line.
///
/// ```
/// use tallymark::{Histogram, Registry, testing};
///
/// let registry = Registry::new();
/// let latency = Histogram::builder("latency_seconds", "How long it took.").buckets([0.1, 1.0])?.build()?;
/// registry.register(&latency)?;
/// latency.observe(0.5);
/// testing::assert_text(&registry, &["latency_seconds"], r#"
///     ## HELP latency_seconds How long it took.
///     ## TYPE latency_seconds histogram
///     latency_seconds_bucket{le="0.1"} 0
///     latency_seconds_bucket{le="1.0"} 1
///     latency_seconds_bucket{le="+Inf"} 1
///     latency_seconds_sum 0.5
///     latency_seconds_count 1
/// "#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
/// Where it reads anything else, with the [`Difference`].
#[track_caller]
#[inline]
pub fn assert_text(registry: &Registry, names: &[&str], expected: &str) {
    if let Err(difference) = compare_text(registry, names, expected) {
        panic!("{difference}");
    }
}

/// As [`assert_text`], without a panic.
///
/// # Errors
/// Where it reads anything else.
#[inline]
pub fn compare_text(registry: &Registry, names: &[&str], expected: &str) -> Result<(), Difference> {
    let families = if names.is_empty() { registry.gather() } else { named(registry, names) };
    let page = text::encode(&families);
    let Some(mut difference) = Difference::between(&lines(expected), &lines(&page)) else { return Ok(()) };
    let shown = |name: &&&str| families.iter().any(|family| answers(family, name));
    if let Some(absent) = names.iter().find(|name| !shown(name)) {
        // A `String` takes anything.
        let _ = write!(difference.text, "\n{}", near::unknown(&registry.gather(), absent));
    }
    Err(difference)
}

/// Those that collectors have described, and of the others, which are found only by asking all of them, whole families.
#[inline]
fn named(registry: &Registry, names: &[&str]) -> Vec<MetricFamily> {
    let mut families = registry.restricted(names.iter().copied()).gather();
    let absent: Vec<&&str> = names.iter().filter(|name| !families.iter().any(|it| answers(it, name))).collect();
    if !absent.is_empty() {
        let others = registry.gather().into_iter().filter(|family| absent.iter().any(|name| **name == family.name()));
        families.extend(others);
        sort_by(&mut families, |a, b| a.name().cmp(b.name()));
    }
    families
}

#[inline]
fn answers(family: &MetricFamily, name: &str) -> bool {
    let suffixes = family.kind().sample_suffixes();
    let base = family.kind().base(family.name());
    name == base || name.strip_prefix(family.name()).is_some_and(|rest| rest.is_empty() || suffixes.contains(&rest))
}

#[inline]
fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// What a page reads and shouldn't, and what it should and doesn't, line by line.
///
/// ```
/// use tallymark::{Counter, Registry, testing};
///
/// let registry = Registry::new();
/// let jobs = Counter::new("jobs_total", "Jobs done.")?;
/// registry.register(&jobs)?;
/// let difference = testing::compare_text(&registry, &[], "
///     ## HELP jobs_total Jobs done.
///     ## TYPE jobs_total counter
///     jobs_total 1
/// ").unwrap_err();
/// assert_eq!(difference.to_string(), "\
/// the page reads otherwise (`-` is expected, `+` is there):
///   ## HELP jobs_total Jobs done.
///   ## TYPE jobs_total counter
/// - jobs_total 1
/// + jobs_total 0");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Difference {
    text: String,
}

impl fmt::Display for Difference {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Difference {
    /// As it reads, for `unwrap`.
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Difference {}

/// How many lines that don't differ are shown around those that do.
const CONTEXT: usize = 2;

/// How many lines are shown.
const MOST_LINES: usize = 60;

/// How many characters of a line are shown.
const MOST_CHARS: usize = 300;

/// Up to how many pairs of lines are compared to find what stands in the same order.
const MOST_PAIRS: usize = 1 << 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Line<'a> {
    Same(&'a str),
    Expected(&'a str),
    Found(&'a str),
}

impl Difference {
    /// None where they are the same.
    #[inline]
    fn between(expected: &[&str], found: &[&str]) -> Option<Self> {
        if expected == found {
            return None;
        }
        let lines = compared(expected, found);
        let moved = moved(&lines);
        let differing = lines.iter().filter(|line| !matches!(line, Line::Same(_))).count();
        let head = if 2 * moved.len() == differing {
            "the page has these lines in another order"
        } else {
            "the page reads otherwise"
        };
        let mut difference = Self { text: format!("{head} (`-` is expected, `+` is there):") };
        difference.show(&lines);
        if !moved.is_empty() && 2 * moved.len() < differing {
            difference.text.push_str("\nonly in another place:");
            difference.list(moved.iter().map(|line| (' ', *line)), moved.len());
        }
        Some(difference)
    }

    #[inline]
    fn show(&mut self, lines: &[Line<'_>]) {
        let differs = |line: &Line<'_>| !matches!(line, Line::Same(_));
        let shown: Vec<(char, &str)> = (0..lines.len())
            .filter_map(|at| {
                let near = |at: usize| &lines[at.saturating_sub(CONTEXT)..lines.len().min(at + CONTEXT + 1)];
                let is_near = |at: usize| near(at).iter().any(differs);
                match lines[at] {
                    Line::Expected(line) => Some(('-', line)),
                    Line::Found(line) => Some(('+', line)),
                    Line::Same(line) if is_near(at) => Some((' ', line)),
                    // One line for all that is left out.
                    Line::Same(_) => (at == 0 || is_near(at - 1)).then_some((' ', "…")),
                }
            })
            .collect();
        self.list(shown.iter().copied(), shown.len());
    }

    #[inline]
    fn list<'a>(&mut self, lines: impl Iterator<Item = (char, &'a str)>, count: usize) {
        for (sign, line) in lines.take(MOST_LINES) {
            let _ = write!(self.text, "\n{sign} ");
            match line.char_indices().nth(MOST_CHARS) {
                None => self.text.push_str(line),
                Some((end, _)) => {
                    self.text.push_str(&line[..end]);
                    self.text.push('…');
                }
            }
        }
        if count > MOST_LINES {
            let _ = write!(self.text, "\n… and {} more lines", count - MOST_LINES);
        }
    }
}

/// Both texts as one, with as many lines in common as there can be; on huge pages, with those that both have.
#[inline]
fn compared<'a>(expected: &[&'a str], found: &[&'a str]) -> Vec<Line<'a>> {
    let before = expected.iter().zip(found).take_while(|(a, b)| a == b).count();
    let (expected_rest, found_rest) = (&expected[before..], &found[before..]);
    let behind = expected_rest.iter().rev().zip(found_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (same_behind, expected_rest) =
        (&expected_rest[expected_rest.len() - behind..], &expected_rest[..expected_rest.len() - behind]);
    let found_rest = &found_rest[..found_rest.len() - behind];
    let mut lines: Vec<Line<'a>> = expected[..before].iter().copied().map(Line::Same).collect();
    if expected_rest.len().saturating_mul(found_rest.len()) <= MOST_PAIRS {
        align(expected_rest, found_rest, &mut lines);
    } else {
        without_order(expected_rest, found_rest, &mut lines);
    }
    lines.extend(same_behind.iter().copied().map(Line::Same));
    lines
}

/// Puts both together with their longest common subsequence.
#[inline]
fn align<'a>(expected: &[&'a str], found: &[&'a str], lines: &mut Vec<Line<'a>>) {
    // Of each pair of rests, how many lines they have in common.
    let width = found.len() + 1;
    let mut common = vec![0_u32; (expected.len() + 1) * width];
    for i in (0..expected.len()).rev() {
        for j in (0..found.len()).rev() {
            common[i * width + j] = if expected[i] == found[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < expected.len() || j < found.len() {
        if i < expected.len() && j < found.len() && expected[i] == found[j] {
            lines.push(Line::Same(expected[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == found.len() || (i < expected.len() && common[(i + 1) * width + j] >= common[i * width + j + 1]) {
            lines.push(Line::Expected(expected[i]));
            i += 1;
        } else {
            lines.push(Line::Found(found[j]));
            j += 1;
        }
    }
}

/// Puts what only one of them has behind each other.
#[inline]
fn without_order<'a>(expected: &[&'a str], found: &[&'a str], lines: &mut Vec<Line<'a>>) {
    let in_both = in_both(expected, found);
    let only = |lines: &[&'a str]| -> Vec<&'a str> {
        let mut both = in_both.clone();
        let mut only = lines.to_vec();
        only.retain(|line| match both.binary_search_by(|(there, _)| there.cmp(line)) {
            Ok(at) if both[at].1 > 0 => {
                both[at].1 -= 1;
                false
            }
            _ => true,
        });
        only
    };
    let (only_expected, only_found) = (only(expected), only(found));
    if only_expected.is_empty() && only_found.is_empty() {
        // They stand in another order.
        lines.extend(expected.iter().copied().map(Line::Expected));
        lines.extend(found.iter().copied().map(Line::Found));
    }
    lines.extend(only_expected.into_iter().map(Line::Expected));
    lines.extend(only_found.into_iter().map(Line::Found));
}

/// The lines that are expected in one place and stand in another.
#[inline]
fn moved<'a>(lines: &[Line<'a>]) -> Vec<&'a str> {
    let (mut expected, mut found) = (Vec::new(), Vec::new());
    for line in lines {
        match *line {
            Line::Expected(line) => expected.push(line),
            Line::Found(line) => found.push(line),
            Line::Same(_) => {}
        }
    }
    in_both(&expected, &found).into_iter().flat_map(|(line, times)| std::iter::repeat_n(line, times)).collect()
}

/// The lines that two lists have, sorted, and how often both have them.
#[inline]
fn in_both<'a>(a: &[&'a str], b: &[&'a str]) -> Vec<(&'a str, usize)> {
    let sorted = |lines: &[&'a str]| {
        let mut lines = lines.to_vec();
        sort_by(&mut lines, Ord::cmp);
        lines
    };
    let (a, b) = (sorted(a), sorted(b));
    let mut both: Vec<(&str, usize)> = Vec::new();
    let mut at = 0;
    for line in a {
        while b.get(at).is_some_and(|other| *other < line) {
            at += 1;
        }
        if b.get(at) == Some(&line) {
            at += 1;
            match both.last_mut().filter(|(last, _)| *last == line) {
                Some((_, times)) => *times += 1,
                None => both.push((line, 1)),
            }
        }
    }
    both
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn difference(expected: &str, found: &str) -> Option<String> {
        Difference::between(&lines(expected), &lines(found)).map(|difference| difference.to_string())
    }

    #[test]
    fn what_is_far_from_a_difference_is_left_out() {
        let line = |changed: &str, line| if line == 10 { changed.to_owned() } else { format!("x {line}") };
        let page = |changed: &str| (0..20).map(|number| line(changed, number)).collect::<Vec<_>>().join("\n");
        let expected = "the page reads otherwise (`-` is expected, `+` is there):
  …
  x 8
  x 9
- a
+ b
  x 11
  x 12
  …";
        assert_eq!(difference(&page("a"), &page("b")).as_deref(), Some(expected));
        assert_eq!(difference(&page("a"), &page("  a\n\n")), None);
    }

    #[test]
    fn what_stands_in_another_place_is_told() {
        let expected = "the page has these lines in another order (`-` is expected, `+` is there):\n- a\n  b\n+ a";
        assert_eq!(difference("a\nb", "b\na").as_deref(), Some(expected));
        let text = difference("a\nb\nc\nd", "b\nc\na\ne").unwrap();
        assert!(text.starts_with("the page reads otherwise"), "{text}");
        assert!(text.ends_with("only in another place:\n  a"), "{text}");
    }

    #[test]
    fn a_difference_is_bounded_however_long_pages_and_lines_are() {
        let lines = |from: usize| -> Vec<String> {
            (from..from + 50_000).map(|line| format!("x{{long=\"{}\"}} {line}", "y".repeat(900))).collect()
        };
        let page = |from: usize| lines(from).join("\n");
        let text = difference(&page(0), &page(3)).unwrap();
        assert!(text.len() < (MOST_LINES + 4) * (MOST_CHARS + 8), "{}", text.len());
        // What both have is not told, though all stands in another place.
        assert!(text.contains("- x{long") && text.lines().count() < 10, "{text}");
        let text = difference(&page(0), &page(50_000)).unwrap();
        assert!(text.ends_with("… and 99940 more lines"), "{text}");
        let mut backwards = lines(0);
        backwards.reverse();
        let text = difference(&page(0), &backwards.join("\n")).unwrap();
        assert!(text.starts_with("the page has these lines in another order"), "{text}");
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_from_what_is_put_together(
            expected in prop::collection::vec("[a-d]", 0..12),
            found in prop::collection::vec("[a-d]", 0..12),
        ) {
            let [expected, found] = [&expected, &found].map(|lines| lines.iter().map(String::as_str).collect::<Vec<_>>());
            let lines = compared(&expected, &found);
            let (mut left, mut right) = (Vec::new(), Vec::new());
            for line in lines {
                let (Line::Same(text) | Line::Expected(text) | Line::Found(text)) = line;
                left.extend((!matches!(line, Line::Found(_))).then_some(text));
                right.extend((!matches!(line, Line::Expected(_))).then_some(text));
            }
            prop_assert_eq!(left, expected);
            prop_assert_eq!(right, found);
        }
    }
}
