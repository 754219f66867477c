//! The wire format of protocol buffers: the fields of a message.
//!
//! <https://protobuf.dev/programming-guides/encoding/>

use super::super::label::shown;

/// What is wrong with a message, and where.
#[derive(Debug)]
pub(super) struct Fault(Box<FaultAt>);

#[derive(Debug)]
struct FaultAt {
    offset: u64,
    message: String,
    /// The fields in which it is, the innermost first.
    path: Vec<&'static str>,
}

impl Fault {
    #[cold]
    #[inline]
    pub(super) fn new(offset: u64, message: impl Into<String>) -> Self {
        Self(Box::new(FaultAt { offset, message: message.into(), path: Vec::new() }))
    }

    /// The same in a field of another message.
    #[cold]
    #[inline]
    pub(super) fn within(mut self, field: &'static str) -> Self {
        self.0.path.push(field);
        self
    }

    /// Where it is, and its message, which begins with the path.
    #[inline]
    pub(super) fn into_parts(self) -> (u64, String) {
        let FaultAt { offset, message, path } = *self.0;
        let path: Vec<&str> = path.into_iter().rev().collect();
        (offset, if path.is_empty() { message } else { format!("`{}`: {message}", path.join(".")) })
    }
}

pub(super) type Result<T> = std::result::Result<T, Fault>;

/// What is left of a message. Its fields are taken off one by one: first the tag, then the value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    bytes: &'a [u8],
    /// Where their end is on the page.
    end: u64,
    /// How many there were before the last tag was taken.
    before: usize,
}

/// The number of a field and its wire type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag(u64);

impl Tag {
    /// There is no more field.
    pub(super) const END: Self = Self(0);

    /// The number of the field.
    #[inline]
    pub(super) fn number(self) -> u64 {
        self.0 >> 3
    }

    #[inline]
    pub(super) fn wire(self) -> u64 {
        self.0 & 7
    }

    /// The tag that an integer is.
    #[inline]
    pub(super) fn of(tag: u64, offset: u64) -> Result<Self> {
        let number = tag >> 3;
        if number == 0 || number >= 1 << 29 {
            let message = format!("there is no field {number}: fields are numbered from 1 to 536870911");
            return Err(Fault::new(offset, message));
        }
        match tag & 7 {
            VARINT | FIXED64 | LENGTH | FIXED32 => Ok(Self(tag)),
            3 | 4 => Err(Fault::new(offset, format!("field {number} is a group, which this format doesn't have"))),
            wire => Err(Fault::new(offset, format!("field {number} has the wire type {wire}, which there isn't"))),
        }
    }
}

/// The most bytes that an integer takes.
pub(super) const LONGEST_VARINT: usize = 10;

/// The wire types.
pub(super) const VARINT: u64 = 0;
pub(super) const FIXED64: u64 = 1;
pub(super) const LENGTH: u64 = 2;
pub(super) const FIXED32: u64 = 5;

/// The integer at the beginning of some bytes, and how many it takes; none where they end within it.
#[inline]
pub(super) fn varint(bytes: &[u8], offset: u64) -> Result<Option<(u64, usize)>> {
    let mut number = 0;
    for (at, byte) in bytes.iter().take(LONGEST_VARINT).enumerate() {
        // Of the tenth only one bit is left.
        if at + 1 == LONGEST_VARINT && *byte > 1 {
            return Err(Fault::new(offset, "an integer of more than 64 bits"));
        }
        number |= u64::from(byte & 0x7F) << (7 * at);
        if *byte < 0x80 {
            return Ok(Some((number, at + 1)));
        }
    }
    Ok(None)
}

#[cold]
#[inline]
fn cut_off(offset: u64) -> Fault {
    Fault::new(offset, "a field goes on behind the end of its message")
}

impl<'a> Message<'a> {
    #[inline]
    pub(super) fn new(bytes: &'a [u8], offset: u64) -> Self {
        Self { bytes, end: offset + bytes.len() as u64, before: bytes.len() }
    }

    /// Where they begin on the page.
    #[inline]
    pub(super) fn offset(&self) -> u64 {
        self.end - self.bytes.len() as u64
    }

    /// Where the field begins whose tag was taken last.
    #[inline]
    pub(super) fn field_offset(&self) -> u64 {
        self.end - self.before as u64
    }

    /// Takes so many bytes off.
    #[inline]
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let Some((taken, rest)) = self.bytes.split_at_checked(count) else { return Err(cut_off(self.offset())) };
        self.bytes = rest;
        Ok(taken)
    }

    #[inline]
    fn varint(&mut self) -> Result<u64> {
        if let Some((first, rest)) = self.bytes.split_first()
            && *first < 0x80
        {
            self.bytes = rest;
            return Ok((*first).into());
        }
        self.long_varint()
    }

    #[inline]
    fn long_varint(&mut self) -> Result<u64> {
        let offset = self.offset();
        let Some((number, length)) = varint(self.bytes, offset)? else { return Err(cut_off(offset)) };
        self.take(length)?;
        Ok(number)
    }

    #[inline]
    fn fixed64(&mut self) -> Result<u64> {
        match self.bytes.split_first_chunk() {
            Some((eight, rest)) => {
                self.bytes = rest;
                Ok(u64::from_le_bytes(*eight))
            }
            None => Err(cut_off(self.offset())),
        }
    }

    #[inline]
    fn delimited(&mut self) -> Result<&'a [u8]> {
        let length = self.varint()?;
        match usize::try_from(length) {
            Ok(length) => self.take(length),
            Err(_) => Err(cut_off(self.offset())),
        }
    }

    /// Takes the tag of the next field.
    #[inline]
    pub(super) fn tag(&mut self) -> Result<Tag> {
        self.before = self.bytes.len();
        if self.bytes.is_empty() {
            return Ok(Tag::END);
        }
        let offset = self.offset();
        Tag::of(self.varint()?, offset)
    }

    /// Takes the value of a field that isn't known.
    #[inline]
    pub(super) fn skip(&mut self, tag: Tag) -> Result<()> {
        match tag.wire() {
            VARINT => self.varint().map(drop),
            FIXED64 => self.fixed64().map(drop),
            LENGTH => self.delimited().map(drop),
            _ => self.take(4).map(drop),
        }
    }

    #[cold]
    #[inline]
    fn is_no(&self, tag: Tag, what: &str) -> Fault {
        let is = match tag.wire() {
            VARINT => "an integer stands",
            FIXED64 => "eight bytes stand",
            LENGTH => "bytes with a length stand",
            _ => "four bytes stand",
        };
        Fault::new(self.field_offset(), format!("{is} where {what} is to be"))
    }

    #[inline]
    pub(super) fn message(&mut self, tag: Tag) -> Result<Self> {
        if tag.wire() != LENGTH {
            return Err(self.is_no(tag, "a message"));
        }
        let bytes = self.delimited()?;
        let end = self.offset();
        Ok(Self { bytes, end, before: bytes.len() })
    }

    #[inline]
    pub(super) fn text(&mut self, tag: Tag) -> Result<&'a str> {
        if tag.wire() != LENGTH {
            return Err(self.is_no(tag, "a text"));
        }
        let bytes = self.delimited()?;
        text(bytes, self.offset() - bytes.len() as u64)
    }

    #[inline]
    pub(super) fn double(&mut self, tag: Tag) -> Result<f64> {
        if tag.wire() == FIXED64 { self.fixed64().map(f64::from_bits) } else { Err(self.is_no(tag, "a `double`")) }
    }

    #[inline]
    pub(super) fn integer(&mut self, tag: Tag) -> Result<u64> {
        if tag.wire() == VARINT { self.varint() } else { Err(self.is_no(tag, "an integer")) }
    }

    /// An integer of the types `sint32` and `sint64`.
    #[inline]
    pub(super) fn signed(&mut self, tag: Tag) -> Result<i64> {
        self.integer(tag).map(unzigzag)
    }

    /// Integers of a repeated field, which stand there one by one or together.
    #[inline]
    pub(super) fn integers(&mut self, tag: Tag, mut each: impl FnMut(u64)) -> Result<()> {
        if tag.wire() != LENGTH {
            return self.integer(tag).map(each);
        }
        let mut packed = self.message(tag)?;
        while !packed.bytes.is_empty() {
            each(packed.varint()?);
        }
        Ok(())
    }

    /// The same of `double`s.
    #[inline]
    pub(super) fn doubles(&mut self, tag: Tag, mut each: impl FnMut(f64)) -> Result<()> {
        if tag.wire() != LENGTH {
            return self.double(tag).map(each);
        }
        let mut packed = self.message(tag)?;
        while !packed.bytes.is_empty() {
            each(f64::from_bits(packed.fixed64()?));
        }
        Ok(())
    }
}

/// A text that begins at a place of the page.
#[inline]
pub(super) fn text(bytes: &[u8], offset: u64) -> Result<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => {
            let text = shown(&String::from_utf8_lossy(bytes));
            Err(Fault::new(offset + error.valid_up_to() as u64, format!("`{text}` is not UTF-8")))
        }
    }
}

/// 0, 1, 2, 3, … as 0, -1, 1, -2, …
#[inline]
pub(super) fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// Keeps what may stand once in a message.
#[inline]
pub(super) fn once<T>(kept: &mut Option<T>, value: T, offset: u64) -> Result<()> {
    match kept.replace(value) {
        None => Ok(()),
        Some(_) => Err(Fault::new(offset, "it stands there twice")),
    }
}
