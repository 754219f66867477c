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

/// A place in a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<'a> {
    pub(super) bytes: &'a [u8],
    /// Where the first of them stands.
    pub(super) offset: u64,
}

/// What a field has, by its wire type.
#[derive(Clone, Copy, Debug)]
enum Content<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(Bytes<'a>),
    Fixed32,
}

/// A field of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a> {
    pub(super) number: u64,
    /// Where it stands.
    pub(super) offset: u64,
    content: Content<'a>,
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
    if let Some(&first) = bytes.first()
        && first < 0x80
    {
        return Ok(Some((first.into(), 1)));
    }
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

/// The number and the wire type that a tag says.
#[inline]
pub(super) fn tag(tag: u64, offset: u64) -> Result<(u64, u64)> {
    let (number, wire) = (tag >> 3, tag & 7);
    if number == 0 || number >= 1 << 29 {
        return Err(Fault::new(offset, format!("there is no field {number}: fields are numbered from 1 to 536870911")));
    }
    match wire {
        VARINT | FIXED64 | LENGTH | FIXED32 => Ok((number, wire)),
        3 | 4 => Err(Fault::new(offset, format!("field {number} is a group, which this format doesn't have"))),
        _ => Err(Fault::new(offset, format!("field {number} has the wire type {wire}, which there isn't"))),
    }
}

#[cold]
#[inline]
fn cut_off(offset: u64) -> Fault {
    Fault::new(offset, "a field goes on behind the end of its message")
}

impl<'a> Bytes<'a> {
    #[inline]
    pub(super) fn is_empty(self) -> bool {
        self.bytes.is_empty()
    }

    /// Takes so many bytes off.
    #[inline]
    fn take(&mut self, count: u64) -> Result<Self> {
        let split = usize::try_from(count).ok().and_then(|count| self.bytes.split_at_checked(count));
        let Some((taken, rest)) = split else { return Err(cut_off(self.offset)) };
        let taken = Self { bytes: taken, offset: self.offset };
        *self = Self { bytes: rest, offset: self.offset + count };
        Ok(taken)
    }

    #[inline]
    pub(super) fn varint(&mut self) -> Result<u64> {
        let Some((number, length)) = varint(self.bytes, self.offset)? else { return Err(cut_off(self.offset)) };
        self.take(length as u64)?;
        Ok(number)
    }

    #[inline]
    fn fixed64(&mut self) -> Result<u64> {
        let eight = self.take(8)?;
        // `take` gave as many.
        Ok(eight.bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)))
    }

    /// The next field of a message.
    #[inline]
    pub(super) fn field(&mut self) -> Result<Option<Field<'a>>> {
        if self.is_empty() {
            return Ok(None);
        }
        let offset = self.offset;
        let (number, wire) = tag(self.varint()?, offset)?;
        let content = match wire {
            VARINT => Content::Varint(self.varint()?),
            FIXED64 => Content::Fixed64(self.fixed64()?),
            LENGTH => {
                let length = self.varint()?;
                Content::Bytes(self.take(length)?)
            }
            _ => {
                self.take(4)?;
                Content::Fixed32
            }
        };
        Ok(Some(Field { number, offset, content }))
    }

    #[inline]
    pub(super) fn text(self) -> Result<&'a str> {
        match std::str::from_utf8(self.bytes) {
            Ok(text) => Ok(text),
            Err(error) => {
                let text = String::from_utf8_lossy(self.bytes);
                let at = self.offset + error.valid_up_to() as u64;
                Err(Fault::new(at, format!("`{}` is not UTF-8", shown(&text))))
            }
        }
    }
}

impl<'a> Field<'a> {
    #[cold]
    #[inline]
    fn is_no(&self, what: &str) -> Fault {
        let is = match self.content {
            Content::Varint(_) => "an integer",
            Content::Fixed64(_) => "eight bytes",
            Content::Bytes(_) => "bytes with a length",
            Content::Fixed32 => "four bytes",
        };
        Fault::new(self.offset, format!("{is} stand where {what} is to be"))
    }

    #[inline]
    pub(super) fn message(&self) -> Result<Bytes<'a>> {
        match self.content {
            Content::Bytes(bytes) => Ok(bytes),
            _ => Err(self.is_no("a message")),
        }
    }

    #[inline]
    pub(super) fn text(&self) -> Result<&'a str> {
        match self.content {
            Content::Bytes(bytes) => bytes.text(),
            _ => Err(self.is_no("a text")),
        }
    }

    #[inline]
    pub(super) fn double(&self) -> Result<f64> {
        match self.content {
            Content::Fixed64(bits) => Ok(f64::from_bits(bits)),
            _ => Err(self.is_no("a `double`")),
        }
    }

    #[inline]
    pub(super) fn integer(&self) -> Result<u64> {
        match self.content {
            Content::Varint(number) => Ok(number),
            _ => Err(self.is_no("an integer")),
        }
    }

    /// An integer of the types `sint32` and `sint64`.
    #[inline]
    pub(super) fn signed(&self) -> Result<i64> {
        self.integer().map(unzigzag)
    }

    /// Integers of a repeated field, which stand there one by one or together.
    #[inline]
    pub(super) fn integers(&self, mut each: impl FnMut(u64)) -> Result<()> {
        match self.content {
            Content::Varint(number) => each(number),
            Content::Bytes(mut packed) => {
                while !packed.is_empty() {
                    each(packed.varint()?);
                }
            }
            _ => return Err(self.is_no("an integer")),
        }
        Ok(())
    }

    /// The same of `double`s.
    #[inline]
    pub(super) fn doubles(&self, mut each: impl FnMut(f64)) -> Result<()> {
        match self.content {
            Content::Fixed64(bits) => each(f64::from_bits(bits)),
            Content::Bytes(mut packed) => {
                while !packed.is_empty() {
                    each(f64::from_bits(packed.fixed64()?));
                }
            }
            _ => return Err(self.is_no("a `double`")),
        }
        Ok(())
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
