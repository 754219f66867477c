//! What a page is written into.

/// Bytes, of which those before `end` have been written. There are always as many behind that as the next line needs, so
/// that short texts are copied in a few moves of a length that the compiler knows, past their ends where that is
/// quicker: most of what a page is made of is short.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    end: usize,
    /// How many bytes it gets at once.
    least: usize,
}

/// More than a piece of a page mostly is: a buffer that grows up to that would be cleared and copied several times.
const PIECE: usize = 80 * 1024;

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

/// Where things are written one behind the other.
pub(super) trait Place {
    /// How many bytes have been written here.
    fn len(&self) -> usize;

    /// Writes bytes at a place.
    fn set<const N: usize>(&mut self, at: usize, bytes: &[u8; N]);

    /// Goes on so many bytes later.
    fn add(&mut self, written: usize);

    /// Appends bytes of any number.
    fn put_any(&mut self, bytes: &[u8]);

    /// Appends so many of these bytes, where there is room for all of them.
    #[inline]
    fn put_first<const N: usize>(&mut self, bytes: &[u8; N], count: usize) {
        self.set(self.len(), bytes);
        self.add(count);
    }

    /// Appends a few bytes for which there is room.
    #[inline]
    fn put_few<const N: usize>(&mut self, bytes: &[u8; N]) {
        self.put_first(bytes, N);
    }

    /// Appends bytes for which there is room.
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let (at, length) = (self.len(), bytes.len());
        // The first and the last ones, which overlap.
        if let (Some(first), Some(last)) = (bytes.first_chunk::<64>(), bytes.last_chunk::<64>())
            && length <= 128
        {
            self.set(at, first);
            self.set(at + length - 64, last);
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<32>(), bytes.last_chunk::<32>())
            && length <= 64
        {
            self.set(at, first);
            self.set(at + length - 32, last);
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<16>(), bytes.last_chunk::<16>())
            && length <= 32
        {
            self.set(at, first);
            self.set(at + length - 16, last);
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>())
            && length <= 16
        {
            self.set(at, first);
            self.set(at + length - 8, last);
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>())
            && length <= 8
        {
            self.set(at, first);
            self.set(at + length - 4, last);
        } else {
            return self.put_any(bytes);
        }
        self.add(length);
    }
}

/// Writes bytes at a place of others, where they have so many.
#[inline]
fn set<const N: usize>(to: &mut [u8], at: usize, bytes: &[u8; N]) {
    if let Some(place) = to.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
        *place = *bytes;
    }
}

/// The end of a buffer, with room behind it.
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
}

impl Place for Room<'_> {
    #[inline]
    fn len(&self) -> usize {
        self.end
    }

    #[inline]
    fn set<const N: usize>(&mut self, at: usize, bytes: &[u8; N]) {
        set(self.bytes, at, bytes);
    }

    #[inline]
    fn add(&mut self, written: usize) {
        self.end += written;
    }

    fn put_any(&mut self, bytes: &[u8]) {
        if let Some(place) = self.bytes.get_mut(self.end..).and_then(|rest| rest.get_mut(..bytes.len())) {
            place.copy_from_slice(bytes);
        }
        self.end += bytes.len();
    }
}

/// Room for something short at the end of a buffer. Since its size is known, nobody needs to ask at each write whether it
/// is large enough.
#[derive(Debug)]
pub(super) struct Window<'a> {
    bytes: &'a mut [u8; WINDOW + SHORT],
    end: usize,
}

/// More than the longest that is written into a [`Window`]; what is longer would stand at its beginning.
pub(super) const WINDOW: usize = 256;

impl Window<'_> {
    /// Appends a short text; says whether it is such.
    #[inline]
    pub(super) fn put_short(&mut self, text: &Short) -> bool {
        match text.bytes.first_chunk::<16>() {
            Some(first) if text.length <= 16 => self.put_first(first, text.length),
            _ => self.put_first(&text.bytes, text.length),
        }
        text.long.is_empty()
    }

    /// Appends so many bytes of a text from a place on, where it has so many.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "called, it takes a tenth of a line's time; the compiler does it by chance"
    )]
    pub(super) fn put_part(&mut self, text: &[u8], at: usize, length: usize) {
        // In one move, past the end where something follows, or in two that overlap.
        let rest = text.get(at..).unwrap_or_default();
        if let Some(bytes) = rest.first_chunk::<32>()
            && length <= 32
        {
            self.put_first(bytes, length);
        } else if let Some(first) = rest.first_chunk::<32>()
            && let Some(last) = rest.get(..length).and_then(<[u8]>::last_chunk::<32>)
            && length <= 64
        {
            self.set(self.end, first);
            self.set(self.end + length - 32, last);
            self.end += length;
        } else {
            self.put(rest.get(..length).unwrap_or_default());
        }
    }
}

impl Place for Window<'_> {
    #[inline]
    fn len(&self) -> usize {
        self.end
    }

    #[inline]
    fn set<const N: usize>(&mut self, at: usize, bytes: &[u8; N]) {
        const { assert!(N <= SHORT) };
        let at = at % WINDOW;
        self.bytes[at..at + N].copy_from_slice(bytes);
    }

    #[inline]
    fn add(&mut self, written: usize) {
        self.end += written;
    }

    fn put_any(&mut self, bytes: &[u8]) {
        if let Some(place) = self.bytes.get_mut(self.end..).and_then(|rest| rest.get_mut(..bytes.len())) {
            place.copy_from_slice(bytes);
        }
        self.end += bytes.len();
    }
}

impl Buffer {
    /// One for pieces of about so many bytes, or for all of a page where that is as many as can be.
    pub(super) fn of_pieces(full: usize) -> Self {
        Self { least: if full == usize::MAX { 0 } else { PIECE }, ..Self::default() }
    }

    /// A window in which so many bytes stand again that were written at a place.
    #[inline]
    pub(super) fn window_behind(&mut self, from: usize, length: usize) -> Option<Window<'_>> {
        self.reserve(WINDOW);
        let (written, room) = self.bytes.split_at_mut_checked(self.end)?;
        let mut window = Window { bytes: room.first_chunk_mut()?, end: 0 };
        window.put_part(written, from, length);
        Some(window)
    }

    /// Makes room for so many bytes. What is written there counts once it has been [`added`](Self::add).
    #[inline]
    pub(super) fn room(&mut self, bytes: usize) -> Room<'_> {
        self.reserve(bytes);
        Room { bytes: self.bytes.get_mut(self.end..).unwrap_or_default(), end: 0 }
    }

    /// Makes room for something shorter than [`WINDOW`]. What is written there counts once it has been
    /// [`added`](Self::add).
    #[inline]
    pub(super) fn window(&mut self) -> Option<Window<'_>> {
        self.reserve(WINDOW);
        let bytes = self.bytes.get_mut(self.end..).and_then(|rest| rest.first_chunk_mut())?;
        Some(Window { bytes, end: 0 })
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
        let length = (self.end + bytes).max(self.bytes.len() * 2).max(self.least);
        self.bytes.resize(length, 0);
    }

    /// Writes over bytes that nobody needs any more, where it has none of its own.
    #[cfg(feature = "http")]
    pub(super) fn reuse(&mut self, mut bytes: Vec<u8>) {
        if self.bytes.is_empty() {
            bytes.resize(bytes.capacity(), 0);
            self.bytes = bytes;
        }
    }

    /// What has been written.
    pub(super) fn written(&self) -> &[u8] {
        self.bytes.get(..self.end).unwrap_or_default()
    }

    /// Writes over what has been written.
    pub(super) fn clear(&mut self) {
        self.end = 0;
    }

    /// Takes what has been written.
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
            self.set(self.end, first);
            self.end += text.length;
        } else if text.long.is_empty() {
            self.set(self.end, &text.bytes);
            self.end += text.length;
        } else {
            self.put(&text.long);
        }
    }

    /// Appends again what was written at a place, for which there is room.
    #[inline]
    pub(super) fn repeat(&mut self, from: usize, length: usize) {
        // In moves of a known length, from what is long written.
        let mut done = 0;
        while done < length {
            let Some(&part) = self.bytes.get(from + done..).and_then(|rest| rest.first_chunk::<SHORT>()) else { break };
            self.set(self.end + done, &part);
            done += SHORT;
        }
        self.end += length;
    }

    /// Moves what stands from one place on to another, behind which the text then goes on.
    pub(super) fn shift(&mut self, from: usize, to: usize) {
        self.reserve(to.saturating_sub(from));
        self.bytes.copy_within(from..self.end, to);
        self.end = self.end - from + to;
    }
}

impl Place for Buffer {
    #[inline]
    fn len(&self) -> usize {
        self.end
    }

    #[inline]
    fn set<const N: usize>(&mut self, at: usize, bytes: &[u8; N]) {
        set(&mut self.bytes, at, bytes);
    }

    #[inline]
    fn add(&mut self, written: usize) {
        self.end += written;
    }

    fn put_any(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        if let Some(room) = self.bytes.get_mut(self.end..self.end + bytes.len()) {
            room.copy_from_slice(bytes);
            self.end += bytes.len();
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
        room.put_few(text.first_chunk::<SHORT>().unwrap());
        let written = room.len();
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
