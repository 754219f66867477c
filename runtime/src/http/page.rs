//! Pages on their way: each piece is made on a thread where collectors may block.

use std::error::Error;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinHandle, spawn_blocking};

use super::coding::{Coding, Compress};
use crate::exposition::Pieces;

/// A shorter page fits in one packet as it is.
const WORTH_COMPRESSING: usize = 1024;

/// So much is sent at once of what is compressed: a tenth of it comes of each piece.
const SENT_AT_ONCE: usize = 16 * 1024;

/// A piece of a page.
pub(super) struct Made {
    /// Empty only at the end.
    pub(super) bytes: Vec<u8>,
    pub(super) coding: Coding,
    pub(super) rest: Option<Rest>,
}

/// What is still to come of a page.
pub(super) struct Rest {
    pieces: Pieces,
    compressor: Option<Compressor>,
}

struct Compressor {
    coding: Coding,
    compress: Box<dyn Compress>,
    _place: OwnedSemaphorePermit,
}

impl Made {
    /// The beginning of a page, which is the whole of a short one. A long one is compressed while there is a place for
    /// that: a compressor takes more memory than all else of a scrape, and lives as long as its client reads.
    pub(super) fn first(mut pieces: Pieces, coding: Coding, compressors: &Arc<Semaphore>) -> io::Result<Self> {
        let first = pieces.next().unwrap_or_default();
        let as_it_is = |bytes, rest| Ok(Self { bytes, coding: Coding::Identity, rest });
        if pieces.is_finished() && first.len() < WORTH_COMPRESSING {
            return as_it_is(first, None);
        }
        let place = Arc::clone(compressors).try_acquire_owned().ok();
        let compressor =
            place.and_then(|place| Some(Compressor { coding, compress: coding.compressor()?, _place: place }));
        match compressor {
            Some(compressor) => compressor.next(first, pieces, Vec::new()),
            None if pieces.is_finished() => as_it_is(first, None),
            None => as_it_is(first, Some(Rest { pieces, compressor: None })),
        }
    }
}

impl Rest {
    /// The next piece, perhaps in memory that nobody needs any more.
    pub(super) fn next(self, spare: Option<Vec<u8>>) -> io::Result<Made> {
        let Self { mut pieces, compressor } = self;
        let Some(compressor) = compressor else {
            if let Some(spare) = spare {
                pieces.give_back(spare);
            }
            let bytes = pieces.next().unwrap_or_default();
            let rest = (!pieces.is_finished()).then_some(Self { pieces, compressor: None });
            return Ok(Made { bytes, coding: Coding::Identity, rest });
        };
        let first = pieces.next().unwrap_or_default();
        compressor.next(first, pieces, spare.unwrap_or_default())
    }
}

impl Compressor {
    /// Compresses pieces until there is enough to send.
    fn next(mut self, mut piece: Vec<u8>, mut pieces: Pieces, mut out: Vec<u8>) -> io::Result<Made> {
        let coding = self.coding;
        out.clear();
        loop {
            self.compress.write(&piece, &mut out)?;
            pieces.give_back(piece);
            if pieces.is_finished() {
                self.compress.finish(&mut out)?;
                return Ok(Made { bytes: out, coding, rest: None });
            }
            if out.len() >= SENT_AT_ONCE {
                return Ok(Made { bytes: out, coding, rest: Some(Rest { pieces, compressor: Some(self) }) });
            }
            piece = pieces.next().unwrap_or_default();
        }
    }
}

/// A piece that is being made on a thread where that may block. It is not begun any more once this is dropped; what has
/// begun goes on to its end.
pub(super) struct Making(JoinHandle<io::Result<Made>>);

/// What makes a piece, of one type, so that tokio's code is compiled for one.
pub(super) type Make = Box<dyn FnOnce() -> io::Result<Made> + Send>;

impl Making {
    /// Must be called in a runtime.
    pub(super) fn start(make: Make) -> Self {
        Self(spawn_blocking(make))
    }
}

impl Future for Making {
    type Output = Result<Made, Broken>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map(|made| match made {
            Ok(Ok(made)) => Ok(made),
            Ok(Err(error)) => Err(Broken::Compressor(error)),
            Err(error) if error.is_cancelled() => Err(Broken::Ended),
            Err(_) => Err(Broken::Panicked),
        })
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Why a page ends before its end. What has been sent of it has no end either, so nobody takes it for a whole.
#[derive(Debug)]
pub(super) enum Broken {
    /// The program ends.
    Ended,
    Panicked,
    Compressor(io::Error),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ended => "the program ends",
            Self::Panicked => "a collector panicked",
            Self::Compressor(_) => "the page can't be compressed",
        })
    }
}

impl Error for Broken {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Compressor(error) => Some(error),
            Self::Ended | Self::Panicked => None,
        }
    }
}
