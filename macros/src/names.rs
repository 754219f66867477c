//! Names: the rules of the data model, and the names that are derived.

use syn::Ident;
use syn::ext::IdentExt as _;

/// Whether a name may have characters that the data model's classic rules don't allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Utf8 {
    Never,
    /// Not as it stands there; it could be, by this.
    By(String),
    Allowed,
}

/// What is wrong with the name of a metric.
pub(crate) fn metric_fault(name: &str, utf8: &Utf8) -> Option<String> {
    fault(name, "metric", &|c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':', ", `_` and `:`", utf8)
}

/// What is wrong with the name of a label.
pub(crate) fn label_fault(name: &str, utf8: &Utf8) -> Option<String> {
    match name {
        "le" => Some(
            "`le` is the label in which a histogram writes its buckets; call this one something else, for example `limit`"
                .to_owned(),
        ),
        "quantile" => Some(
            "`quantile` is the label in which a summary writes its quantiles; call this one something else, for example `share`"
                .to_owned(),
        ),
        _ => fault(name, "label", &|c: char| c.is_ascii_alphanumeric() || c == '_', " and `_`", utf8),
    }
}

/// What is wrong with two labels of one family: they have one name, be it only for a scraper that doesn't ask for UTF-8.
pub(crate) fn same_label_fault(taken: &str, name: &str) -> Option<String> {
    if taken == name {
        return Some(format!("the label `{name}` stands twice; drop one of them"));
    }
    let read = underscored(name, false);
    (read == underscored(taken, false)).then(|| {
        format!("the labels `{taken}` and `{name}` both read `{read}` for a scraper that doesn't ask for UTF-8; rename one of them")
    })
}

/// A name as a scraper that doesn't ask for UTF-8 reads it: with `_` in the place of each character that isn't plain, and of a digit
/// in front.
pub(crate) fn underscored(name: &str, metric: bool) -> String {
    let plain = |(at, c): (usize, char)| {
        let kept = c.is_ascii_alphabetic() || (at > 0 && c.is_ascii_digit()) || (metric && c == ':');
        if kept { c } else { '_' }
    };
    name.char_indices().map(plain).collect()
}

fn fault(name: &str, what: &str, allowed: &dyn Fn(char) -> bool, signs: &str, utf8: &Utf8) -> Option<String> {
    let mended = || {
        let mended = mended(name, allowed);
        if matches!(mended.as_str(), "le" | "quantile") { format!("{mended}_") } else { mended }
    };
    let read = underscored(name, what == "metric");
    let or = match utf8 {
        Utf8::By(how) if !read.starts_with("__") => format!(", or allow it by {how}"),
        _ => String::new(),
    };
    if name.is_empty() {
        Some(format!("the {what} has an empty name; write for example `my_{what}`"))
    } else if name.starts_with("__") {
        Some(format!(
            "`{name}` begins with `__`, which is reserved for Prometheus itself; write for example `{}`",
            mended()
        ))
    } else if *utf8 == Utf8::Allowed {
        let message = || {
            format!(
                "`{name}` reads `{read}` for a scraper that doesn't ask for UTF-8, and names that begin with `__` are reserved for Prometheus itself; write for example `my_{name}`"
            )
        };
        read.starts_with("__").then(message)
    } else if name.starts_with(|c: char| c.is_ascii_digit()) {
        Some(format!("`{name}` begins with a digit, as no {what}'s name may; write for example `{}`{or}", mended()))
    } else if !name.chars().all(allowed) {
        let cure =
            if name.is_ascii() { format!("write for example `{}`", mended()) } else { "spell it in those".to_owned() };
        Some(format!("`{name}` is no name for a {what}: only ASCII letters, digits{signs} may stand in it; {cure}{or}"))
    } else {
        None
    }
}

fn mended(name: &str, allowed: &dyn Fn(char) -> bool) -> String {
    let mended: String = name.chars().map(|c| if allowed(c) { c } else { '_' }).collect();
    let mended = mended.trim_matches('_');
    match mended.chars().next() {
        None => "my_name".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("n{mended}"),
        Some(_) => mended.to_owned(),
    }
}

/// The text of an identifier, without `r#`.
pub(crate) fn text(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// A name with its unit behind it, unless it is there already; behind the unit of a counter stands `_total`.
pub(crate) fn with_unit(name: &str, unit: Option<&str>, counter: bool) -> String {
    let Some(unit) = unit else { return name.to_owned() };
    let total = if counter && name.ends_with("_total") { "_total" } else { "" };
    let base = name.strip_suffix(total).unwrap_or(name);
    if base == unit || base.strip_suffix(unit).is_some_and(|rest| rest.ends_with('_')) {
        name.to_owned()
    } else {
        format!("{base}_{unit}{total}")
    }
}

/// `InProgress` to `in_progress`, `HTTPError` to `http_error`.
pub(crate) fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (index, &c) in chars.iter().enumerate() {
        if c.is_uppercase() {
            let before = index.checked_sub(1).map(|before| chars[before]);
            let after = chars.get(index + 1);
            let begins_word = before.is_some_and(|before| before != '_' && !before.is_uppercase())
                || (before.is_some_and(char::is_uppercase) && after.is_some_and(|after| after.is_lowercase()));
            if begins_word {
                out.push('_');
            }
            out.extend(c.to_lowercase());
        } else {
            out.push(c);
        }
    }
    out
}

/// The candidate that is most likely meant by a misspelt word.
pub(crate) fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let near = candidates.iter().map(|candidate| (distance(word, candidate), *candidate)).min()?;
    (near.0 <= 1 + word.len() / 4).then_some(near.1)
}

/// How many letters to add, drop, change or swap with the next (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = changed.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_variant_are_parted() {
        for (name, text) in [
            ("Get", "get"),
            ("InProgress", "in_progress"),
            ("HTTPError", "http_error"),
            ("A", "a"),
            ("Http2", "http2"),
            ("Ünter", "ünter"),
            ("A_B", "a_b"),
        ] {
            assert_eq!(snake_case(name), text);
        }
    }

    #[test]
    fn a_unit_is_appended_once_and_before_total() {
        let counter = |name, unit| with_unit(name, unit, true);
        assert_eq!(with_unit("memory_total", Some("bytes"), false), "memory_total_bytes");
        assert_eq!(counter("x", None), "x");
        assert_eq!(counter("x", Some("bytes")), "x_bytes");
        assert_eq!(counter("x_bytes", Some("bytes")), "x_bytes");
        assert_eq!(counter("x_total", Some("bytes")), "x_bytes_total");
        assert_eq!(counter("x_bytes_total", Some("bytes")), "x_bytes_total");
        assert_eq!(counter("kilobytes", Some("bytes")), "kilobytes_bytes");
    }

    #[test]
    fn the_nearest_word_is_found() {
        let words = ["name", "namespace", "unit", "buckets"];
        assert_eq!(nearest("nmae", &words), Some("name"));
        assert_eq!(nearest("bucket", &words), Some("buckets"));
        assert_eq!(nearest("colour", &words), None);
    }

    #[test]
    fn the_rules_of_the_data_model_hold() {
        assert_eq!(metric_fault("a:b_9", &Utf8::Never), None);
        assert!(label_fault("a:b", &Utf8::Never).is_some());
        for utf8 in [Utf8::Never, Utf8::Allowed] {
            for bad in ["", "9a", "a-b", "größe", "__x", "__le", "__9", "___", "花火", "._a", "__ä"] {
                for of in [metric_fault, label_fault] {
                    let Some(fault) = of(bad, &utf8) else {
                        assert!(utf8 == Utf8::Allowed && !bad.is_empty() && !underscored(bad, true).starts_with("__"));
                        continue;
                    };
                    let suggested = fault.rsplit('`').nth(1).unwrap_or_default();
                    assert_eq!(of(suggested, &utf8), None, "{bad}: {fault}");
                }
            }
            assert!(label_fault("le", &utf8).is_some() && label_fault("quantile", &utf8).is_some());
        }
    }

    #[test]
    fn permission_is_offered_where_it_helps() {
        let by = Utf8::By("`allow_utf8`".to_owned());
        for helped in ["a.b", "9a", "größe"] {
            for of in [metric_fault, label_fault] {
                assert!(of(helped, &by).unwrap_or_default().ends_with(", or allow it by `allow_utf8`"), "{helped}");
                assert_eq!(of(helped, &Utf8::Allowed), None);
            }
        }
        for helpless in ["", "__x", "花火", "9 lives"] {
            assert!(!metric_fault(helpless, &by).unwrap_or_default().contains("allow_utf8"), "{helpless}");
            assert!(metric_fault(helpless, &Utf8::Allowed).is_some());
        }
    }

    #[test]
    fn names_are_read_as_the_runtime_says() {
        for (name, metric, label) in [
            ("a:b.c", "a:b_c", "a_b_c"),
            ("9a", "_a", "_a"),
            ("a\u{1f980}9", "a_9", "a_9"),
            ("größe", "gr__e", "gr__e"),
        ] {
            assert_eq!((underscored(name, true).as_str(), underscored(name, false).as_str()), (metric, label));
        }
        assert!(same_label_fault("a.b", "a_b").is_some() && same_label_fault("a.b", "a.c").is_none());
    }
}
