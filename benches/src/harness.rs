//! Measuring contenders interleaved.
//!
//! Every round runs each contender once, in an order that rotates, so that the drift of a shared machine hits all of
//! them alike; what is reported is the median over the rounds. A batch counts only where every thread really had its
//! CPU and all overlapped, and it begins in the data where the contender's last one ended: replaying one stretch of an
//! array of indices would keep it in the caches.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rustix::time::{ClockId, clock_gettime};

/// `run(thread, first iteration, iterations)`.
pub(crate) type Run = Box<dyn Fn(usize, usize, usize) + Send + Sync>;

/// One contender in a workload.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) run: Run,
    /// What its users do in the background now and then; not timed.
    pub(crate) upkeep: Option<Box<dyn Fn() + Send + Sync>>,
    /// How many operations an iteration is: a page has many lines.
    pub(crate) operations: usize,
}

impl Case {
    pub(crate) fn new(name: &'static str, run: impl Fn(usize, usize, usize) + Send + Sync + 'static) -> Self {
        Self { name, run: Box::new(run), upkeep: None, operations: 1 }
    }

    pub(crate) fn upkeep(mut self, upkeep: impl Fn() + Send + Sync + 'static) -> Self {
        self.upkeep = Some(Box::new(upkeep));
        self
    }

    pub(crate) fn operations(mut self, operations: usize) -> Self {
        self.operations = operations;
        self
    }
}

/// `case!(cases, "name", |thread, i| expression)` times the expression.
///
/// The fence costs no instruction; it keeps the compiler from merging iterations and from taking loads out of the loop.
macro_rules! case {
    ($cases:expr, $name:expr, |$thread:pat_param, $i:ident| $body:expr) => {
        $cases.push(case!($name, |$thread, $i| $body))
    };
    ($name:expr, |$thread:pat_param, $i:ident| $body:expr) => {
        $crate::harness::Case::new($name, move |$thread, first, iterations| {
            #[allow(unused_variables, reason = "many workloads do the same at each iteration")]
            for $i in first..first + iterations {
                $body;
                std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
            }
        })
    };
}
pub(crate) use case;

/// How long to measure.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) rounds: usize,
    pub(crate) batch_ns: u64,
    /// Iterations before anything is timed: every series is made, every table has grown.
    pub(crate) warm_up: usize,
    /// Whether a batch is so long that something always disturbs it. Then what counts is the CPU time of its thread.
    pub(crate) long: bool,
}

impl Plan {
    pub(crate) const HOT: Self = Self { rounds: 61, batch_ns: 400_000, warm_up: 70_000, long: false };
    /// For what saves its work up: a batch is long enough that each pays for its share of it.
    pub(crate) const SAVED_UP: Self = Self { rounds: 31, batch_ns: 10_000_000, warm_up: 300_000, long: false };
    pub(crate) const PAGE: Self = Self { rounds: 31, batch_ns: 4_000_000, warm_up: 2, long: false };
    pub(crate) const HUGE_PAGE: Self = Self { rounds: 5, batch_ns: 1, warm_up: 1, long: true };
}

/// What came out for one contender: ns an operation as one thread sees it.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) contender: &'static str,
    pub(crate) median: f64,
    pub(crate) p10: f64,
    pub(crate) p90: f64,
    /// Rounds that counted.
    pub(crate) rounds: usize,
    /// Whether too few rounds were undisturbed, so that disturbed ones count.
    pub(crate) disturbed: bool,
}

impl Figure {
    /// What was measured a few times, in whatever unit.
    pub(crate) fn of(contender: &'static str, mut samples: Vec<f64>, disturbed: bool) -> Self {
        samples.sort_by(f64::total_cmp);
        let at = |percent: usize| samples.get((samples.len().max(1) - 1) * percent / 100).copied().unwrap_or(f64::NAN);
        Self { contender, median: at(50), p10: at(10), p90: at(90), rounds: samples.len(), disturbed }
    }
}

/// One thread's view of one batch, in ns.
#[derive(Clone, Copy, Default)]
struct Lap {
    start: u64,
    end: u64,
    cpu: u64,
}

impl Lap {
    fn of(run: impl FnOnce()) -> Self {
        let (cpu, start) = (now(ClockId::ThreadCPUTime), now(ClockId::Monotonic));
        run();
        let (end_cpu, end) = (now(ClockId::ThreadCPUTime), now(ClockId::Monotonic));
        Self { start, end, cpu: end_cpu - cpu }
    }

    fn duration(self) -> u64 {
        self.end - self.start
    }
}

fn now(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
}

/// What the threads of a measurement tell each other.
struct Team {
    epoch: AtomicUsize,
    done: AtomicUsize,
    stop: AtomicBool,
    case: AtomicUsize,
    first: AtomicUsize,
    iterations: AtomicUsize,
    laps: Vec<Mutex<Lap>>,
}

impl Team {
    fn new(threads: usize) -> Self {
        Self {
            epoch: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
            case: AtomicUsize::new(0),
            first: AtomicUsize::new(0),
            iterations: AtomicUsize::new(0),
            laps: (0..threads).map(|_| Mutex::default()).collect(),
        }
    }

    fn work(&self, thread: usize, cases: &[Case]) {
        let mut seen = 0;
        loop {
            while self.epoch.load(Acquire) == seen {
                spin_loop();
            }
            seen += 1;
            if self.stop.load(Relaxed) {
                return;
            }
            let (case, iterations) = (self.case.load(Relaxed), self.iterations.load(Relaxed));
            // Threads walk the data out of step.
            let first = self.first.load(Relaxed) + 7919 * thread;
            let lap = Lap::of(|| (cases[case].run)(thread, first, iterations));
            *self.laps[thread].lock().unwrap_or_else(PoisonError::into_inner) = lap;
            self.done.fetch_add(1, Release);
        }
    }

    /// Runs one batch on every thread; gives the time of the slowest, and whether nothing disturbed it.
    fn batch(&self, plan: Plan, cases: &[Case], case: usize, first: usize, iterations: usize) -> (u64, bool) {
        self.case.store(case, Relaxed);
        self.first.store(first, Relaxed);
        self.iterations.store(iterations, Relaxed);
        self.done.store(0, Relaxed);
        self.epoch.fetch_add(1, Release);
        if plan.long {
            // What earlier contenders freed in millions of pieces, the allocator puts in order when somebody next wants a
            // large one: not in the time of whoever that is.
            drop(std::hint::black_box(Vec::<u8>::with_capacity(100_000)));
        }
        let mine = Lap::of(|| (cases[case].run)(0, first, iterations));
        while self.done.load(Acquire) != self.laps.len() - 1 {
            spin_loop();
        }
        *self.laps[0].lock().unwrap_or_else(PoisonError::into_inner) = mine;
        if let Some(upkeep) = &cases[case].upkeep {
            upkeep();
        }
        let laps: Vec<Lap> = self.laps.iter().map(|lap| *lap.lock().unwrap_or_else(PoisonError::into_inner)).collect();
        if plan.long {
            return (laps.iter().map(|lap| lap.cpu).max().unwrap_or(0), true);
        }
        let worst = laps.iter().map(|lap| lap.duration()).max().unwrap_or(0);
        let first_end = laps.iter().map(|lap| lap.end).min().unwrap_or(0);
        let last_start = laps.iter().map(|lap| lap.start).max().unwrap_or(0);
        let had_cpu = laps.iter().all(|lap| lap.cpu * 100 >= lap.duration() * 97);
        let overlapped = first_end.saturating_sub(last_start) * 100 >= worst * 85;
        (worst, had_cpu && overlapped)
    }
}

/// What a worker is sent.
struct Job {
    team: Team,
    cases: Vec<Case>,
}

/// The threads that measure beside the first. They live as long as the program, as a server's do: what clients make for
/// each new thread, and how they number threads, is no part of what is measured.
static WORKERS: Mutex<Vec<Sender<Arc<Job>>>> = Mutex::new(Vec::new());

/// Measures the cases against each other.
pub(crate) fn measure(plan: Plan, threads: usize, cases: Vec<Case>) -> Vec<Figure> {
    let job = Arc::new(Job { team: Team::new(threads), cases });
    let mut workers = WORKERS.lock().unwrap_or_else(PoisonError::into_inner);
    while workers.len() + 1 < threads {
        let (sender, jobs) = channel::<Arc<Job>>();
        let thread = workers.len() + 1;
        thread::spawn(move || jobs.iter().for_each(|job| job.team.work(thread, &job.cases)));
        workers.push(sender);
    }
    for worker in workers.iter().take(threads - 1) {
        worker.send(Arc::clone(&job)).expect("workers wait for as long as the program runs");
    }
    let figures = rounds(plan, &job.team, &job.cases);
    job.team.stop.store(true, Relaxed);
    job.team.epoch.fetch_add(1, Release);
    // What the cases hold is dropped before the next workload begins.
    while Arc::strong_count(&job) > 1 {
        thread::yield_now();
    }
    figures
}

fn rounds(plan: Plan, team: &Team, cases: &[Case]) -> Vec<Figure> {
    let iterations: Vec<usize> = (0..cases.len()).map(|case| calibrated(plan, team, cases, case)).collect();
    let mut samples = vec![Vec::with_capacity(plan.rounds); cases.len()];
    let mut disturbed = vec![Vec::new(); cases.len()];
    let mut position = vec![0; cases.len()];
    for round in 0..plan.rounds * 6 {
        if samples.iter().all(|samples| samples.len() >= plan.rounds) {
            break;
        }
        for turn in 0..cases.len() {
            let case = (turn + round) % cases.len();
            if samples[case].len() >= plan.rounds {
                continue;
            }
            let (ns, clean) = team.batch(plan, cases, case, position[case], iterations[case]);
            position[case] += iterations[case];
            let each = per(ns, iterations[case] * cases[case].operations);
            let kept = if clean { &mut samples } else { &mut disturbed };
            kept[case].push(each);
        }
    }
    let results = cases.iter().zip(samples.into_iter().zip(disturbed));
    results
        .map(|(case, (mut samples, disturbed))| {
            let too_few = samples.len() < plan.rounds.min(5);
            if too_few {
                samples.extend(disturbed);
            }
            Figure::of(case.name, samples, too_few)
        })
        .collect()
}

/// How many iterations fill a batch.
fn calibrated(plan: Plan, team: &Team, cases: &[Case], case: usize) -> usize {
    team.batch(plan, cases, case, 0, plan.warm_up);
    let mut iterations = 1;
    loop {
        let ns = team.batch(plan, cases, case, 0, iterations).0.max(1);
        if ns * 4 > plan.batch_ns {
            let wanted = u128::from(plan.batch_ns) * iterations as u128 / u128::from(ns);
            return usize::try_from(wanted).unwrap_or(usize::MAX).max(1);
        }
        iterations *= 4;
    }
}

#[expect(clippy::cast_precision_loss, reason = "a batch is far shorter than 2^52 ns")]
fn per(ns: u64, operations: usize) -> f64 {
    ns as f64 / operations as f64
}
