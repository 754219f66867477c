//! What a page is written into.

/// Bytes, of which those before `end` have been written. There are always as many behind that as the next line needs, so
/// that short texts are copied in a few moves of a length that the compiler knows, past their ends where that is
/// quicker: most of what a page is made of is short.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    end: usize,
}

/// How far past its end a short text may be copied.
const PAST: usize = SHORT;

/// The longest short text.
pub(super) const SHORT: usize = 64;

/// A short text with room behind it, so that all of it is copied whatever its length.
#[derive(Clone, Debug)]
pub(super) struct Short {
    bytes: [u8; SHORT],
    length: usize,
    /// Of a text that is not short.
    long: Vec<u8>,
}

impl Short {
    pub(super) const fn empty() -> Self {
        Self { bytes: [0; SHORT], length: 0, long: Vec::new() }
    }

    pub(super) fn new(text: &[u8]) -> Self {
        let mut bytes = [0; SHORT];
        match bytes.get_mut(..text.len()) {
            Some(room) => {
                room.copy_from_slice(text);
                Self { bytes, length: text.len(), long: Vec::new() }
            }
            None => Self { bytes, length: text.len(), long: text.to_vec() },
        }
    }

    pub(super) fn len(&self) -> usize {
        self.length
    }
}

/// The end of a buffer, with room behind it. Who writes a few things there knows the place without reading it from the
/// buffer again each time.
#[derive(Debug)]
pub(super) struct Room<'a> {
    bytes: &'a mut [u8],
    end: usize,
}

impl<'a> Room<'a> {
    /// Room that is of no buffer.
    #[inline]
    pub(super) fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes, end: 0 }
    }

    /// How many bytes have been written here.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.end
    }

    /// Appends a few bytes.
    #[inline]
    pub(super) fn put_few<const N: usize>(&mut self, bytes: &[u8; N]) {
        self.put_first(bytes, N);
    }

    /// Appends so many of these bytes, where there is room for all of them.
    #[inline]
    pub(super) fn put_first<const N: usize>(&mut self, bytes: &[u8; N], count: usize) {
        self.set(self.end, bytes);
        self.end += count;
    }

    /// Appends a short text; says whether it is such.
    #[inline]
    pub(super) fn put_short(&mut self, text: &Short) -> bool {
        self.put_first(&text.bytes, text.length);
        text.long.is_empty()
    }

    /// Writes bytes at a place.
    #[inline]
    pub(super) fn set<const N: usize>(&mut self, at: usize, bytes: &[u8; N]) {
        if let Some(place) = self.bytes.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
            *place = *bytes;
        }
    }
}

impl Buffer {
    /// Makes room for so many bytes. What is written there counts once it has been [`added`](Self::add).
    #[inline]
    pub(super) fn room(&mut self, bytes: usize) -> Room<'_> {
        self.reserve(bytes);
        Room { bytes: self.bytes.get_mut(self.end..).unwrap_or_default(), end: 0 }
    }

    /// Adds so many bytes that were written in the room at the end.
    #[inline]
    pub(super) fn add(&mut self, written: usize) {
        self.end += written;
    }

    pub(super) fn len(&self) -> usize {
        self.end
    }

    /// Makes room for so many bytes.
    #[inline]
    pub(super) fn reserve(&mut self, bytes: usize) {
        if self.bytes.len() - self.end < bytes + PAST {
            self.grow(bytes + PAST);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, bytes: usize) {
        let length = (self.end + bytes).max(self.bytes.len() * 2);
        self.bytes.resize(length, 0);
    }

    /// Writes over bytes that nobody needs any more, where it has none of its own.
    pub(super) fn reuse(&mut self, mut bytes: Vec<u8>) {
        if self.bytes.is_empty() {
            bytes.resize(bytes.capacity(), 0);
            self.bytes = bytes;
        }
    }

    /// What has been written.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.truncate(self.end);
        self.end = 0;
        bytes
    }

    /// Appends a text for which there is room.
    #[inline]
    pub(super) fn put_short(&mut self, text: &Short) {
        if let Some(first) = text.bytes.first_chunk::<16>()
            && text.length <= 16
        {
            self.copy(0, first);
            self.end += text.length;
        } else if text.long.is_empty() {
            self.copy(0, &text.bytes);
            self.end += text.length;
        } else {
            self.put(&text.long);
        }
    }

    /// Appends bytes for which there is room.
    #[inline]
    pub(super) fn put(&mut self, bytes: &[u8]) {
        // The first and the last ones, which overlap.
        if let (Some(first), Some(last)) = (bytes.first_chunk::<64>(), bytes.last_chunk::<64>())
            && bytes.len() <= 128
        {
            self.copy(0, first);
            self.copy(bytes.len() - 64, last);
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<32>(), bytes.last_chunk::<32>())
            && bytes.len() <= 64
        {
            self.copy(0, first);
            self.copy(bytes.len() - 32, last);
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<16>(), bytes.last_chunk::<16>())
            && bytes.len() <= 32
        {
            self.copy(0, first);
            self.copy(bytes.len() - 16, last);
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>())
            && bytes.len() <= 16
        {
            self.copy(0, first);
            self.copy(bytes.len() - 8, last);
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>())
            && bytes.len() <= 8
        {
            self.copy(0, first);
            self.copy(bytes.len() - 4, last);
        } else {
            self.put_any(bytes);
            return;
        }
        self.end += bytes.len();
    }

    /// Appends again what was written at a place, for which there is room.
    #[inline]
    pub(super) fn repeat(&mut self, from: usize, length: usize) {
        // In moves of a known length, from what is long written.
        let mut done = 0;
        while done < length {
            let Some(&part) = self.bytes.get(from + done..).and_then(|rest| rest.first_chunk::<SHORT>()) else { break };
            self.copy(done, &part);
            done += SHORT;
        }
        self.end += length;
    }

    fn put_any(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        if let Some(room) = self.bytes.get_mut(self.end..self.end + bytes.len()) {
            room.copy_from_slice(bytes);
            self.end += bytes.len();
        }
    }

    /// Appends a few bytes for which there is room.
    #[inline]
    pub(super) fn put_few<const N: usize>(&mut self, bytes: &[u8; N]) {
        self.copy(0, bytes);
        self.end += N;
    }

    /// Appends so many of these bytes, where there is room for all of them.
    #[inline]
    pub(super) fn put_first<const N: usize>(&mut self, bytes: &[u8; N], count: usize) {
        self.copy(0, bytes);
        self.end += count;
    }

    /// Writes over what stands at a place.
    #[inline]
    pub(super) fn set<const N: usize>(&mut self, at: usize, bytes: &[u8; N]) {
        if let Some(place) = self.bytes.get_mut(at..self.end).and_then(|rest| rest.first_chunk_mut()) {
            *place = *bytes;
        }
    }

    /// Moves what stands from one place on to another, behind which the text then goes on.
    pub(super) fn shift(&mut self, from: usize, to: usize) {
        self.reserve(to.saturating_sub(from));
        self.bytes.copy_within(from..self.end, to);
        self.end = self.end - from + to;
    }

    #[inline]
    fn copy<const N: usize>(&mut self, at: usize, bytes: &[u8; N]) {
        if let Some(room) = self.bytes.get_mut(self.end + at..).and_then(|rest| rest.first_chunk_mut()) {
            *room = *bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_every_length_come_whole() {
        let text: Vec<u8> = (0..=255).collect();
        let (mut buffer, mut expected) = (Buffer::default(), Vec::new());
        for length in 0..text.len() {
            buffer.reserve(2 * length + 3);
            buffer.put(&text[..length]);
            buffer.put_short(&Short::new(&text[..length]));
            buffer.put_few(b"abc");
            expected.extend_from_slice(&text[..length]);
            expected.extend_from_slice(&text[..length]);
            expected.extend_from_slice(b"abc");
            assert_eq!(buffer.len(), expected.len());
        }
        for length in 0..100 {
            buffer.reserve(length);
            buffer.repeat(300, length);
            expected.extend_from_within(300..300 + length);
        }
        buffer.reserve(8);
        buffer.put_first(b"abcdefgh", 3);
        buffer.set(expected.len() + 1, b"x");
        expected.extend_from_slice(b"axc");
        let mut room = buffer.room(3 + SHORT);
        room.put_few(b"ab");
        room.set(0, b"c");
        assert!(room.put_short(&Short::new(&text[..SHORT])));
        let written = room.len();
        assert!(!room.put_short(&Short::new(&text)));
        buffer.add(written);
        expected.extend_from_slice(b"cb");
        expected.extend_from_slice(&text[..SHORT]);
        for (from, to) in [(100, 103), (103, 99), (200, 1_000)] {
            buffer.shift(from, to);
            let moved = expected.split_off(from);
            expected.resize(to, 0);
            expected.extend_from_slice(&moved);
            for at in from..to {
                buffer.set(at, &[0]);
            }
        }
        assert_eq!(buffer.take(), expected);
        assert_eq!(buffer.take(), b"");
    }
}
