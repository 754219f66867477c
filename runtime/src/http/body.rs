//! What is sent.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use hyper::body::{Bytes, Frame, SizeHint};

use crate::exposition::Pieces;

/// The body of a response.
///
/// A long page is written piece by piece, each when the connection has room for it: so a reader that is slow, or many
/// of them, hold one piece each and not a page.
#[derive(Debug, Default)]
pub(super) struct Body {
    next: Option<Bytes>,
    pieces: Option<Pieces>,
    sent: Sent,
}

/// The memory of pieces that have been sent, in which the next are written.
type Sent = Arc<Mutex<Vec<Vec<u8>>>>;

/// A piece, which comes back when it has been sent.
struct Piece {
    bytes: Vec<u8>,
    sent: Sent,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.push(std::mem::take(&mut self.bytes));
    }
}

impl Body {
    pub(super) fn whole(body: Bytes) -> Self {
        Self { next: Some(body).filter(|body| !body.is_empty()), ..Self::default() }
    }

    /// The first piece and those that follow it.
    pub(super) fn pieces(first: Vec<u8>, pieces: Pieces) -> Self {
        let sent = Sent::default();
        let first = Bytes::from_owner(Piece { bytes: first, sent: Arc::clone(&sent) });
        Self { next: Some(first), pieces: Some(pieces), sent }
    }

    fn next_piece(&mut self) -> Option<Bytes> {
        let pieces = self.pieces.as_mut()?;
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(bytes) = sent {
            pieces.give_back(bytes);
        }
        let bytes = pieces.next()?;
        Some(Bytes::from_owner(Piece { bytes, sent: Arc::clone(&self.sent) }))
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.next.take().or_else(|| self.next_piece());
        Poll::Ready(next.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.next.is_none() && self.pieces.as_ref().is_none_or(Pieces::is_finished)
    }

    fn size_hint(&self) -> SizeHint {
        let known = self.next.as_ref().map_or(0, |next| next.len() as u64);
        if self.pieces.is_none() {
            return SizeHint::with_exact(known);
        }
        let mut hint = SizeHint::new();
        hint.set_lower(known);
        hint
    }
}
