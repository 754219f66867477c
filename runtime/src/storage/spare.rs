//! What was given back, by its size, until it is taken again.

use crate::sort::search;

/// Lists of things, by keys. These are sizes, of which there are few, so a list of lists is enough.
#[derive(Debug)]
pub(super) struct Spare<K, T> {
    /// By rising keys.
    lists: Vec<(K, Vec<T>)>,
}

impl<K: Copy + Ord, T> Spare<K, T> {
    pub(super) const fn new() -> Self {
        Self { lists: Vec::new() }
    }

    /// Those with a key.
    pub(super) fn of(&mut self, key: K) -> &mut Vec<T> {
        let at = self.position(key);
        if self.lists.get(at).is_none_or(|(there, _)| *there != key) {
            self.lists.insert(at, (key, Vec::new()));
        }
        &mut self.lists[at].1
    }

    /// Takes one with a key.
    pub(super) fn take(&mut self, key: K) -> Option<T> {
        let at = self.position(key);
        let (there, list) = self.lists.get_mut(at)?;
        if *there == key { list.pop() } else { None }
    }

    /// Takes one with the least key from this on, up to another.
    pub(super) fn take_within(&mut self, key: K, most: K) -> Option<T> {
        let at = self.position(key);
        let mut within = self.lists[at..].iter_mut().take_while(|(there, _)| *there <= most);
        within.find_map(|(_, list)| list.pop())
    }

    /// Of the first list whose key is no less.
    fn position(&self, key: K) -> usize {
        let (Ok(at) | Err(at)) = search(self.lists.len(), &|at| self.lists[at].0.cmp(&key));
        at
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_has_the_key_or_the_least_above_it() {
        let mut spare = Spare::new();
        for (key, thing) in [(4, 'a'), (2, 'b'), (8, 'c'), (4, 'd')] {
            spare.of(key).push(thing);
        }
        assert_eq!((spare.take(3), spare.take(4)), (None, Some('d')));
        assert_eq!([7, 8, 8].map(|most| spare.take_within(3, most)), [Some('a'), Some('c'), None]);
        assert_eq!((spare.take(2), spare.take(2)), (Some('b'), None));
    }
}
