//! The text of a series' labels, as it stands on a page, and what of its key the line has no room for.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::spare::Spare;

/// A place for the text of one series, in an [`Arena`].
///
/// Its words are what of the key the line has no room for, then the rendered labels. Searchers, who don't say that they are there, read
/// the former while the place may be written for another series: so those are atomic, and bounded by `capacity`, which
/// never changes. Who reads the rendered labels is a [`Reader`](super::shard::Reader), and no place is written anew
/// while there are any.
#[repr(C, align(8))]
pub(super) struct Entry {
    /// In words.
    capacity: u32,
    /// Of the rendered labels, in bytes; the top bit says that words of the key stand before them, and their number
    /// before those.
    length: u32,
    words: [AtomicU64; 0],
}

const LONG: u32 = 1 << 31;
const WORD: usize = size_of::<u64>();

impl Entry {
    /// # Safety
    /// The entry is one of an arena that is still there.
    unsafe fn word<'a>(entry: NonNull<Self>, index: usize) -> &'a AtomicU64 {
        // SAFETY: the caller says so; callers stay below `capacity`.
        unsafe { entry.add(1).cast::<AtomicU64>().add(index).as_ref() }
    }

    /// Read alone, since the other field may be written meanwhile.
    ///
    /// # Safety
    /// The entry is one of an arena that is still there.
    unsafe fn capacity(entry: NonNull<Self>) -> u32 {
        // SAFETY: the caller says so, and this field never changes.
        unsafe { (&raw const (*entry.as_ptr()).capacity).read() }
    }

    /// Whether what a line had no room for is this.
    ///
    /// # Safety
    /// The entry is one of an arena that is still there.
    #[inline]
    pub(super) unsafe fn holds(entry: NonNull<Self>, rest: impl Iterator<Item = u64>) -> bool {
        // SAFETY: the caller says that it is there, and this field never changes.
        let capacity = unsafe { Self::capacity(entry) } as usize;
        let mut end = 1;
        for word in rest {
            // SAFETY: the caller says that the entry is there, and the index is compared with the capacity first.
            if end >= capacity || unsafe { Self::word(entry, end) }.load(Relaxed) != word {
                return false;
            }
            end += 1;
        }
        // SAFETY: as above; there is a first word where there is any.
        end <= capacity && unsafe { Self::word(entry, 0) }.load(Relaxed) == (end - 1) as u64
    }

    /// What a line had no room for, if there is such.
    ///
    /// # Safety
    /// The entry is one of an arena that is still there, and nobody writes it.
    pub(super) unsafe fn rest(entry: NonNull<Self>) -> Option<impl Iterator<Item = u64>> {
        // SAFETY: the caller says that nobody writes it.
        let length = unsafe { (&raw const (*entry.as_ptr()).length).read() };
        // SAFETY: the caller says that the entry is there, and it has words of the key.
        let word = move |index: u64| unsafe { Self::word(entry, usize::try_from(index).unwrap_or(0)) }.load(Relaxed);
        (length & LONG != 0).then(|| (1..=word(0)).map(word))
    }

    /// The rendered labels.
    ///
    /// # Safety
    /// The entry is one of an arena that is still there; it is that of a series which is there, and there is a
    /// [`Reader`](super::shard::Reader) since before that was seen.
    pub(super) unsafe fn labels<'a>(entry: NonNull<Self>) -> &'a str {
        // SAFETY: nobody writes the entry while the caller's reader is there.
        unsafe {
            let length = (&raw const (*entry.as_ptr()).length).read();
            let long = if length & LONG == 0 { 0 } else { 1 + Self::word(entry, 0).load(Relaxed) };
            let first = entry.add(1).cast::<u64>().add(usize::try_from(long).unwrap_or_default());
            let bytes = std::slice::from_raw_parts(first.cast::<u8>().as_ptr(), (length & !LONG) as usize);
            // `Arena::write` wrote a `str`.
            std::str::from_utf8_unchecked(bytes)
        }
    }
}

/// Up to eight bytes, as they lie in memory.
fn word_of(part: &[u8]) -> u64 {
    let mut bytes = [0; WORD];
    bytes[..part.len()].copy_from_slice(part);
    u64::from_ne_bytes(bytes)
}

/// The texts of one family, one behind the other in the order in which its series were made.
#[derive(Debug)]
pub(super) struct Arena {
    chunks: Vec<(NonNull<u8>, Layout)>,
    next: NonNull<u64>,
    /// How many words of the last chunk are left.
    left: usize,
    /// Places of series that are gone, by their capacity.
    spare: Spare<u32, NonNull<Entry>>,
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
    pub(super) fn write(&mut self, rest: &[u64], labels: &str) -> Option<NonNull<Entry>> {
        let before = if rest.is_empty() { 0 } else { 1 + rest.len() };
        let words = before + labels.len().div_ceil(WORD);
        let length = u32::try_from(labels.len()).ok().filter(|length| length & LONG == 0)?;
        let entry = self.place(u32::try_from(words).ok()?);
        // SAFETY: the place is this caller's alone but for searchers, who read words and the capacity only.
        unsafe {
            (&raw mut (*entry.as_ptr()).length).write(if rest.is_empty() { length } else { length | LONG });
        }
        let count = (!rest.is_empty()).then_some(rest.len() as u64);
        let labels = labels.as_bytes().chunks(WORD).map(word_of);
        for (at, word) in count.into_iter().chain(rest.iter().copied()).chain(labels).enumerate() {
            // SAFETY: the place has the capacity that was asked for, which is the number of these words.
            unsafe { Entry::word(entry, at) }.store(word, Relaxed);
        }
        Some(entry)
    }

    /// Takes back the place of a series that is gone and that nobody reads.
    pub(super) fn give_back(&mut self, entry: NonNull<Entry>) {
        // SAFETY: it is one of this arena.
        let capacity = unsafe { Entry::capacity(entry) };
        self.spare.of(capacity).push(entry);
    }

    fn place(&mut self, capacity: u32) -> NonNull<Entry> {
        if let Some(place) = self.spare.take_from(capacity) {
            return place;
        }
        // In a few sizes, so that texts that grow find the places of others that did.
        let capacity = capacity_for(capacity);
        let words = 1 + capacity as usize;
        if self.left < words {
            let ordinary = SMALLEST_CHUNK << self.chunks.len().min(8);
            self.chunk(words.max(ordinary.min(LARGEST_CHUNK)));
        }
        let entry = self.next.cast::<Entry>();
        // SAFETY: so many words of the chunk are left.
        unsafe {
            entry.write(Entry { capacity, length: 0, words: [] });
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

/// Any number of words up to eight, then each power of two and the middle between it and the next.
fn capacity_for(words: u32) -> u32 {
    let power = words.checked_next_power_of_two().unwrap_or(words);
    let middle = power / 4 * 3;
    if words <= 8 {
        words
    } else if words <= middle {
        middle
    } else {
        power
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

    #[test]
    fn a_place_is_used_again_and_is_never_too_small() {
        let mut arena = Arena::new();
        let first = arena.write(&[1, 2, 3], "a=\"1\"").unwrap();
        let second = arena.write(&[], "a=\"22\"").unwrap();
        // SAFETY: the arena is there, and nobody writes.
        unsafe {
            assert_eq!((Entry::labels(first), Entry::labels(second)), ("a=\"1\"", "a=\"22\""));
            assert!(Entry::holds(first, [1, 2, 3].into_iter()));
            for other in [&[1, 2, 4][..], &[1, 2], &[1, 2, 3, 4], &[]] {
                assert!(!Entry::holds(first, other.iter().copied()), "{other:?}");
            }
            assert!(!Entry::holds(second, [1].into_iter()));
            assert!(Entry::rest(first).unwrap().eq([1, 2, 3]) && Entry::rest(second).is_none());
        }
        arena.give_back(first);
        let third = arena.write(&[], "a=\"333\"").unwrap();
        assert_eq!(third, first);
        // SAFETY: as above.
        assert_eq!(unsafe { Entry::labels(third) }, "a=\"333\"");
        // Longer than what a chunk has left, or than any ordinary chunk.
        let longest = "x".repeat(if cfg!(miri) { SMALLEST_CHUNK } else { LARGEST_CHUNK } * WORD + 1);
        let fourth = arena.write(&[], &longest).unwrap();
        // SAFETY: as above.
        assert!(unsafe { Entry::labels(fourth) == longest && Entry::labels(second) == "a=\"22\"" });
        let empty = arena.write(&[], "").unwrap();
        // SAFETY: as above.
        assert_eq!(unsafe { Entry::labels(empty) }, "");
    }
}
