//! Labels as they stand on a page.

use crate::escape::{NO_LENGTH, push_label, read_labels};

/// How the labels of a family are rendered: `a="x",b="y"`, first those that are the same in every series. What formats
/// put around that differs, this doesn't.
#[derive(Clone, Debug)]
pub(crate) struct Rendering {
    constant: Rendered,
    names: Box<[Box<str>]>,
}

/// Rendered labels, and how long each of their values is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rendered {
    pub(crate) text: String,
    /// In bytes, or [`NO_LENGTH`] where the value is longer or something in it is escaped.
    pub(crate) lengths: Vec<u8>,
}

impl Rendered {
    fn push(&mut self, name: &str, value: &str) {
        let before = self.text.len();
        push_label(&mut self.text, name, value);
        let is_plain = self.text.len() - before == usize::from(before > 0) + name.len() + value.len() + 3;
        let length = u8::try_from(value.len()).ok().filter(|length| is_plain && *length < NO_LENGTH);
        self.lengths.push(length.unwrap_or(NO_LENGTH));
    }
}

impl Rendering {
    pub(crate) fn new<'a>(
        constant: impl Iterator<Item = (&'a str, &'a str)>,
        names: impl Iterator<Item = &'a str>,
    ) -> Self {
        let mut rendered = Rendered::default();
        for (name, value) in constant {
            rendered.push(name, value);
        }
        let mut own = Vec::new();
        for name in names {
            own.push(Box::from(name));
        }
        Self { constant: rendered, names: own.into() }
    }

    /// The labels of a series whose values these are.
    pub(crate) fn labels(&self, values: &[Box<str>]) -> Rendered {
        let mut length = self.constant.text.len();
        for (name, value) in self.names.iter().zip(values) {
            length += name.len() + value.len() + 4;
        }
        let mut rendered = Rendered { text: String::with_capacity(length), lengths: Vec::with_capacity(self.count()) };
        rendered.text.push_str(&self.constant.text);
        rendered.lengths.extend_from_slice(&self.constant.lengths);
        for (name, value) in self.names.iter().zip(values) {
            rendered.push(name, value);
        }
        // Who reads them takes so many, also where somebody's own labels have fewer values than names.
        rendered.lengths.resize(self.count(), NO_LENGTH);
        rendered
    }

    /// How many labels a series has.
    pub(crate) fn count(&self) -> usize {
        self.constant.lengths.len() + self.names.len()
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
            let labels = rendering.labels(&values.map(Box::from)).text;
            assert_eq!(Rendering::values(&labels), ["=\"", values[0], values[1]], "{labels}");
            let names: Vec<_> = read_labels(&labels).into_iter().map(|(name, _)| name).collect();
            assert_eq!(names, ["c", "a", "b"]);
        }
        assert_eq!(Rendering::new([].into_iter(), [].into_iter()).labels(&[]).text, "");
    }

    #[test]
    fn lengths_are_those_of_values_that_stand_in_the_text_as_they_are() {
        let rendering = Rendering::new([("c", "four"), ("d", "\n")].into_iter(), ["a", "http.b"].into_iter());
        let almost = usize::from(NO_LENGTH) - 1;
        for (value, length) in
            [(String::new(), 0), ("ß".into(), 2), ("\\".into(), NO_LENGTH), ("x".repeat(almost), NO_LENGTH - 1)]
        {
            let lengths = rendering.labels(&[value.clone().into(), "x".into()]).lengths;
            assert_eq!(lengths[..3], [4, NO_LENGTH, length], "{value}");
            // A name in quotes is longer in the text than it is.
            assert_eq!((lengths[3], rendering.count()), (NO_LENGTH, 4));
        }
        assert_eq!(rendering.labels(&["x".into()]).lengths, [4, NO_LENGTH, 1, NO_LENGTH]);
        let long = rendering.labels(&["x".repeat(almost + 1).into(), "x".repeat(1000).into()]);
        assert_eq!(long.lengths[2..], [NO_LENGTH, NO_LENGTH]);
    }

    #[test]
    fn names_that_are_not_plain_stand_in_quotes_and_read_back() {
        let names = ["a", "http.method", "a=\"b\"", "\\", "größe", "a:b"];
        let values = names.map(Box::from);
        let labels = Rendering::new([].into_iter(), names.into_iter()).labels(&values).text;
        assert!(labels.starts_with(r#"a="a","http.method"="http.method","a=\"b\""="a=\"b\"","#), "{labels}");
        let read = read_labels(&labels);
        assert!(read.iter().map(|(name, _)| &**name).eq(names), "{read:?}");
        assert_eq!(Rendering::values(&labels), names);
    }
}
