//! What is sent.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use hyper::body::{Bytes, Frame, SizeHint};

use super::metrics::Record;
use super::page::{Broken, Made, Making, Rest};

/// The body of a response.
///
/// A long page is made piece by piece, each when the connection has room for it: so a reader that is slow, or many of
/// them, hold one piece each and not a page.
#[derive(Default)]
pub(super) struct Body {
    next: Option<Bytes>,
    rest: State,
    sent: Sent,
    record: Record,
}

#[derive(Default)]
enum State {
    #[default]
    Finished,
    Waiting(Rest),
    Making(Making),
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

    /// A piece and those that follow it.
    pub(super) fn pieces(bytes: Vec<u8>, rest: Rest) -> Self {
        let mut body = Self::default();
        body.take(bytes, Some(rest));
        body
    }

    /// Notes in a record what is sent and when that ends.
    pub(super) fn recorded(mut self, record: Record) -> Self {
        self.record = record;
        self
    }

    fn take(&mut self, bytes: Vec<u8>, rest: Option<Rest>) {
        if !bytes.is_empty() {
            self.next = Some(Bytes::from_owner(Piece { bytes, sent: Arc::clone(&self.sent) }));
        }
        self.rest = rest.map_or(State::Finished, State::Waiting);
    }

    fn make(&self, rest: Rest) -> Making {
        let spare = self.sent.lock().unwrap_or_else(PoisonError::into_inner).pop();
        rest.make(spare)
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let body = self.get_mut();
        loop {
            if let Some(next) = body.next.take() {
                body.record.sends(next.len());
                if body.is_end_stream() {
                    // Before the client has all of it, so that its next scrape shows this one.
                    body.record.end();
                }
                return Poll::Ready(Some(Ok(Frame::data(next))));
            }
            match std::mem::take(&mut body.rest) {
                State::Finished => return Poll::Ready(None),
                State::Waiting(rest) => body.rest = State::Making(body.make(rest)),
                State::Making(mut making) => match making.as_mut().poll(cx) {
                    Poll::Ready(Ok(Made { bytes, rest, .. })) => body.take(bytes, rest),
                    Poll::Ready(Err(broken)) => return Poll::Ready(Some(Err(broken))),
                    Poll::Pending => {
                        body.rest = State::Making(making);
                        return Poll::Pending;
                    }
                },
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.next.is_none() && matches!(self.rest, State::Finished)
    }

    fn size_hint(&self) -> SizeHint {
        let known = self.next.as_ref().map_or(0, |next| next.len() as u64);
        if matches!(self.rest, State::Finished) {
            return SizeHint::with_exact(known);
        }
        let mut hint = SizeHint::new();
        hint.set_lower(known);
        hint
    }
}
