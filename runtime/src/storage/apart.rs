//! What one thread alone has counted, for tests that run side by side.
//!
//! A series' cells in a shard are written by nobody but the thread that leases it; so what they gain while it leases the
//! shard is what that thread has counted. Some numbers are not parted so: what a counter has counted in its line, what it
//! held when it was reset, and a gauge that has been set or that shows what a function returns.

use super::lease;
use super::sync::{GlobalUsize, Ordering::Relaxed};

/// Whose counts are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    ByAll,
    /// What is not parted by threads has no such value.
    ByThisThread,
}

static ASKED: GlobalUsize = GlobalUsize::new(0);

/// As long as there is one, who begins to count does so in cells of its thread, and no longer in a line.
#[derive(Debug)]
pub(crate) struct Apart(());

impl Apart {
    pub(crate) fn begin() -> Self {
        ASKED.fetch_add(1, Relaxed);
        Self(())
    }

    /// Whether this thread has a shard, which it leases if it has none: too many threads may have one, and a thread that
    /// is ending has given its own back.
    pub(crate) fn has_shard() -> bool {
        lease::block().is_some()
    }

    /// A thread that asks sees that it does so itself; what others do is none of its business.
    pub(super) fn is_asked() -> bool {
        ASKED.load(Relaxed) > 0
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        ASKED.fetch_sub(1, Relaxed);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::ops::ControlFlow;
    use std::thread;

    use super::super::{Position, Scratch, Table, Unsigned};
    use super::*;
    use crate::label::Rendering;

    fn read(table: &Table<Unsigned>, counted: Counted) -> Vec<u64> {
        let mut found = Vec::new();
        let _ = table.visit(counted, &table.order(), &mut Position::default(), |series| {
            found.extend(series.read(&mut Scratch::default()));
            ControlFlow::Continue(())
        });
        found
    }

    #[test]
    fn threads_that_count_in_the_same_series_are_told_apart() {
        let rendering = Rendering::new(std::iter::empty(), ["a"].into_iter());
        let table = Table::<Unsigned>::new::<(&str,)>((), rendering, 10, false);
        let series = table.resolve(&("x",));
        // In its line, unless another test asks already.
        series.add_unsigned(1);
        let (threads, each) = if cfg!(miri) { (2, 5) } else { (4, 1000) };
        thread::scope(|scope| {
            for number in 1..=threads {
                let table = &table;
                scope.spawn(move || {
                    let _apart = Apart::begin();
                    // More threads than may lease a shard don't run here, but those of other tests run too.
                    if !Apart::has_shard() {
                        return series.add_unsigned(each * number);
                    }
                    let before = read(table, Counted::ByThisThread);
                    for count in 1..=each {
                        series.add_unsigned(number);
                        assert_eq!(read(table, Counted::ByThisThread), [before[0] + count * number]);
                    }
                });
            }
        });
        assert_eq!(read(&table, Counted::ByAll), [1 + each * (1..=threads).sum::<u64>()]);
    }
}
