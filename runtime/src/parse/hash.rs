//! What has been on the page, without keeping it: hashes with a random key, and sets of them.

use std::hash::{BuildHasher, RandomState};

/// The key of a reader's hashes: whoever writes a page doesn't know it, so nobody can write two texts of one hash.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key([u64; 2]);

impl Key {
    #[inline]
    pub(super) fn random() -> Self {
        let state = RandomState::new();
        Self([state.hash_one(0_u8), state.hash_one(1_u8)])
    }

    /// The hash of two texts, one behind the other.
    #[inline]
    pub(super) fn hash(self, one: &[u8], other: &[u8]) -> u128 {
        let mut state = self.state(2);
        state.text(one);
        state.text(other);
        state.finish()
    }

    /// The hash of as many texts as are then put in, in their order: SipHash-1-3 with 128 bits
    /// (<https://www.aumasson.jp/siphash/siphash.pdf>).
    #[inline]
    pub(super) fn state(self, texts: usize) -> State {
        let [k0, k1] = self.0;
        let mut state = State([
            k0 ^ 0x736f_6d65_7073_6575,
            k1 ^ 0x646f_7261_6e64_6f6d ^ 0xee,
            k0 ^ 0x6c79_6765_6e65_7261,
            k1 ^ 0x7465_6462_7974_6573,
        ]);
        // It stands in front, so that some of the texts and all are different.
        state.word(texts as u64);
        state
    }
}

/// A hash while texts are put in.
#[derive(Clone, Copy, Debug)]
pub(super) struct State([u64; 4]);

impl State {
    #[inline]
    pub(super) fn text(&mut self, text: &[u8]) {
        // It stands in front, so that texts that are divided in another way are different.
        self.word(text.len() as u64);
        let (words, rest) = text.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        if rest.is_empty() {
            return;
        }
        self.word(match text.last_chunk() {
            Some(last) => u64::from_le_bytes(*last) >> (64 - 8 * rest.len()),
            None => rest.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte)),
        });
    }

    #[inline]
    pub(super) fn finish(mut self) -> u128 {
        self.0[2] ^= 0xee;
        let low = self.half();
        self.0[1] ^= 0xdd;
        u128::from(low) | (u128::from(self.half()) << 64)
    }

    #[inline]
    fn word(&mut self, word: u64) {
        self.0[3] ^= word;
        self.round();
        self.0[0] ^= word;
    }

    #[inline]
    fn half(&mut self) -> u64 {
        self.round();
        self.round();
        self.round();
        self.0[0] ^ self.0[1] ^ self.0[2] ^ self.0[3]
    }

    #[inline]
    fn round(&mut self) {
        let [mut v0, mut v1, mut v2, mut v3] = self.0;
        v0 = v0.wrapping_add(v1);
        v1 = v1.rotate_left(13) ^ v0;
        v0 = v0.rotate_left(32);
        v2 = v2.wrapping_add(v3);
        v3 = v3.rotate_left(16) ^ v2;
        v0 = v0.wrapping_add(v3);
        v3 = v3.rotate_left(21) ^ v0;
        v2 = v2.wrapping_add(v1);
        v1 = v1.rotate_left(17) ^ v2;
        v2 = v2.rotate_left(32);
        self.0 = [v0, v1, v2, v3];
    }
}

/// A set of hashes with a small number beside each, in 16 bytes each and at most twice as much room again.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Open addressing; a power of two of them, 0 where there is none.
    places: Vec<u128>,
    count: usize,
}

/// The bits of an entry that are the number beside it. The other 124 are of the hash.
const NOTE: u128 = 0xF;

impl Seen {
    /// Takes a hash in, unless it is there: then it says the number beside it.
    #[inline]
    pub(super) fn insert(&mut self, hash: u128, note: u8) -> Option<u8> {
        if self.places.len() * 3 <= self.count * 4 {
            self.grow();
        }
        // No entry is 0.
        let entry = (hash & !NOTE).max(NOTE + 1) | (u128::from(note) & NOTE);
        let at = self.place(entry);
        let place = &mut self.places[at];
        if *place != 0 {
            return Some(note_of(*place));
        }
        *place = entry;
        self.count += 1;
        None
    }

    /// The number beside a hash.
    #[inline]
    pub(super) fn get(&self, hash: u128) -> Option<u8> {
        if self.places.is_empty() {
            return None;
        }
        let found = self.places[self.place((hash & !NOTE).max(NOTE + 1))];
        if found == 0 { None } else { Some(note_of(found)) }
    }

    /// Puts another number beside a hash, or takes it in.
    #[inline]
    pub(super) fn set(&mut self, hash: u128, note: u8) {
        if self.insert(hash, note).is_some() {
            let at = self.place((hash & !NOTE).max(NOTE + 1));
            self.places[at] = (self.places[at] & !NOTE) | u128::from(note);
        }
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        // To empty many places for a few that are taken, once for each family, would be more than the page is long.
        if self.places.len() > 64 && self.count * 8 < self.places.len() {
            self.places = Vec::new();
        } else {
            self.places.fill(0);
        }
        self.count = 0;
    }

    /// Where an entry is, or would be. Some places are free.
    #[expect(clippy::cast_possible_truncation, reason = "any bits of a hash are as good as others")]
    #[inline]
    fn place(&self, entry: u128) -> usize {
        let mask = self.places.len() - 1;
        let mut at = (entry >> 64) as usize & mask;
        while self.places[at] != 0 && (self.places[at] ^ entry) & !NOTE != 0 {
            at = (at + 1) & mask;
        }
        at
    }

    #[inline]
    fn grow(&mut self) {
        let places = vec![0; (self.places.len() * 2).max(16)];
        for entry in std::mem::replace(&mut self.places, places) {
            if entry != 0 {
                let at = self.place(entry);
                self.places[at] = entry;
            }
        }
    }
}

#[inline]
fn note_of(entry: u128) -> u8 {
    (entry & NOTE) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_apart_however_they_are_divided() {
        let key = Key::random();
        let long = [b'x'; 600];
        let texts: Vec<&[u8]> =
            vec![b"", b"a", b"b", b"ab", b"abcdefgh", b"abcdefghi", b"\0", b"\0\0", &long, &long[1..]];
        let mut seen = Seen::default();
        for one in &texts {
            for other in &texts {
                assert_eq!(seen.insert(key.hash(one, other), 3), None, "{one:?} {other:?}");
            }
        }
        for one in &texts {
            for other in &texts {
                assert_eq!(seen.insert(key.hash(one, other), 4), Some(3));
            }
        }
        assert_ne!(Key([0, 1]).hash(b"a", b"b"), Key([0, 2]).hash(b"a", b"b"));
    }

    #[test]
    fn a_set_keeps_numbers_and_forgets_all() {
        let (key, mut seen) = (Key::random(), Seen::default());
        assert_eq!(seen.get(1), None);
        for turn in [10_000_u32, 3, 3] {
            for number in 0..turn {
                assert_eq!(seen.insert(key.hash(&number.to_le_bytes(), b""), (number % 16) as u8), None);
            }
            seen.set(key.hash(&1_u32.to_le_bytes(), b""), 9);
            seen.set(key.hash(&turn.to_le_bytes(), b""), 5);
            for number in (0..=turn).filter(|number| *number != 1 && *number != turn) {
                assert_eq!(seen.get(key.hash(&number.to_le_bytes(), b"")), Some((number % 16) as u8));
            }
            assert_eq!(seen.get(key.hash(&1_u32.to_le_bytes(), b"")), Some(9));
            assert_eq!(seen.get(key.hash(&turn.to_le_bytes(), b"")), Some(5));
            seen.clear();
            assert_eq!(seen.get(key.hash(&0_u32.to_le_bytes(), b"")), None);
        }
        assert_eq!(seen.places.len(), 16, "what a large family took is given back");
        assert_eq!(seen.insert(0, 1), None);
        assert_eq!(seen.insert(0, 2), Some(1));
    }
}
