//! Pages on their way: each piece is made on a thread where collectors may block.

use std::error::Error;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, timeout};

use super::coding::{Accepted, Coding, Compress};
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
    places: Places,
    /// How long making all that is to come may take. The time that the client takes to read it doesn't count.
    time: Duration,
}

/// What bounds scrapes: pieces of pages that are being made, and compressors. A compressor takes more memory than all
/// else of a scrape, and lives as long as its client reads.
#[derive(Clone, Debug)]
pub(super) struct Places {
    pub(super) scrapes: Arc<Semaphore>,
    pub(super) compressors: Arc<Semaphore>,
}

struct Compressor {
    coding: Coding,
    compress: Box<dyn Compress>,
    _place: OwnedSemaphorePermit,
}

impl Compressor {
    /// None where nothing is to be compressed, or there is no place for it.
    fn begin(coding: Coding, places: &Places) -> Option<Self> {
        let place = Arc::clone(&places.compressors).try_acquire_owned().ok()?;
        Some(Self { coding, compress: coding.compressor()?, _place: place })
    }
}

impl Made {
    /// The beginning of a page, which is the whole of a short one. A long one is compressed while there is a place for
    /// that.
    pub(super) fn first(mut pieces: Pieces, accepted: &Accepted, places: Places) -> io::Result<Self> {
        let first = pieces.next().unwrap_or_default();
        let is_short = pieces.is_finished() && first.len() < WORTH_COMPRESSING;
        let compressor =
            if is_short && !accepted.refuses_identity() { None } else { Compressor::begin(accepted.best(), &places) };
        Rest { pieces, compressor, places, time: Duration::MAX }.behind(first, Vec::new())
    }
}

impl Rest {
    /// The same, to be made in so much time.
    pub(super) fn within(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    /// Makes the next piece, perhaps in memory that nobody needs any more, once there is a place. So what a collector
    /// does that hangs is bounded whenever it does.
    pub(super) fn make(self, spare: Option<Vec<u8>>) -> Making {
        Box::pin(async move {
            let (time, begun) = (self.time, Instant::now());
            let made = timeout(time, async move {
                let place = Arc::clone(&self.places.scrapes).acquire_owned().await;
                // Nobody closes the semaphore.
                make(place.map_err(|_| Broken::Ended)?, Box::new(move || self.next(spare.unwrap_or_default()))).await
            });
            let mut made = made.await.map_err(|_| Broken::Late)??;
            made.rest = made.rest.map(|rest| rest.within(time.saturating_sub(begun.elapsed())));
            Ok(made)
        })
    }

    fn next(mut self, spare: Vec<u8>) -> io::Result<Made> {
        let out = if self.compressor.is_some() {
            spare
        } else {
            self.pieces.give_back(spare);
            Vec::new()
        };
        let piece = self.pieces.next().unwrap_or_default();
        self.behind(piece, out)
    }

    /// Makes what is sent of a piece, and of those behind it until there is enough, in `out` if it isn't the piece
    /// itself.
    fn behind(mut self, mut piece: Vec<u8>, mut out: Vec<u8>) -> io::Result<Made> {
        let Some(Compressor { coding, compress, .. }) = &mut self.compressor else {
            return Ok(Made { bytes: piece, coding: Coding::Identity, rest: self.unfinished() });
        };
        let coding = *coding;
        out.clear();
        loop {
            compress.write(&piece, &mut out)?;
            self.pieces.give_back(piece);
            if self.pieces.is_finished() {
                compress.finish(&mut out)?;
                break;
            }
            if out.len() >= SENT_AT_ONCE {
                break;
            }
            piece = self.pieces.next().unwrap_or_default();
        }
        Ok(Made { bytes: out, coding, rest: self.unfinished() })
    }

    fn unfinished(self) -> Option<Self> {
        (!self.pieces.is_finished()).then_some(self)
    }
}

/// A piece that is being made.
pub(super) type Making = Pin<Box<dyn Future<Output = Result<Made, Broken>> + Send>>;

/// What makes a piece, of one type, so that tokio's code is compiled for one.
pub(super) type Make = Box<dyn FnOnce() -> io::Result<Made> + Send>;

/// Makes a piece on a thread where that may block, which keeps the place until it is made. It is not begun any more
/// once the future is dropped; what has begun goes on to its end.
pub(super) async fn make(place: OwnedSemaphorePermit, piece: Make) -> Result<Made, Broken> {
    let mut task = Task(spawn_blocking(move || {
        let made = piece();
        drop(place);
        made
    }));
    match (&mut task.0).await {
        Ok(Ok(piece)) => Ok(piece),
        Ok(Err(error)) => Err(Broken::Compressor(error)),
        Err(error) if error.is_cancelled() => Err(Broken::Ended),
        Err(_) => Err(Broken::Panicked),
    }
}

/// A task that nobody waits for any more once this is dropped.
struct Task(JoinHandle<io::Result<Made>>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Why a page ends before its end. What has been sent of it has no end either, so nobody takes it for a whole.
#[derive(Debug)]
pub(super) enum Broken {
    /// The program ends.
    Ended,
    /// It took longer than a scrape may.
    Late,
    Panicked,
    Compressor(io::Error),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ended => "the program ends",
            Self::Late => "the metrics were not gathered in time",
            Self::Panicked => "a collector panicked",
            Self::Compressor(_) => "the page can't be compressed",
        })
    }
}

impl Error for Broken {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Compressor(error) => Some(error),
            Self::Ended | Self::Late | Self::Panicked => None,
        }
    }
}
