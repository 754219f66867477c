//! Labels as they stand on a page.

use crate::escape::{push_label, push_labels, read_labels};

/// How the labels of a family are rendered: `a="x",b="y"`, first those that are the same in every series. What formats
/// put around that differs, this doesn't.
#[derive(Clone, Debug)]
pub(crate) struct Rendering {
    constant: String,
    names: Box<[Box<str>]>,
}

impl Rendering {
    pub(crate) fn new<'a>(
        constant: impl Iterator<Item = (&'a str, &'a str)>,
        names: impl Iterator<Item = &'a str>,
    ) -> Self {
        let mut text = String::new();
        push_labels(&mut text, constant);
        let mut own = Vec::new();
        for name in names {
            own.push(Box::from(name));
        }
        Self { constant: text, names: own.into() }
    }

    /// The labels of a series whose values these are.
    pub(crate) fn labels(&self, values: &[Box<str>]) -> String {
        let mut length = self.constant.len();
        for (name, value) in self.names.iter().zip(values) {
            length += name.len() + value.len() + 4;
        }
        let mut text = String::with_capacity(length);
        text.push_str(&self.constant);
        for (name, value) in self.names.iter().zip(values) {
            push_label(&mut text, name, value);
        }
        text
    }

    /// The values in rendered labels, the constant ones too.
    pub(crate) fn values(labels: &str) -> Vec<String> {
        let mut values = Vec::new();
        for (_, value) in read_labels(labels) {
            values.push(value);
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_back() {
        let rendering = Rendering::new([("c", "=\"")].into_iter(), ["a", "b"].into_iter());
        for values in [["", ""], ["x", "a=\"b\",c"], ["\\", "\n\\n\""], ["\\\"", "ß"]] {
            let labels = rendering.labels(&values.map(Box::from));
            assert_eq!(Rendering::values(&labels), ["=\"", values[0], values[1]], "{labels}");
            let names: Vec<_> = read_labels(&labels).into_iter().map(|(name, _)| name).collect();
            assert_eq!(names, ["c", "a", "b"]);
        }
        assert_eq!(Rendering::new([].into_iter(), [].into_iter()).labels(&[]), "");
    }

    #[test]
    fn names_that_are_not_plain_stand_in_quotes_and_read_back() {
        let names = ["a", "http.method", "a=\"b\"", "\\", "größe", "a:b"];
        let values = names.map(Box::from);
        let labels = Rendering::new([].into_iter(), names.into_iter()).labels(&values);
        assert!(labels.starts_with(r#"a="a","http.method"="http.method","a=\"b\""="a=\"b\"","#), "{labels}");
        let read = read_labels(&labels);
        assert!(read.iter().map(|(name, _)| &**name).eq(names), "{read:?}");
        assert_eq!(Rendering::values(&labels), names);
    }
}
