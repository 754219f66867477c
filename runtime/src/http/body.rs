//! What is sent.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Bytes, Frame, SizeHint};

use crate::exposition::text::Pieces;

/// The body of a response.
///
/// A long page is written piece by piece, each when the connection has room for it: so a reader that is slow, or many
/// of them, hold one piece each and not a page.
#[derive(Debug, Default)]
pub(super) struct Body {
    next: Option<Bytes>,
    pieces: Option<Pieces>,
}

impl Body {
    pub(super) fn whole(body: Bytes) -> Self {
        Self { next: Some(body).filter(|body| !body.is_empty()), pieces: None }
    }

    /// The first piece and those that follow it.
    pub(super) fn pieces(first: Vec<u8>, pieces: Pieces) -> Self {
        Self { next: Some(first.into()), pieces: Some(pieces) }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.next.take().or_else(|| self.pieces.as_mut()?.next().map(Bytes::from));
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
