//! Lines of a page, from memory or from a stream.

use std::fmt;
use std::io::{self, Read};
use std::str::Utf8Error;

use super::error::Error;
use super::scan;

/// The lines of a page, one at a time.
pub(super) struct Lines<'a> {
    source: Source<'a>,
    /// The number of the last line.
    number: usize,
}

/// A line, without its line feed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) text: Result<&'a str, Utf8Error>,
}

enum Source<'a> {
    /// What is left of a page in memory: lines that are UTF-8, which is found out faster of many at once, and behind them
    /// those from the first that isn't.
    Page(&'a str, &'a [u8]),
    Stream(Stream<'a>),
}

struct Stream<'a> {
    read: Box<dyn Read + 'a>,
    /// What was read and hasn't been given out stands from `start` to `end`.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    /// The most bytes that a line may have.
    longest: usize,
}

const FIRST: usize = 64 * 1024;

impl<'a> Lines<'a> {
    #[inline]
    pub(super) fn of_page(page: &'a [u8]) -> Self {
        let text = match str::from_utf8(page) {
            Ok(text) => text,
            Err(error) => {
                let line_feed = page[..error.valid_up_to()].iter().rposition(|byte| *byte == b'\n');
                let lines = &page[..line_feed.map_or(0, |at| at + 1)];
                str::from_utf8(lines).unwrap_or_default()
            }
        };
        Self { source: Source::Page(text, &page[text.len()..]), number: 0 }
    }

    #[inline]
    pub(super) fn of_stream(read: Box<dyn Read + 'a>, longest: usize) -> Self {
        let stream = Stream { read, buffer: Vec::new(), start: 0, end: 0, ended: false, longest };
        Self { source: Source::Stream(stream), number: 0 }
    }

    #[inline]
    pub(super) fn set_longest(&mut self, longest: usize) {
        if let Source::Stream(stream) = &mut self.source {
            stream.longest = longest;
        }
    }

    /// The number of the line that was read last, from 1.
    #[inline]
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// The next line.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, Error> {
        self.number += 1;
        let number = self.number;
        let bytes = match &mut self.source {
            Source::Page("", rest) => {
                let (line, behind) = rest.split_at(line_length(rest));
                *rest = behind;
                line
            }
            Source::Page(text, _) => {
                let (line, behind) = text.split_at(line_length(text.as_bytes()));
                *text = behind;
                let line = line.strip_suffix('\n').unwrap_or(line);
                return Ok(Some(Line { bytes: line.as_bytes(), text: Ok(line) }));
            }
            Source::Stream(stream) => stream.next(number)?,
        };
        if bytes.is_empty() {
            self.number -= 1;
            return Ok(None);
        }
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        Ok(Some(Line { bytes, text: str::from_utf8(bytes) }))
    }
}

/// How many bytes the first line has, with its line feed if that is there.
#[inline]
fn line_length(bytes: &[u8]) -> usize {
    scan::line_feed(bytes).map_or(bytes.len(), |at| at + 1)
}

impl Stream<'_> {
    #[inline]
    fn next(&mut self, number: usize) -> Result<&[u8], Error> {
        // What has been looked through already.
        let mut looked = 0;
        loop {
            let held = &self.buffer[self.start..self.end];
            let length = looked + line_length(&held[looked..]);
            if self.ended || (length > 0 && held[length - 1] == b'\n') {
                if length > self.longest {
                    return Err(self.too_long(number));
                }
                let start = self.start;
                self.start += length;
                return Ok(&self.buffer[start..start + length]);
            }
            if length > self.longest {
                return Err(self.too_long(number));
            }
            looked = length;
            self.fill().map_err(|error| Error::io(number, error))?;
        }
    }

    #[inline]
    fn fill(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.end == self.buffer.len() {
            let most = self.longest.saturating_add(1).max(FIRST);
            self.buffer.resize((self.buffer.len() * 2).clamp(FIRST, most), 0);
        }
        loop {
            match self.read.read(&mut self.buffer[self.end..]) {
                Ok(count) => {
                    self.end += count;
                    self.ended = count == 0;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    #[cold]
    #[inline]
    fn too_long(&self, number: usize) -> Error {
        let message = format!(
            "the line is longer than {} bytes, the most that this reader holds; `Reader::limit` sets that",
            self.longest
        );
        Error::in_line(number, b"", 0, message)
    }
}

impl fmt::Debug for Lines<'_> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("number", &self.number).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives so many bytes at a time, and is interrupted before each.
    struct Drops<'a>(&'a [u8], usize, bool);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.2 = !self.2;
            if self.2 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let count = self.1.min(self.0.len()).min(buffer.len());
            let (now, later) = self.0.split_at(count);
            buffer[..count].copy_from_slice(now);
            self.0 = later;
            Ok(count)
        }
    }

    fn lines(mut lines: Lines<'_>) -> Result<Vec<Vec<u8>>, Error> {
        let mut all = Vec::new();
        while let Some(line) = lines.next()? {
            assert_eq!(line.text, str::from_utf8(line.bytes));
            all.push(line.bytes.to_vec());
            assert_eq!(lines.number(), all.len());
        }
        assert!(lines.next()?.is_none());
        Ok(all)
    }

    #[test]
    fn lines_are_the_same_however_they_come() {
        for page in ["", "\n", "a", "a\n", "a\n\n", "a\nbc\ndef", &"x".repeat(300_000), &"xyz\n".repeat(70_000)] {
            let mut expected: Vec<_> = page.split('\n').map(|line| line.as_bytes().to_vec()).collect();
            if expected.last().is_some_and(Vec::is_empty) {
                expected.pop();
            }
            assert_eq!(lines(Lines::of_page(page.as_bytes())).unwrap(), expected);
            for drop in [1, 7, 100_000] {
                let stream = Lines::of_stream(Box::new(Drops(page.as_bytes(), drop, false)), 1 << 20);
                assert_eq!(lines(stream).unwrap(), expected);
            }
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_refused_before_it_is_held() {
        let endless = io::repeat(b'a');
        let mut stream = Lines::of_stream(Box::new(b"a\nbcd\n".chain(endless)), 100_000);
        stream.next().unwrap();
        stream.next().unwrap();
        let error = stream.next().unwrap_err();
        assert_eq!(error.line(), Some(3));
        assert!(error.to_string().contains("100000 bytes"), "{error}");
        let Source::Stream(stream) = stream.source else { panic!("it is one") };
        assert!(stream.buffer.len() <= 100_001);

        let mut short = Lines::of_stream(Box::new(&b"abc\nabcd\n"[..]), 4);
        assert_eq!(short.next().unwrap().map(|line| line.bytes), Some(&b"abc"[..]));
        assert!(short.next().is_err());
    }
}
