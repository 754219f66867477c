//! The error of pages that can't be read.

use std::error::Error as StdError;
use std::fmt;
use std::io;

/// A page that can't be read: it isn't in its format, or it can't be had.
///
/// The text says the place, what is wrong there, and what would be right.
///
/// ```
/// let error = tallymark::parse::openmetrics("jobs 1 \n# EOF\n").unwrap_err();
/// assert_eq!((error.line(), error.column()), (Some(1), Some(8)));
/// assert!(error.to_string().starts_with("line 1, column 8: "));
/// ```
pub struct Error {
    place: Option<(usize, usize)>,
    /// On a page without lines.
    offset: Option<u64>,
    message: String,
    source: Option<io::Error>,
}

const NO_FURTHER: &str = "the page can't be read further";

impl Error {
    /// What is wrong with a page as a whole, or with one that has no lines.
    #[inline]
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { place: None, offset: None, message: message.into(), source: None }
    }

    /// What is wrong in a line, at the byte with this index.
    #[inline]
    pub(super) fn in_line(number: usize, line: &[u8], at: usize, message: String) -> Self {
        let before = line.get(..at).unwrap_or(line);
        let column = String::from_utf8_lossy(before).chars().count() + 1;
        Self { place: Some((number, column)), ..Self::new(message) }
    }

    /// The page can't be had behind this line.
    #[inline]
    pub(super) fn io(line: usize, source: io::Error) -> Self {
        Self { place: Some((line, 1)), source: Some(source), ..Self::new(NO_FURTHER) }
    }

    /// What is wrong on a page without lines, at the byte with this index.
    #[inline]
    pub(super) fn at_byte(offset: u64, message: String) -> Self {
        Self { offset: Some(offset), ..Self::new(message) }
    }

    /// Such a page can't be had behind so many bytes.
    #[inline]
    pub(super) fn io_at(offset: u64, source: io::Error) -> Self {
        Self { offset: Some(offset), source: Some(source), ..Self::new(NO_FURTHER) }
    }

    /// The line, from 1; none where the page has no lines, or it is not about one.
    #[must_use]
    #[inline]
    pub fn line(&self) -> Option<usize> {
        self.place.map(|(line, _)| line)
    }

    /// The column, from 1, in characters (code points).
    #[must_use]
    #[inline]
    pub fn column(&self) -> Option<usize> {
        self.place.map(|(_, column)| column)
    }

    /// On a page in protobuf, which has no lines, the byte, from 0.
    #[must_use]
    #[inline]
    pub fn offset(&self) -> Option<u64> {
        self.offset
    }
}

/// The text of `Display`: `main` and `unwrap` show this one.
impl fmt::Debug for Error {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Error {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        if let Some(offset) = self.offset {
            write!(f, "byte {offset}: ")?;
        }
        f.write_str(&self.message)?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {
    #[inline]
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

/// What is wrong, while the line is still at hand. Boxed, since every line's result has room for one.
pub(super) type Fault = Box<FaultIn>;

#[derive(Debug)]
pub(super) struct FaultIn {
    pub(super) message: String,
    pub(super) place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The byte of the line that is being read.
    Byte(usize),
    /// A line further up, where what is wrong begins.
    Line(usize),
}

#[cold]
#[inline]
pub(super) fn fault<T>(at: usize, message: impl Into<String>) -> Result<T, Fault> {
    Err(Box::new(FaultIn { message: message.into(), place: Place::Byte(at) }))
}

#[cold]
#[inline]
pub(super) fn fault_above<T>(line: usize, message: impl Into<String>) -> Result<T, Fault> {
    Err(Box::new(FaultIn { message: message.into(), place: Place::Line(line) }))
}
