//! What the lock of a family guards: which lines it has, and which of them are free.

use std::collections::VecDeque;
use std::ptr::NonNull;
use std::sync::Arc;

use super::index::IndexState;
use super::line::{Line, Run, Series};
use super::shard::{SHARDS, gone};
use super::sync::Ordering::Relaxed;
use super::text::Arena;

/// What the lock of a family guards.
pub(super) struct State {
    /// Of an open family.
    pub(super) runs: Vec<Run>,
    /// How many lines of the last run have been used.
    pub(super) used: usize,
    /// Lines without a series.
    pub(super) free: Vec<NonNull<Line>>,
    /// Lines whose text may still be being read, and in which epoch they were taken away.
    pub(super) leaving: VecDeque<(usize, NonNull<Line>)>,
    pub(super) index: IndexState,
    pub(super) arena: Arena,
    pub(super) live: usize,
    /// How many series count towards the limit.
    pub(super) limited: usize,
    /// Those that don't, by rising addresses.
    pub(super) overflow: Vec<NonNull<Line>>,
    /// What removed series had refused.
    pub(super) refused: u64,
    pub(super) sorted: Option<(u64, Arc<[Series]>)>,
}

// SAFETY: the pointers are to lines, which are never freed and all of which is atomic.
unsafe impl Send for State {}

impl State {
    pub(super) fn new() -> Self {
        Self {
            runs: Vec::new(),
            used: 0,
            free: Vec::new(),
            leaving: VecDeque::new(),
            index: IndexState::default(),
            arena: Arena::new(),
            live: 0,
            limited: 0,
            overflow: Vec::new(),
            refused: 0,
            sorted: None,
        }
    }

    /// A line without a series, for one with so many words.
    pub(super) fn line(&mut self, words: usize, counters: bool) -> NonNull<Line> {
        if self.free.is_empty() && !self.leaving.is_empty() {
            let epoch = SHARDS.advance();
            for _ in 0..AT_ONCE {
                let Some(&(_, line)) = self.leaving.front().filter(|(left, _)| gone(*left, epoch)) else { break };
                self.leaving.pop_front();
                // SAFETY: a line is never freed.
                if let Some(entry) = NonNull::new(unsafe { line.as_ref() }.text.load(Relaxed)) {
                    self.arena.give_back(entry);
                }
                self.free.push(line);
            }
        }
        if let Some(line) = self.free.pop() {
            return line;
        }
        if self.runs.last().is_none_or(|run| run.count == self.used) {
            let count = SMALLEST_RUN << self.runs.len().min(6);
            self.runs.push(Run::take(count, false, words, counters));
            self.used = 0;
        }
        let run = self.runs[self.runs.len() - 1];
        self.used += 1;
        run.line(self.used - 1)
    }
}

const SMALLEST_RUN: usize = if cfg!(loom) { 2 } else { 64 };

/// How many lines are made free again for one that is needed.
const AT_ONCE: usize = 64;
