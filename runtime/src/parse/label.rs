//! Labels of series: their names, which a family's series share, and their values.

use std::sync::Arc;

use super::error::{Fault, fault};
use super::hash::Key;
use super::sample::Label;

/// What an escaped text reads: `\n`, `\\` and, where quotes are escaped, `\"`. Another character behind a backslash
/// stands for both (`OpenMetrics` 1.0.0, "Escaping").
#[inline]
pub(super) fn unescaped(text: &str, quotes: bool) -> String {
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        read.push_str(before);
        let (special, length) = match behind.as_bytes().first() {
            Some(b'n') => ('\n', 1),
            Some(b'\\') => ('\\', 1),
            Some(b'"') if quotes => ('"', 1),
            _ => ('\\', 0),
        };
        read.push(special);
        rest = &behind[length..];
    }
    read.push_str(rest);
    read
}

/// A text as a message shows it: what is long is cut off.
#[cold]
#[inline]
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let mut shown: String = text.chars().take(MOST).flat_map(char::escape_debug).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

/// The labels of a series as they are kept.
pub(super) type Labels = Vec<(Arc<str>, Box<str>)>;

/// The labels of a sample without the one that isn't the series' own, if there is such: `le`, `quantile` or the state.
#[derive(Clone, Copy)]
pub(super) struct SeriesLabels<'a> {
    pub(super) line: &'a str,
    pub(super) labels: &'a [Label],
    pub(super) without: Option<usize>,
}

impl<'a> SeriesLabels<'a> {
    #[inline]
    fn iter(self) -> impl Iterator<Item = &'a Label> + use<'a> {
        let without = self.without;
        self.labels.iter().enumerate().filter(move |(index, _)| Some(*index) != without).map(|(_, label)| label)
    }

    /// How many there are, if they are the first that the sample has.
    #[inline]
    pub(super) fn leading(self) -> Option<usize> {
        match self.without {
            None => Some(self.labels.len()),
            Some(index) => (index + 1 == self.labels.len()).then_some(index),
        }
    }

    /// The same for every order in which the labels may stand.
    #[inline]
    pub(super) fn hash(self, key: Key) -> u128 {
        self.iter().fold(0, |sum, Label { name, value }| {
            sum.wrapping_add(key.hash(name.of(self.line).as_bytes(), value.of(self.line).as_bytes()))
        })
    }

    /// Whether they are these, in this order.
    #[inline]
    pub(super) fn are(self, kept: &Labels) -> bool {
        let count = self.labels.len() - usize::from(self.without.is_some());
        let same = |(label, (name, value)): (&Label, &(Arc<str>, Box<str>))| {
            label.value.is(self.line, value) && label.name.is(self.line, name)
        };
        count == kept.len() && self.iter().zip(kept).all(same)
    }

    /// What is kept of them, with the names that the family's series share.
    #[inline]
    pub(super) fn keep(self, names: &[Arc<str>]) -> Labels {
        let mut kept = Vec::with_capacity(names.len().min(self.labels.len()));
        for (label, name) in self.iter().zip(names) {
            let value = if label.value.escapes > 0 {
                label.value.of(self.line).into_owned().into_boxed_str()
            } else {
                Box::from(label.value.raw(self.line))
            };
            kept.push((Arc::clone(name), value));
        }
        kept
    }
}

/// The hash of labels that are kept.
#[inline]
pub(super) fn hash_of(labels: &Labels, key: Key) -> u128 {
    labels.iter().fold(0, |sum, (name, value)| sum.wrapping_add(key.hash(name.as_bytes(), value.as_bytes())))
}

/// Which names the labels of a family's series may not have.
#[derive(Clone, Copy)]
pub(super) struct Reserved {
    /// Those that begin with `__`; `__name__` is so everywhere.
    pub(super) underscores: bool,
    /// The one in which samples of this type say what they are.
    pub(super) own: Option<&'static str>,
}

/// The names of the labels that the last series had, in their order: mostly the next one's are the same.
#[derive(Debug, Default)]
pub(super) struct Names {
    all: Vec<Arc<str>>,
    /// How many of them the last series had.
    count: usize,
    /// Whether one of them is a label in which other samples say what they are: that of a sum may be called `le`.
    own: bool,
}

impl Names {
    /// Those of the last series.
    #[inline]
    pub(super) fn last(&self) -> &[Arc<str>] {
        self.all.get(..self.count).unwrap_or_default()
    }

    /// Makes them those of these labels, or says what is wrong with these.
    #[inline]
    pub(super) fn follow(&mut self, labels: SeriesLabels<'_>, reserved: Reserved) -> Result<(), Fault> {
        self.count = labels.labels.len() - usize::from(labels.without.is_some());
        let same = |(label, name): (&Label, &Arc<str>)| label.name.is(labels.line, name);
        // Names that are allowed, and all different, are so with fewer beside them too.
        let own = self.own && labels.without.is_some();
        if own || self.count > self.all.len() || !labels.iter().zip(&self.all).all(same) {
            check_names(labels, reserved)?;
            self.all = labels.iter().map(|label| Arc::from(label.name.of(labels.line).as_ref())).collect();
            self.own = self.all.iter().any(|name| matches!(&**name, "le" | "quantile"));
        }
        Ok(())
    }
}

#[inline]
fn check_names(labels: SeriesLabels<'_>, reserved: Reserved) -> Result<(), Fault> {
    let line = labels.line;
    for label in labels.iter() {
        let name = label.name.of(line);
        if *name == *"__name__" || (reserved.underscores && name.starts_with("__")) {
            return fault(
                label.name.start,
                format!("no label is to be called `{}`: names that begin with `__` are reserved", shown(&name)),
            );
        }
        if reserved.own == Some(&name) {
            return fault(
                label.name.start,
                format!(
                    "this sample is not to have the label `{name}`, in which others of its family say what they are"
                ),
            );
        }
    }
    check_unique(line, labels.labels)
}

/// Label names are unique (`OpenMetrics` 1.0.0, "`LabelSet`").
#[inline]
pub(super) fn check_unique(line: &str, labels: &[Label]) -> Result<(), Fault> {
    /// Up to so many, each is compared with each.
    const FEW: usize = 8;
    let mut twice = None;
    if labels.len() <= FEW {
        for (index, label) in labels.iter().enumerate() {
            let name = label.name.of(line);
            if labels[..index].iter().any(|before| before.name.is(line, &name)) {
                twice = Some(label.name);
            }
        }
    } else {
        let mut names: Vec<_> = labels.iter().map(|label| (label.name.of(line), label.name)).collect();
        names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        twice = names.windows(2).find(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1].1);
    }
    match twice {
        None => Ok(()),
        Some(name) => fault(name.start, format!("the label `{}` stands there twice", shown(&name.of(line)))),
    }
}
