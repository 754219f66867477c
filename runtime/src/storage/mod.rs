//! Where numbers live.
//!
//! A *shard* is a block of cells that one thread at a time writes ([`shard`], [`block`]); it is leased to a thread
//! ([`lease`]). A series has the same *slot* in every shard ([`slots`]); the first of its cells there says whose they are
//! ([`tag`]), what the others mean is its kind's business ([`kind`]: [`counter`], [`gauge`], [`histogram`], [`native`]); what the few
//! that need more have is [`beside`] them ([`function`], [`reset`], [`exemplar`]); what one thread alone has counted can be read [`apart`]. A *line* says who a series is and where its cells are
//! ([`line`]); a *table* finds the line of a label set ([`table`], [`state`], and for open labels [`key`], [`index`],
//! [`places`] and [`text`]), and goes through all of them ([`visit`]). What was given back waits for whoever needs it next ([`spare`]).
//! Nothing outside this folder knows how any of them is laid out.
//!
//! # Series that go, and lines and cells that stay
//!
//! A handle is a line and an `id`. No handle is counted, since counting it would cost more than what it is for: so lines
//! and slots are never freed but given to other series, and everybody finds out that they have been:
//!
//! - A series that is removed loses its `id` in the line, and then its slot. What a handle does from then on finds another
//!   `id`, and changes nothing.
//! - In each shard, the first of a series' cells is a *tag*: the `id` whose numbers the others are. Only the shard's owner
//!   writes it. One that increments and finds its series' tag knows that the cells are its series'. One that doesn't looks
//!   whether its series is still there, and if so, clears the cells and writes its tag. An increment that meets a removal
//!   so lands in cells with the tag of the series that has gone, which no reader of the next one takes.
//! - The numbers of a line (a counter's first few, a gauge that was set) change together with its `id` or under a lock that
//!   only the `id` opens.
#![allow(unsafe_code, reason = "the only place in the workspace; each use says why it is sound")]

mod apart;
mod beside;
mod block;
mod counter;
mod exemplar;
mod function;
mod gauge;
mod histogram;
mod index;
mod key;
mod kind;
mod lease;
mod line;
#[cfg(all(test, loom))]
mod models;
mod native;
mod places;
mod reset;
mod shard;
mod slots;
mod spare;
mod state;
mod sync;
mod table;
mod tag;
mod text;
mod visit;

pub(crate) use apart::{Apart, Counted};
pub(crate) use beside::Beside;
pub(crate) use counter::{Float, Permanent, Unsigned};
pub(crate) use exemplar::{Exemplars, Replaces, forget_exemplars};
pub(crate) use function::{forget_function, forget_functions};
pub(crate) use gauge::{FloatGauge, SignedGauge, whole};
pub(crate) use histogram::{Bounds, Buckets};
pub(crate) use kind::{Blocks, Kind, Scratch};
pub(crate) use line::{First, Series};
pub(crate) use native::{forget_layout, forget_layouts};
pub(crate) use table::Table;
pub(crate) use visit::{Order, Position, Visited};
