//! Bytes of a page, from memory or from a stream.

use std::fmt;
use std::io::{self, Read};

use super::super::error::Error;

/// What is left of a page.
pub(super) struct Input<'a> {
    source: Source<'a>,
    /// How many bytes have been taken.
    offset: u64,
}

enum Source<'a> {
    Page(&'a [u8]),
    Stream(Stream<'a>),
}

struct Stream<'a> {
    read: Box<dyn Read + 'a>,
    /// What was read and hasn't been taken stands from `start` to `end`.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
}

/// How much is asked of a stream at first.
const FIRST: usize = 64 * 1024;

impl<'a> Input<'a> {
    #[inline]
    pub(super) fn of_page(page: &'a [u8]) -> Self {
        Self { source: Source::Page(page), offset: 0 }
    }

    #[inline]
    pub(super) fn of_stream(read: Box<dyn Read + 'a>) -> Self {
        let stream = Stream { read, buffer: Vec::new(), start: 0, end: 0, ended: false };
        Self { source: Source::Stream(stream), offset: 0 }
    }

    /// How many bytes have been taken.
    #[inline]
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next bytes, at least so many unless the page ends before.
    #[inline]
    pub(super) fn next(&mut self, count: usize) -> Result<&[u8], Error> {
        match &mut self.source {
            Source::Page(rest) => Ok(rest),
            Source::Stream(stream) => {
                if stream.end - stream.start < count {
                    stream.read(count).map_err(|source| Error::io_at(self.offset, source))?;
                }
                Ok(&stream.buffer[stream.start..stream.end])
            }
        }
    }

    /// Takes bytes of which [`next`](Self::next) has given as many.
    #[inline]
    pub(super) fn take(&mut self, count: usize) {
        match &mut self.source {
            Source::Page(rest) => *rest = rest.get(count..).unwrap_or_default(),
            Source::Stream(stream) => stream.start = stream.end.min(stream.start + count),
        }
        self.offset += count as u64;
    }
}

impl Stream<'_> {
    #[inline]
    fn read(&mut self, count: usize) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        while self.end < count && !self.ended {
            if self.end == self.buffer.len() {
                // Twice as much, so that no length that a page only claims is made room for.
                let length = (2 * self.end).max(FIRST);
                self.buffer.resize(length, 0);
            }
            match self.read.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(read) => self.end = self.buffer.len().min(self.end + read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Input<'_> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input").field("offset", &self.offset).finish_non_exhaustive()
    }
}
