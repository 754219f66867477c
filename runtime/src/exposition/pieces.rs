//! A page that is written piece by piece.

use super::buffer::Buffer;
use super::format::{Format, Syntax};
use super::lines::Lines;
use super::messages::Messages;
use crate::snapshot::{MetricFamily, Page, PageVisitor};

/// Who writes a page in a format, while it is shown it.
pub(super) trait Encoder: PageVisitor + Send {
    /// What has been written.
    fn out(&mut self) -> &mut Buffer;

    /// Writes what stands behind all families.
    fn finish(&mut self);
}

/// An encoder that breaks off once it has written so many bytes.
fn encoder(format: Format, full: usize) -> Box<dyn Encoder> {
    match format.syntax {
        Syntax::Protobuf => Box::new(Messages::new(format, full)),
        _ => Box::new(Lines::new(format, full)),
    }
}

pub(super) fn encode(format: Format, families: &[MetricFamily]) -> Vec<u8> {
    let mut encoder = encoder(format, usize::MAX);
    let mut labels = String::new();
    for family in families {
        loop {
            let _ = encoder.family(family.head());
            for series in &family.series {
                let _ = series.show(&mut labels, &mut *encoder);
            }
            if !encoder.again() {
                break;
            }
        }
    }
    encoder.finish();
    encoder.out().take()
}

/// The pieces of a page, from [`pieces`](super::pieces).
pub struct Pieces {
    /// None when it has been written.
    page: Option<Page>,
    encoder: Box<dyn Encoder>,
}

const PIECE: usize = 64 * 1024;

/// A line that makes a piece longer than it was meant to be seldom makes it this much longer.
const SPARE: usize = 4 * 1024;

impl Pieces {
    pub(super) fn new(format: Format, page: Page) -> Self {
        Self { page: Some(page), encoder: encoder(format, PIECE) }
    }

    /// Whether there is nothing more to come.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.page.is_none()
    }

    /// Takes back a piece that has been sent, to write the next one there.
    #[cfg(feature = "http")]
    pub(crate) fn give_back(&mut self, piece: Vec<u8>) {
        self.encoder.out().reuse(piece);
    }

    /// The next piece, where the one before stood.
    pub(super) fn next_in_place(&mut self) -> Option<&[u8]> {
        self.encoder.out().clear();
        self.go_on()?;
        Some(self.encoder.out().written()).filter(|piece| !piece.is_empty())
    }

    /// Writes the next piece, unless all is written.
    fn go_on(&mut self) -> Option<()> {
        let page = self.page.as_mut()?;
        self.encoder.out().reserve(PIECE + SPARE);
        if page.walk(&mut *self.encoder).is_continue() {
            self.encoder.finish();
            self.page = None;
        }
        Some(())
    }
}

impl Iterator for Pieces {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        self.go_on()?;
        Some(self.encoder.out().take()).filter(|piece| !piece.is_empty())
    }
}

impl std::fmt::Debug for Pieces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pieces").field("finished", &self.is_finished()).finish_non_exhaustive()
    }
}
