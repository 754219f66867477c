//! Sorting, and searching what is sorted.
//!
//! The standard library's sorts are compiled anew for each type and each comparison, and each is larger than most of
//! this crate's modules. Here nothing is sorted often, so all of it shares one sort, which sorts numbers.

use std::cmp::Ordering;

/// Sorts items. Those that compare equal stay in their order.
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut places = places(items.len(), &|a, b| compare(&items[a], &items[b]));
    for at in 0..items.len() {
        // Each swap brings an item to its place.
        while places[at] != at {
            let place = places[at];
            items.swap(at, place);
            places.swap(at, place);
        }
    }
}

/// Where each of so many items belongs.
fn places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places = vec![0; count];
    for (place, item) in order(count, compare).into_iter().enumerate() {
        places[item] = place;
    }
    places
}

/// The numbers of so many items, sorted. Those of items that compare equal rise.
pub(crate) fn order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..count).collect();
    // As it most often is.
    if (1..count).all(|at| compare(at - 1, at).is_le()) {
        return sorted;
    }
    let mut merged = sorted.clone();
    let mut length = 1;
    // Runs of this length are sorted. Each is merged with the next one.
    while length < count {
        let mut start = 0;
        while start < count {
            let middle = count.min(start + length);
            let end = count.min(middle + length);
            if middle == end || compare(sorted[middle - 1], sorted[middle]).is_le() {
                merged[start..end].copy_from_slice(&sorted[start..end]);
            } else {
                let (mut left, mut right) = (start, middle);
                for place in &mut merged[start..end] {
                    let from_left = left < middle && (right == end || compare(sorted[left], sorted[right]).is_le());
                    let from = if from_left { &mut left } else { &mut right };
                    *place = sorted[*from];
                    *from += 1;
                }
            }
            start = end;
        }
        std::mem::swap(&mut sorted, &mut merged);
        length *= 2;
    }
    sorted
}

/// Where one of so many sorted items stands, or would. Each is compared to what is searched for.
pub(crate) fn search(count: usize, compare: &dyn Fn(usize) -> Ordering) -> Result<usize, usize> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        match compare(middle) {
            Ordering::Less => low = middle + 1,
            Ordering::Equal => return Ok(middle),
            Ordering::Greater => high = middle,
        }
    }
    Err(low)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn items_come_as_the_standard_librarys_stable_sort_has_them(
            keys in prop::collection::vec(0..8_u8, 0..60),
        ) {
            let mut items: Vec<(u8, usize)> = keys.into_iter().zip(0..).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_by(&mut items, |a, b| a.0.cmp(&b.0));
            prop_assert_eq!(items, expected);
        }

        #[test]
        fn a_search_finds_what_the_standard_librarys_does(
            items in prop::collection::btree_set(0..100_u8, 0..60),
            wanted in 0..100_u8,
        ) {
            let items: Vec<u8> = items.into_iter().collect();
            prop_assert_eq!(search(items.len(), &|at| items[at].cmp(&wanted)), items.binary_search(&wanted));
        }
    }
}
