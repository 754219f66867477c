//! Labels of series: their names, which a family's series share, and their values.

use std::sync::Arc;

use super::error::{Fault, fault};
use super::hash::{Key, State};
use super::sample::Label;
use crate::sort::order;

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

/// The hash of labels that are kept: that which [`Names::hash`] gives.
#[inline]
pub(super) fn hash_of(labels: &Labels, key: Key) -> u128 {
    let sorted = order(labels.len(), &|a, b| labels[a].0.cmp(&labels[b].0));
    let mut state = key.state(2 * labels.len());
    for index in &sorted {
        state.text(labels[*index].0.as_bytes());
    }
    for index in sorted {
        state.text(labels[index].1.as_bytes());
    }
    state.finish()
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
    /// Their indices, in the order of the alphabet.
    sorted: Vec<usize>,
    /// The hash of so many of them, which those of series begin with.
    hashed: Option<(usize, State)>,
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
            self.hashed = None;
            self.sorted = order(self.all.len(), &|a, b| self.all[a].cmp(&self.all[b]));
            self.own = self.all.iter().any(|name| matches!(&**name, "le" | "quantile"));
        }
        Ok(())
    }

    /// The hash of labels with these names: the same for every order in which they may stand.
    #[inline]
    pub(super) fn hash(&mut self, labels: SeriesLabels<'_>, key: Key) -> u128 {
        let mut state = match self.hashed {
            Some((count, state)) if count == self.count => state,
            _ => self.hash_names(key),
        };
        let SeriesLabels { line, labels, without } = labels;
        let without = without.unwrap_or(usize::MAX);
        for index in self.sorted.iter().filter(|index| **index < self.count) {
            if let Some(Label { value, .. }) = labels.get(index + usize::from(without <= *index)) {
                state.text(value.of(line).as_bytes());
            }
        }
        state.finish()
    }

    #[inline]
    fn hash_names(&mut self, key: Key) -> State {
        let mut state = key.state(2 * self.count);
        for index in self.sorted.iter().filter(|index| **index < self.count) {
            state.text(self.all[*index].as_bytes());
        }
        self.hashed = Some((self.count, state));
        state
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

#[cfg(test)]
mod tests {
    use super::super::sample::Sample;
    use super::*;

    #[test]
    fn labels_have_a_hash_in_whatever_order_they_stand() {
        let (key, mut names, mut hashes) = (Key::random(), Names::default(), Vec::new());
        for (series, lines) in [
            &["a 1", "a{le=\"1\"} 1", "a{} 1"][..],
            &["a{x=\"1\"} 1", "a{le=\"2\",x=\"1\"} 1", "a{\"x\"=\"1\"} 1"],
            &["a{x=\"2\"} 1"],
            &["a{y=\"1\"} 1", "a{y=\"1\",le=\"1\"} 1"],
            &["a{x=\"1\",y=\"1\"} 1", "a{y=\"1\",x=\"1\"} 1", "a{y=\"1\",le=\"1\",x=\"1\"} 1"],
            &["a{x=\"1\",y=\"a long value \\\\\"} 1", "a{le=\"\",y=\"a long value \\\\\",x=\"1\"} 1"],
            &["a{x=\"1a long value \\\\\",y=\"\"} 1"],
        ]
        .into_iter()
        .enumerate()
        {
            for line in lines {
                let mut sample = Sample::default();
                sample.read_strictly(line).unwrap();
                let without = sample.labels.iter().position(|label| label.name.is(line, "le"));
                let labels = SeriesLabels { line, labels: &sample.labels, without };
                names.follow(labels, Reserved { underscores: true, own: None }).unwrap();
                let hash = names.hash(labels, key);
                assert_eq!(hash, hash_of(&labels.keep(names.last()), key), "{line}");
                hashes.push((hash, series));
            }
        }
        for (one, series) in &hashes {
            for (other, another) in &hashes {
                assert_eq!(one == other, series == another);
            }
        }
    }
}
