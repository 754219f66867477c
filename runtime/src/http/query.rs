//! What a query string asks for.

/// So many names may be asked for at once: each is compared with each name that there is.
pub(super) const MOST_NAMES: usize = 128;

/// The names of a query: those of `name[]=a&name[]=b`, as forms of browsers write them. None where there are too many.
///
/// Empty ones count as none, as in Python's client.
pub(super) fn names(query: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for pair in query.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if value.is_empty() || decoded(key) != "name[]" {
            continue;
        }
        if names.len() == MOST_NAMES {
            return None;
        }
        names.push(decoded(value));
    }
    Some(names)
}

/// Undoes what forms do to a text (<https://url.spec.whatwg.org/#urlencoded-parsing>): a `%` without two hexadecimal
/// digits stands for itself.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        bytes.push(match first {
            b'+' => b' ',
            b'%' => match behind {
                [high, low, behind @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    rest = behind;
                    digit(*high) << 4 | digit(*low)
                }
                _ => b'%',
            },
            byte => *byte,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The value of a hexadecimal digit.
fn digit(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        _ => (byte | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn asks(query: &str, expected: &[&str]) {
        assert_eq!(
            names(query).as_deref(),
            Some(&expected.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()[..])
        );
    }

    #[test]
    fn names_are_read_as_forms_write_them() {
        asks("", &[]);
        asks("name[]=a", &["a"]);
        asks("name[]=a_total&name[]=b", &["a_total", "b"]);
        asks("name%5B%5D=a&name%5b%5D=b&%6eame[]=c", &["a", "b", "c"]);
        asks("x=y&name[]=a&&=&z", &["a"]);
        asks("name[]=a%2Eb+c%20d%C3%A4", &["a.b c d\u{e4}"]);
        asks("name[]=a=b", &["a=b"]);
        asks("name[]=%%41%4", &["%A%4"]);
        asks("name[]=%zz%+", &["%zz% "]);
        asks("name[]=%ff", &["\u{fffd}"]);
        asks("name[]=&name[]&name=a&name[0]=b&NAME[]=c&name[]x=d", &[]);
    }

    #[test]
    fn too_many_names_are_told() {
        let many = |count| vec!["name[]=a"; count].join("&");
        assert_eq!(names(&many(MOST_NAMES)).map(|names| names.len()), Some(MOST_NAMES));
        assert_eq!(names(&many(MOST_NAMES + 1)), None);
    }
}
