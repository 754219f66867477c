//! The labels of a line, which mostly begin as those of the line before.

use super::super::error::{Fault, fault};
use super::super::label::shown;
use super::super::scan;
use super::{Label, Part, Same, blanks, quoted};

/// Takes over the labels of the line before that this line begins with too, in which the brace stands at `now`; says where
/// it goes on behind them.
#[inline]
pub(super) fn take_over(
    before: &[u8],
    brace: usize,
    line: &[u8],
    now: usize,
    labels: &mut [Label],
    same: &mut Same,
) -> usize {
    let common = scan::common(&line[now..], before.get(brace..).unwrap_or_default());
    let mut at = now + 1;
    for Label { name, value } in labels {
        // The last byte in common may be the quote behind the value.
        if value.end - brace >= common {
            break;
        }
        for part in [name, &mut *value] {
            (part.start, part.end) = (part.start - brace + now, part.end - brace + now);
        }
        at = value.end + 1;
        same.labels += 1;
    }
    at
}

/// Reads labels from behind the brace, up to behind the closing one, in the room of those of the line `before`, of which
/// the first may be known to be the `same`: then from behind them. Where `name` is given, the metric's name is to be among
/// them.
#[inline]
pub(super) fn read_labels<const STRICT: bool>(
    line: &str,
    start: usize,
    labels: &mut Vec<Label>,
    before: &[u8],
    same: &mut Same,
    mut name: Option<&mut Option<Part>>,
) -> Result<usize, Fault> {
    let bytes = line.as_bytes();
    let skip = |at: usize| if STRICT { at } else { blanks(line, at) };
    let mut count = same.labels;
    let mut known = count > 0;
    let mut names = true;
    let mut at = start;
    if !known {
        at = skip(at);
        if !STRICT && bytes.get(at) == Some(&b',') && bytes.get(skip(at + 1)) == Some(&b'}') {
            // Python's client reads a comma without labels.
            at = skip(at + 1);
        }
        if bytes.get(at) == Some(&b'}') {
            same.label_names = labels.is_empty();
            labels.clear();
            return Ok(at + 1);
        }
    }
    loop {
        if !known {
            let item;
            let expected = labels.get(count).and_then(|label| expected_name(before, label.name));
            let as_expected = expected.is_some_and(|expected| bytes[at..].starts_with(expected));
            names &= as_expected;
            (item, at) = if let Some(expected) = expected
                && as_expected
            {
                let end = at + expected.len() - 1;
                (Part { start: at, end, escapes: 0 }, end)
            } else if bytes.get(at) == Some(&b'"') {
                quoted(line, at + 1)?
            } else {
                let end = scan::label_name(bytes, at);
                (Part { start: at, end, escapes: 0 }, end)
            };
            let opened = item.end < at;
            at = skip(at);
            match bytes.get(at) {
                Some(b'=') if item.start < item.end => {
                    at = skip(at + 1);
                    if bytes.get(at) != Some(&b'"') {
                        return fault(at, format!("the value of the label `{}` is to stand in \"\"", item.of(line)));
                    }
                    let value;
                    (value, at) = quoted(line, at + 1)?;
                    let label = Label { name: item, value };
                    match labels.get_mut(count) {
                        Some(place) => *place = label,
                        None => labels.push(label),
                    }
                    count += 1;
                }
                Some(b',' | b'}') if opened && item.start < item.end => match &mut name {
                    Some(name @ None) => **name = Some(item),
                    _ => {
                        return fault(
                            item.start,
                            format!(
                                "`{}` would be the metric's name, but there is one already; a label has a value, as in `\"a\"=\"b\"`",
                                shown(&item.of(line))
                            ),
                        );
                    }
                },
                _ if opened && item.start == item.end => {
                    return fault(item.start, "a name in quotes is not to be empty");
                }
                _ => return fault(at, no_label(line, at, item)),
            }
        }
        known = false;
        let behind = at;
        at = skip(at);
        match bytes.get(at) {
            Some(b'}') => break,
            Some(b',') => {
                at = skip(at + 1);
                if !STRICT && bytes.get(at) == Some(&b'}') {
                    break;
                }
            }
            // Prometheus reads labels with blanks alone between them.
            Some(_) if !STRICT && behind < at => {}
            _ => return fault(at, "behind a label there is to be `,` and another, or `}`"),
        }
    }
    same.label_names = names && count == labels.len();
    labels.truncate(count);
    Ok(at + 1)
}

/// The name of a label of the line before, with the `=` behind it, unless it stands in quotes.
#[inline]
fn expected_name(before: &[u8], name: Part) -> Option<&[u8]> {
    let expected = before.get(name.start..=name.end)?;
    expected.ends_with(b"=").then_some(expected)
}

#[cold]
#[inline]
fn no_label(line: &str, at: usize, item: Part) -> String {
    let rest = shown(&line[at..]);
    if item.start == item.end {
        match line.as_bytes().get(at) {
            None => "the labels aren't closed; write `}` behind the last one".to_owned(),
            Some(b'}') => "a comma is to be followed by another label".to_owned(),
            Some(b' ' | b'\t') => "`OpenMetrics` has no blanks among labels".to_owned(),
            Some(_) => format!(
                "a label's name begins with a letter or `_`, not as in `{rest}`; write others in quotes, as in `\"my.label\"=\"x\"`"
            ),
        }
    } else {
        format!("behind the label's name `{}` there is to be `=\"` and its value, not `{rest}`", item.of(line))
    }
}
