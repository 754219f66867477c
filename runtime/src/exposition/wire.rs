//! The wire format of protocol buffers: fields, each a number with its type and a value.
//!
//! <https://protobuf.dev/programming-guides/encoding/>

use super::buffer::{Buffer, Place, Room};
use crate::snapshot::Timestamp;

const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const LENGTH: u8 = 2;

/// What stands before an integer.
pub(super) const fn integer(field: u8) -> u8 {
    field << 3 | VARINT
}

/// What stands before a `double`.
pub(super) const fn double(field: u8) -> u8 {
    field << 3 | FIXED64
}

/// What stands before a text or a message. The fields from 16 on have two bytes, of which this is the first.
pub(super) const fn length(field: u8) -> u8 {
    field << 3 | LENGTH
}

/// The most bytes that an integer takes.
pub(super) const LONGEST_VARINT: usize = 10;

/// How many bytes an integer takes.
#[inline]
pub(super) const fn varint_length(number: u64) -> usize {
    // Seven bits a byte: a seventh is 9/64 where there are at most 64 bits.
    ((64 - (number | 1).leading_zeros()) as usize * 9 + 64) / 64
}

/// Appends an integer.
#[inline]
pub(super) fn put_varint(out: &mut Buffer, number: u64) {
    let mut room = out.room(LONGEST_VARINT);
    varint(&mut room, number);
    let written = room.len();
    out.add(written);
}

/// Appends an integer.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a call of its own costs more than what it does")]
pub(super) fn varint(out: &mut impl Place, number: u64) {
    if number < 0x80 {
        out.put_few(&[number.to_le_bytes()[0]]);
    } else if number < 1 << 56 {
        // The bits are spread by halves, without a loop: the lengths of what is counted differ from one to the next.
        let spread = (number & 0x0FFF_FFFF) | (number & 0x00FF_FFFF_F000_0000) << 4;
        let spread = (spread & 0x0000_3FFF_0000_3FFF) | (spread & 0x0FFF_C000_0FFF_C000) << 2;
        let spread = (spread & 0x007F_007F_007F_007F) | (spread & 0x3F80_3F80_3F80_3F80) << 1;
        let length = varint_length(number);
        let more = 0x0080_8080_8080_8080 >> (8 * (8 - length));
        out.put_first(&(spread | more).to_le_bytes(), length);
    } else {
        let (mut bytes, mut rest) = ([0; LONGEST_VARINT], number);
        for byte in &mut bytes {
            *byte = rest.to_le_bytes()[0] | 0x80;
            rest >>= 7;
        }
        let length = varint_length(number);
        bytes[length - 1] &= 0x7F;
        out.put_first(&bytes, length);
    }
}

/// Appends a field with an integer.
pub(super) fn put_integer(out: &mut Buffer, field: u8, number: u64) {
    out.reserve(1 + LONGEST_VARINT);
    out.put_few(&[integer(field)]);
    put_varint(out, number);
}

/// Appends a field with an integer that may be negative, of the types `sint32` and `sint64`: small ones are short.
pub(super) fn put_signed(out: &mut Buffer, field: u8, number: i64) {
    put_integer(out, field, zigzag(number));
}

/// 0, -1, 1, -2, … as 0, 1, 2, 3, …
const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

/// Appends a field with a `double`.
pub(super) fn put_double(out: &mut Buffer, field: u8, number: f64) {
    out.reserve(9);
    out.put_few(&[double(field)]);
    out.put_few(&number.to_le_bytes());
}

/// Appends a field with a text.
pub(super) fn put_text(out: &mut Buffer, field: u8, text: &str) {
    out.reserve(1 + LONGEST_VARINT + text.len());
    out.put_few(&[length(field)]);
    put_varint(out, text.len() as u64);
    out.put(text.as_bytes());
}

/// Appends a field with a `google.protobuf.Timestamp`.
pub(super) fn put_timestamp(out: &mut Buffer, field: u8, at: Timestamp) {
    let mut room = out.room(LONGEST_TIMESTAMP);
    timestamp(&mut room, field, (at.seconds().cast_unsigned(), at.nanos()));
    let written = room.len();
    out.add(written);
}

const LONGEST_TIMESTAMP: usize = 2 + 2 * (1 + LONGEST_VARINT);

/// The same of an instant in seconds and nanoseconds.
#[inline]
pub(super) fn timestamp(out: &mut impl Place, field: u8, at: (u64, u32)) {
    Second::new(field, at.0).put(out, at.1);
}

/// A field with a `google.protobuf.Timestamp`, up to the nanoseconds: many series begin in one second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Second {
    seconds: u64,
    bytes: [u8; 16],
    length: usize,
}

impl Second {
    #[inline]
    pub(super) fn new(field: u8, seconds: u64) -> Self {
        let mut bytes = [0; 16];
        let mut room = Room::new(&mut bytes);
        room.put_few(&[length(field), 0, integer(1)]);
        let mut rest = seconds;
        while rest >= 0x80 {
            room.put_few(&[rest.to_le_bytes()[0] | 0x80]);
            rest >>= 7;
        }
        room.put_few(&[rest.to_le_bytes()[0], integer(2)]);
        let length = room.len();
        Self { seconds, bytes, length }
    }

    /// Whether it is this one.
    #[inline]
    pub(super) fn is(&self, seconds: u64) -> bool {
        self.seconds == seconds
    }

    /// How many bytes the field takes with so many nanoseconds.
    #[inline]
    pub(super) fn len(&self, nanos: u32) -> usize {
        self.length + varint_length(nanos.into())
    }

    /// Appends the field.
    #[inline]
    pub(super) fn put(&self, out: &mut impl Place, nanos: u32) {
        let long = (self.len(nanos) - 2).to_le_bytes()[0];
        let at = out.len();
        out.put_first(&self.bytes, self.length);
        out.set(at + 1, &[long]);
        varint(out, nanos.into());
    }
}

/// A message that has begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    /// Where its length stands, and in how many bytes.
    at: usize,
    room: usize,
}

/// Begins a message of about so many bytes in a field: where it becomes as long as a length of as many bytes says, nothing
/// of it needs to be moved.
#[inline]
pub(super) fn open(out: &mut Buffer, tag: u8, expected: usize) -> Message {
    let room = varint_length(expected as u64);
    out.reserve(1 + LONGEST_VARINT);
    out.put_few(&[tag]);
    begin(out, room)
}

/// Begins a message with so many bytes for its length.
#[inline]
pub(super) fn begin(out: &mut Buffer, room: usize) -> Message {
    out.reserve(LONGEST_VARINT);
    let at = out.len();
    out.put_first(&[0; LONGEST_VARINT], room);
    Message { at, room }
}

impl Message {
    /// How long it has become.
    #[inline]
    pub(super) fn len(self, out: &Buffer) -> usize {
        out.len() - self.at - self.room
    }
}

/// Ends a message; says how long it is.
#[inline]
pub(super) fn close(out: &mut Buffer, message: Message) -> usize {
    let length = message.len(out);
    match message.room {
        1 if length < 0x80 => out.set(message.at, &[length.to_le_bytes()[0]]),
        2 if (0x80..0x4000).contains(&length) => {
            let bytes = length.to_le_bytes();
            out.set(message.at, &[bytes[0] | 0x80, bytes[1] << 1 | bytes[0] >> 7]);
        }
        _ => close_moved(out, message),
    }
    length
}

/// Ends a message whose length takes other room than was left for it.
#[cold]
#[inline(never)]
fn close_moved(out: &mut Buffer, message: Message) {
    let length = message.len(out);
    let room = varint_length(length as u64);
    if room != message.room {
        out.shift(message.at + message.room, message.at + room);
    }
    let mut rest = length;
    for at in 0..room {
        let more = if at + 1 < room { 0x80 } else { 0 };
        out.set(message.at + at, &[rest.to_le_bytes()[0] & 0x7F | more]);
        rest >>= 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_every_length_are_written_in_as_few_bytes_as_can_be() {
        for (number, bytes) in [
            (0, &[0][..]),
            (1, &[1]),
            (127, &[0x7F]),
            (128, &[0x80, 1]),
            // The example of the specification.
            (150, &[0x96, 1]),
            (u64::MAX, &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
        ] {
            let mut out = Buffer::default();
            put_varint(&mut out, number);
            assert_eq!(out.take(), bytes, "{number}");
        }
        for power in 0..64 {
            for number in [1_u64 << power, (1 << power) - 1, (1 << power) | 0x55] {
                let mut out = Buffer::default();
                put_varint(&mut out, number);
                let bytes = out.take();
                assert_eq!(bytes.len(), varint_length(number), "{number}");
                assert!(bytes.iter().rev().skip(1).all(|byte| byte & 0x80 != 0), "{number}");
                let read = bytes.iter().rev().fold(0, |read, byte| read << 7 | u64::from(byte & 0x7F));
                assert_eq!(read, number);
            }
        }
    }

    #[test]
    fn small_numbers_are_short_whatever_their_sign() {
        let zigzagged: Vec<u64> = [0, -1, 1, -2, i64::MAX, i64::MIN].into_iter().map(zigzag).collect();
        assert_eq!(zigzagged, [0, 1, 2, 3, u64::MAX - 1, u64::MAX]);
    }

    #[test]
    fn a_message_may_be_shorter_or_longer_than_it_was_expected_to_be() {
        for length in [0_usize, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152] {
            for expected in [0, 128, 16_384] {
                let mut out = Buffer::default();
                let message = open(&mut out, 0x0A, expected);
                let content = vec![b'x'; length];
                out.reserve(length);
                out.put(&content);
                assert_eq!(close(&mut out, message), length);
                let mut read = Buffer::default();
                read.reserve(1 + LONGEST_VARINT);
                read.put_few(&[0x0A]);
                put_varint(&mut read, length as u64);
                read.reserve(length);
                read.put(&content);
                assert_eq!(out.take(), read.take());
            }
        }
    }
}
