//! The text of a series' labels, as it stands on a page, and what of its key the line has no room for.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64};

use super::spare::Spare;
use super::sync::{
    AtomicU64 as SharedU64,
    Ordering::{Relaxed, Release},
};
use crate::label::Rendered;

/// A place for the text of one series, in an [`Arena`].
///
/// It holds what of the key the line has no room for, if there is such, and behind that the rendered labels. Searchers,
/// who don't say that they are there, read the former while the place may be written for another series: so all of it is
/// atomic, and how many words they read stands in one number with what says that there are any. Who reads the rendered
/// labels is a [`Reader`](super::shard::Reader), and no place is written anew while there are any. Behind them stand the
/// lengths of their values, a byte each, so that who writes lengths needn't look for where they end.
///
/// When the series was made stands here too, since who reads that reads the labels, and the line has no room for it. A
/// combination of finite labels keeps its text when its series is made anew, so this alone is written while there may be
/// readers: behind the end of the old series, which a reader that finds the new time therefore sees.
#[repr(C, align(8))]
pub(super) struct Entry {
    /// In nanoseconds since the Unix epoch.
    created: SharedU64,
    /// The length of the rendered labels, in bytes, or, with [`LONG`], how many words of the key there are; in the upper
    /// bits, which never change, the [`Size`].
    head: AtomicU32,
    /// The first bytes of the rendered labels and the lengths behind them, or, behind words of the key, their length.
    first: AtomicU32,
    words: [AtomicU64; 0],
}

const LENGTH_BITS: u32 = 24;
/// Labels that render to as much as that are refused.
const TOO_LONG: u32 = 1 << LENGTH_BITS;
const LONG: u32 = 1 << LENGTH_BITS;
const SIZE_BITS: u32 = LENGTH_BITS + 1;

/// How many words a place has behind its head: any number up to eight, above that four between each power of two and
/// the next, so that texts that grow find the places of others that did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Size(u32);

impl Size {
    /// The least that has room for so many words, of which there are fewer than in two texts as long as can be.
    fn of(words: u32) -> Self {
        let exponent = (words >> 2).checked_ilog2().unwrap_or(0);
        let quarters = words.div_ceil(1 << exponent);
        Self(4 * exponent + quarters)
    }

    /// The greatest that a text of this size may have: in longer places short texts would use up what long ones need.
    fn twice(self) -> Self {
        Self(self.0 + 4)
    }

    fn words(self) -> u32 {
        let exponent = (self.0 / 4).saturating_sub(1);
        (self.0 - 4 * exponent) << exponent
    }
}

const WORD: usize = size_of::<u64>();
const HALF: usize = size_of::<u32>();

impl Entry {
    /// # Safety
    /// The entry is one of an arena that is still there.
    unsafe fn word<'a>(entry: NonNull<Self>, index: usize) -> &'a AtomicU64 {
        // SAFETY: the caller says so; callers stay below the capacity.
        unsafe { entry.add(1).cast::<AtomicU64>().add(index).as_ref() }
    }

    /// When the series was made whose entry it is, in nanoseconds since the Unix epoch. Whether it is still that one's
    /// shows behind it.
    #[inline]
    pub(super) fn created(&self) -> u64 {
        self.created.load(Relaxed)
    }

    /// Keeps when a series was made, before anybody can see that it is there.
    pub(super) fn keep_created(&self, created: u64) {
        self.created.store(created, Release);
    }

    fn size(&self) -> Size {
        Size(self.head.load(Relaxed) >> SIZE_BITS)
    }

    /// How many words of the key there are, if any; never more than there is room for.
    #[inline]
    fn long(&self) -> Option<usize> {
        let head = self.head.load(Relaxed);
        (head & LONG != 0).then_some((head & (LONG - 1)) as usize)
    }

    /// Whether what a line had no room for is this.
    ///
    /// # Safety
    /// The entry is one of an arena that is still there.
    #[inline]
    pub(super) unsafe fn holds(entry: NonNull<Self>, rest: impl Iterator<Item = u64>) -> bool {
        // SAFETY: the caller says that it is there.
        let long = unsafe { entry.as_ref() }.long().unwrap_or(0);
        let mut end = 0;
        for word in rest {
            // SAFETY: the caller says that the entry is there, and it has so many words.
            if end >= long || unsafe { Self::word(entry, end) }.load(Relaxed) != word {
                return false;
            }
            end += 1;
        }
        end == long
    }

    /// What a line had no room for, if there is such.
    ///
    /// # Safety
    /// The entry is one of an arena that is still there, and nobody writes it.
    pub(super) unsafe fn rest(entry: NonNull<Self>) -> Option<impl Iterator<Item = u64>> {
        // SAFETY: the caller says that it is there.
        let long = unsafe { entry.as_ref() }.long()?;
        // SAFETY: the caller says that the entry is there and that nobody writes it, so it has so many words.
        Some((0..long).map(move |index| unsafe { Self::word(entry, index) }.load(Relaxed)))
    }

    /// The rendered labels, and the lengths of so many of their values.
    ///
    /// # Safety
    /// The entry is one of an arena that is still there; it is that of a series which is there, and there is a
    /// [`Reader`](super::shard::Reader) since before that was seen. The series has at least so many labels.
    #[inline]
    pub(super) unsafe fn labels<'a>(entry: NonNull<Self>, lengths: usize) -> (&'a str, &'a [u8]) {
        // SAFETY: the caller says that it is there. Nobody writes the entry while the caller's reader is there, and
        // `Arena::write` wrote a `str` and behind it a length for each label.
        unsafe {
            let (start, length) = Self::rendered(entry);
            let text = std::slice::from_raw_parts(start.as_ptr(), length);
            (std::str::from_utf8_unchecked(text), std::slice::from_raw_parts(start.add(length).as_ptr(), lengths))
        }
    }

    /// Where the rendered labels begin, and how many bytes they are.
    ///
    /// # Safety
    /// The entry is one of an arena that is still there.
    #[inline]
    unsafe fn rendered(entry: NonNull<Self>) -> (NonNull<u8>, usize) {
        // SAFETY: the caller says that it is there.
        let header = unsafe { entry.as_ref() };
        let (before, length) = match header.long() {
            Some(long) => (size_of::<Self>() + WORD * long, header.first.load(Relaxed)),
            None => (size_of::<Self>() - HALF, header.head.load(Relaxed) & (LONG - 1)),
        };
        // SAFETY: an entry has so many bytes.
        (unsafe { entry.cast::<u8>().add(before) }, length as usize)
    }
}

/// Up to so many bytes, as they lie in memory.
fn padded<const N: usize>(part: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    bytes[..part.len()].copy_from_slice(part);
    bytes
}

/// The texts of one family, one behind the other in the order in which its series were made.
#[derive(Debug)]
pub(super) struct Arena {
    chunks: Vec<(NonNull<u8>, Layout)>,
    next: NonNull<u64>,
    /// How many words of the last chunk are left.
    left: usize,
    /// Places of series that are gone.
    spare: Spare<Size, NonNull<Entry>>,
}

// SAFETY: the pointers are to memory of its own.
unsafe impl Send for Arena {}

const SMALLEST_CHUNK: usize = 64;
const LARGEST_CHUNK: usize = 1 << 14;

impl Arena {
    pub(super) fn new() -> Self {
        Self { chunks: Vec::new(), next: NonNull::dangling(), left: 0, spare: Spare::new() }
    }

    /// Writes what of a key its line has no room for, and the rendered labels. None where they are too long.
    pub(super) fn write(&mut self, rest: &[u64], labels: &Rendered) -> Option<NonNull<Entry>> {
        let length = u32::try_from(labels.text.len()).ok().filter(|length| *length < TOO_LONG)?;
        let long = u32::try_from(rest.len()).ok().filter(|long| *long < TOO_LONG)?;
        let labels = [labels.text.as_bytes(), &labels.lengths].concat();
        let (head, first, labels) = if rest.is_empty() {
            let (first, behind) = labels.split_at(labels.len().min(HALF));
            (length, u32::from_ne_bytes(padded(first)), behind)
        } else {
            (LONG | long, length, &*labels)
        };
        let entry = self.place(Size::of(u32::try_from(rest.len() + labels.len().div_ceil(WORD)).ok()?));
        // SAFETY: the arena is there.
        let header = unsafe { entry.as_ref() };
        header.head.store(header.size().0 << SIZE_BITS | head, Relaxed);
        header.first.store(first, Relaxed);
        let labels = labels.chunks(WORD).map(|part| u64::from_ne_bytes(padded(part)));
        for (at, word) in rest.iter().copied().chain(labels).enumerate() {
            // SAFETY: the place has the capacity that was asked for, which is the number of these words.
            unsafe { Entry::word(entry, at) }.store(word, Relaxed);
        }
        Some(entry)
    }

    /// Takes back the place of a series that is gone and that nobody reads.
    pub(super) fn give_back(&mut self, entry: NonNull<Entry>) {
        // SAFETY: it is one of this arena.
        let size = unsafe { entry.as_ref() }.size();
        self.spare.of(size).push(entry);
    }

    fn place(&mut self, size: Size) -> NonNull<Entry> {
        if let Some(place) = self.spare.take_within(size, size.twice()) {
            return place;
        }
        let words = size_of::<Entry>() / WORD + size.words() as usize;
        if self.left < words {
            let ordinary = SMALLEST_CHUNK << self.chunks.len().min(8);
            self.chunk(words.max(ordinary.min(LARGEST_CHUNK)));
        }
        let entry = self.next.cast::<Entry>();
        // SAFETY: so many words of the chunk are left.
        unsafe {
            entry.write(Entry {
                created: SharedU64::new(0),
                head: AtomicU32::new(size.0 << SIZE_BITS),
                first: AtomicU32::new(0),
                words: [],
            });
            self.next = self.next.add(words);
        }
        self.left -= words;
        entry
    }

    fn chunk(&mut self, words: usize) {
        // Where a `u64` is aligned to less than an atomic one.
        let layout = Layout::array::<u64>(words).and_then(|layout| layout.align_to(align_of::<Entry>()));
        let Ok(layout) = layout else { handle_alloc_error(Layout::new::<u64>()) };
        // SAFETY: a chunk has words.
        let Some(chunk) = NonNull::new(unsafe { alloc_zeroed(layout) }) else { handle_alloc_error(layout) };
        self.chunks.push((chunk, layout));
        self.next = chunk.cast();
        self.left = words;
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        for (chunk, layout) in self.chunks.drain(..) {
            // SAFETY: `chunk` got it with this layout, and entries are read while the family is there.
            unsafe { dealloc(chunk.as_ptr(), layout) };
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn rendered(text: &str) -> Rendered {
        Rendered { text: text.to_owned(), lengths: vec![1, 2] }
    }

    /// # Safety
    /// The entry is one of an arena that is there.
    unsafe fn labels<'a>(entry: NonNull<Entry>) -> &'a str {
        // SAFETY: the caller says that it is there, and nobody writes.
        let (labels, lengths) = unsafe { Entry::labels(entry, 2) };
        assert_eq!(lengths, [1, 2]);
        labels
    }

    #[test]
    fn a_size_has_room_for_what_it_is_of_and_little_more() {
        let mut before = Size(0);
        for words in (0..5000).chain((13..22).flat_map(|power| [(1 << power) - 1, 1 << power, (1 << power) + 1])) {
            let size = Size::of(words);
            assert!(size.words() >= words && size.words() - words <= words / 4, "{words} {size:?}");
            assert!(size >= before && Size::of(size.words()) == size, "{words} {size:?}");
            before = size;
        }
        assert!(before.0 < 1 << (u32::BITS - SIZE_BITS));
    }

    #[test]
    fn labels_longer_than_a_place_can_be_are_refused() {
        let mut arena = Arena::new();
        let longest = "x".repeat(if cfg!(miri) { 1000 } else { TOO_LONG as usize - 1 });
        let entry = arena.write(&[7; 1000], &rendered(&longest)).unwrap();
        // SAFETY: the arena is there, and nobody writes.
        assert!(unsafe { labels(entry) == longest && Entry::holds(entry, [7; 1000].into_iter()) });
        assert!(cfg!(miri) || arena.write(&[], &rendered(&format!("{longest}x"))).is_none());
    }

    #[test]
    fn a_short_text_takes_no_place_of_a_long_one() {
        let mut arena = Arena::new();
        let long = "x".repeat(LARGEST_CHUNK);
        for _ in 0..20 {
            let entry = arena.write(&[], &rendered(&long)).unwrap();
            arena.give_back(entry);
            arena.write(&[], &rendered("short")).unwrap();
        }
        let bytes = arena.chunks.iter().map(|(_, layout)| layout.size()).sum::<usize>();
        assert!(bytes < 3 * long.len(), "{bytes}");
    }

    #[test]
    fn a_place_is_used_again_and_is_never_too_small() {
        let mut arena = Arena::new();
        let first = arena.write(&[1, 2, 3], &rendered("a=\"1\"")).unwrap();
        let second = arena.write(&[], &rendered("a=\"22\"")).unwrap();
        // SAFETY: the arena is there, and nobody writes.
        unsafe {
            assert_eq!((labels(first), labels(second)), ("a=\"1\"", "a=\"22\""));
            assert!(Entry::holds(first, [1, 2, 3].into_iter()));
            for other in [&[1, 2, 4][..], &[1, 2], &[1, 2, 3, 4], &[]] {
                assert!(!Entry::holds(first, other.iter().copied()), "{other:?}");
            }
            assert!(!Entry::holds(second, [1].into_iter()));
            assert!(Entry::rest(first).unwrap().eq([1, 2, 3]) && Entry::rest(second).is_none());
        }
        arena.give_back(first);
        let third = arena.write(&[], &rendered("a=\"333\"")).unwrap();
        assert_eq!(third, first);
        // SAFETY: as above.
        assert_eq!(unsafe { labels(third) }, "a=\"333\"");
        // Longer than what a chunk has left, or than any ordinary chunk.
        let longest = "x".repeat(if cfg!(miri) { SMALLEST_CHUNK } else { LARGEST_CHUNK } * WORD + 1);
        let fourth = arena.write(&[], &rendered(&longest)).unwrap();
        // SAFETY: as above.
        assert!(unsafe { labels(fourth) == longest && labels(second) == "a=\"22\"" });
        let empty = arena.write(&[], &rendered("")).unwrap();
        // SAFETY: as above.
        assert_eq!(unsafe { labels(empty) }, "");
    }
}
