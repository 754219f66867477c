//! More threads at once than have cells of their own. In a process of its own, since no other test has any meanwhile.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]
#![allow(clippy::float_cmp, reason = "what is compared is exact")]

use std::sync::Barrier;
use std::thread;

use tallymark::testing::Change;
use tallymark::{Counter, Registry};

#[test]
fn a_thread_without_cells_of_its_own_finds_the_processs_change() {
    let registry = Registry::new();
    let jobs = Counter::new("jobs_total", "").unwrap();
    registry.register(&jobs).unwrap();
    // More than may have some at once: each waits until all have counted.
    let cores = thread::available_parallelism().map_or(1, |cores| u16::try_from(cores.get()).unwrap());
    let most = 64.max(4 * cores);
    let barrier = Barrier::new(usize::from(most) + 9);
    thread::scope(|scope| {
        let tests: Vec<_> = (0..most + 8)
            .map(|_| {
                scope.spawn(|| {
                    let change = Change::of_registry(&registry, "jobs_total", []);
                    barrier.wait();
                    jobs.inc();
                    barrier.wait();
                    let changes = (change.on_this_thread(), change.in_process());
                    barrier.wait();
                    changes
                })
            })
            .collect();
        for _ in 0..3 {
            barrier.wait();
        }
        let changes: Vec<(f64, f64)> = tests.into_iter().map(|test| test.join().unwrap()).collect();
        let all = f64::from(most + 8);
        assert!(changes.iter().all(|(own, process)| *process == all && (*own == 1.0 || *own == all)), "{changes:?}");
        assert!(changes.iter().any(|(own, _)| *own == all) && changes.iter().any(|(own, _)| *own == 1.0));
    });
}
