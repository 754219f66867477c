//! Names of any characters, in formats and for readers that don't know them.
//!
//! The rules are those of Prometheus' code (`EscapeMetricFamily` and `EscapeName` in `github.com/prometheus/common/model`):
//! the name of a family is escaped first, and its samples' suffixes are appended to that.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::Escaping;
use crate::descriptor::MetricKind;
use crate::escape::{push_label, read_labels};
use crate::name::{is_plain_label, is_plain_metric, underscored};

/// The name of a family as it is written.
///
/// A state set's is that of the label in which its states stand too (`OpenMetrics` 1.0.0, "`StateSet`"), and a reader
/// that knows no quotes takes no label with a `:`. So where names are escaped both are escaped as a label's.
pub(crate) fn family_name(name: &str, kind: MetricKind, escaping: Escaping) -> Cow<'_, str> {
    if kind == MetricKind::StateSet {
        label_name(name, escaping)
    } else if is_plain_metric(name) {
        Cow::Borrowed(name)
    } else {
        escaped_name(name, true, escaping)
    }
}

/// The name of a label as it is written, but for quotes.
pub(crate) fn label_name(name: &str, escaping: Escaping) -> Cow<'_, str> {
    if is_plain_label(name) { Cow::Borrowed(name) } else { escaped_name(name, false, escaping) }
}

/// Rendered labels, of which some have names that are not plain, as they are written.
pub(super) fn labels(rendered: &str, escaping: Escaping) -> String {
    let mut text = String::new();
    for (name, value) in read_labels(rendered) {
        push_label(&mut text, &label_name(&name, escaping), &value);
    }
    text
}

/// Prometheus' code lets a `:` stand in a label's name too, which no reader of plain names would take.
fn escaped_name(name: &str, metric: bool, escaping: Escaping) -> Cow<'_, str> {
    match escaping {
        Escaping::AllowUtf8 => return Cow::Borrowed(name),
        Escaping::Underscores => return underscored(name, metric),
        Escaping::Dots | Escaping::Values => {}
    }
    let mut text = String::new();
    if escaping == Escaping::Values {
        text.push_str("U__");
    }
    for (at, character) in name.char_indices() {
        let letter = character.is_ascii_alphabetic() || (at > 0 && character.is_ascii_digit());
        match (escaping, character) {
            (_, plain) if letter || (metric && plain == ':') => text.push(plain),
            (Escaping::Dots, '.') => text.push_str("_dot_"),
            (Escaping::Dots, _) | (Escaping::Values, '_') => text.push_str("__"),
            (Escaping::Values, other) => {
                // A `String` takes anything.
                let _ = write!(text, "_{:x}_", u32::from(other));
            }
            _ => text.push('_'),
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_as_by_prometheus() {
        // The cases of `TestEscapeName` there, and what its rules make of others.
        for (name, underscores, dots, values) in [
            ("no:escaping_required", "no:escaping_required", "no:escaping_required", "no:escaping_required"),
            (
                "mysystem.prod.west.cpu.load",
                "mysystem_prod_west_cpu_load",
                "mysystem_dot_prod_dot_west_dot_cpu_dot_load",
                "U__mysystem_2e_prod_2e_west_2e_cpu_2e_load",
            ),
            (
                "mysystem.prod.west.cpu.load_total",
                "mysystem_prod_west_cpu_load_total",
                "mysystem_dot_prod_dot_west_dot_cpu_dot_load__total",
                "U__mysystem_2e_prod_2e_west_2e_cpu_2e_load__total",
            ),
            ("http.status:sum", "http_status:sum", "http_dot_status:sum", "U__http_2e_status:sum"),
            ("label with 😱", "label_with__", "label__with____", "U__label_20_with_20__1f631_"),
            ("花火", "__", "____", "U___82b1__706b_"),
            ("9lives", "_lives", "__lives", "U___39_lives"),
        ] {
            for (escaping, expected) in [
                (Escaping::AllowUtf8, name),
                (Escaping::Underscores, underscores),
                (Escaping::Dots, dots),
                (Escaping::Values, values),
            ] {
                assert_eq!(family_name(name, MetricKind::Gauge, escaping), expected);
                assert_eq!(family_name(name, MetricKind::StateSet, escaping), label_name(name, escaping));
            }
        }
        for (escaping, expected) in [
            (Escaping::AllowUtf8, "a:b"),
            (Escaping::Underscores, "a_b"),
            (Escaping::Dots, "a__b"),
            (Escaping::Values, "U__a_3a_b"),
        ] {
            assert_eq!(label_name("a:b", escaping), expected);
        }
        assert_eq!(labels(r#"a="x","b.c"="\"\n""#, Escaping::Dots), r#"a="x",b_dot_c="\"\n""#);
        assert_eq!(labels(r#"a="x","b.c"="\"\n""#, Escaping::AllowUtf8), r#"a="x","b.c"="\"\n""#);
    }
}
