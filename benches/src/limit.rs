//! How far one can go: each workload written by hand, as little as does it.
//!
//! Not a library. Tables and blocks that have been outgrown are leaked, a thread that ends leaks its block, nothing is
//! ever removed. But each keeps what makes it a metric: another thread can read every total, and keys are compared in
//! full.
#![expect(unsafe_code, reason = "the limit is what one can do by hand")]
// Inlining is what is measured, also across codegen units.
#![expect(clippy::inline_always, reason = "as above")]

use std::cell::Cell;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{
    AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering::Acquire, Ordering::Relaxed, Ordering::Release,
};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::data::BOUNDS;

/// Adds to a cell that only this thread writes.
#[inline(always)]
fn add(cell: &AtomicU64, value: u64) {
    cell.store(cell.load(Relaxed).wrapping_add(value), Relaxed);
}

/// A thread's cells, by slot. Only that thread writes them; whoever scrapes reads them.
#[repr(align(128))]
struct Shard {
    length: AtomicUsize,
    /// `length` cells that are never freed.
    cells: AtomicPtr<AtomicU64>,
}

/// What a thread has before its first increment: too short for every slot.
static EMPTY: Shard = Shard { length: AtomicUsize::new(0), cells: AtomicPtr::new(ptr::null_mut()) };

/// Every thread's shard. Whoever grows one holds the lock, so under it all of them stay where they are.
static SHARDS: Mutex<Vec<&'static Shard>> = Mutex::new(Vec::new());

static NEXT_SLOT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static MINE: Cell<&'static Shard> = const { Cell::new(&EMPTY) };
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Slots for so many cells, beside each other.
fn slots(count: usize) -> usize {
    NEXT_SLOT.fetch_add(count, Relaxed)
}

/// This thread's cell of a slot.
#[inline(always)]
fn cell(slot: usize) -> &'static AtomicU64 {
    let shard = MINE.get();
    if slot < shard.length.load(Relaxed) {
        // SAFETY: `grow` stores `cells` before `length`, and only this thread grows its shard, so there are as many.
        unsafe { &*shard.cells.load(Relaxed).add(slot) }
    } else {
        grow(slot)
    }
}

#[cold]
#[inline(never)]
fn grow(slot: usize) -> &'static AtomicU64 {
    let mut shards = lock(&SHARDS);
    if ptr::eq(MINE.get(), &raw const EMPTY) {
        let shard: &'static Shard =
            Box::leak(Box::new(Shard { length: AtomicUsize::new(0), cells: AtomicPtr::new(ptr::null_mut()) }));
        shards.push(shard);
        MINE.set(shard);
    }
    let shard = MINE.get();
    let old = cells(shard);
    let new: Vec<AtomicU64> = (0..(slot + 1).next_power_of_two().max(64))
        .map(|at| AtomicU64::new(old.get(at).map_or(0, |cell| cell.load(Relaxed))))
        .collect();
    let new = Vec::leak(new);
    shard.cells.store(new.as_mut_ptr(), Release);
    shard.length.store(new.len(), Release);
    &new[slot]
}

/// The cells of a shard; for its own thread, or under the lock.
fn cells(shard: &Shard) -> &'static [AtomicU64] {
    let length = shard.length.load(Acquire);
    if length == 0 {
        return &[];
    }
    // SAFETY: `length` was stored after `cells`, blocks only grow and are never freed.
    unsafe { std::slice::from_raw_parts(shard.cells.load(Acquire), length) }
}

/// Adds all threads' cells from a slot on to what is there.
fn fold(slot: usize, totals: &mut [u64]) {
    for shard in lock(&SHARDS).iter() {
        let cells = cells(shard).get(slot..).unwrap_or_default();
        for (total, cell) in totals.iter_mut().zip(cells) {
            *total = total.wrapping_add(cell.load(Relaxed));
        }
    }
}

/// A counter, or a gauge that only goes up and down.
pub(crate) struct Scalar {
    slot: AtomicU32,
}

impl Scalar {
    pub(crate) fn new() -> Self {
        Self { slot: AtomicU32::new(u32::try_from(slots(1)).unwrap_or(u32::MAX)) }
    }

    #[inline(always)]
    pub(crate) fn inc(&self) {
        add(cell(self.slot.load(Relaxed) as usize), 1);
    }

    #[inline(always)]
    pub(crate) fn dec(&self) {
        add(cell(self.slot.load(Relaxed) as usize), u64::MAX);
    }
}

/// Counters by numbers, which the compiler made of labels.
pub(crate) struct Finite {
    first: AtomicU32,
    count: usize,
}

impl Finite {
    pub(crate) fn new(count: usize) -> Self {
        Self { first: AtomicU32::new(u32::try_from(slots(count)).unwrap_or(u32::MAX)), count }
    }

    #[inline(always)]
    pub(crate) fn inc(&self, index: usize) {
        debug_assert!(index < self.count);
        add(cell(self.first.load(Relaxed) as usize + index), 1);
    }
}

/// A histogram with the bounds of the workloads: the cells are the sum, then the buckets.
pub(crate) struct Histogram {
    first: AtomicU32,
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self { first: AtomicU32::new(u32::try_from(slots(BOUNDS.len() + 2)).unwrap_or(u32::MAX)) }
    }

    #[inline(always)]
    pub(crate) fn observe(&self, value: f64) {
        let first = self.first.load(Relaxed) as usize;
        // No branch, so nothing to predict: how many bounds are below the value.
        let bucket: usize = BOUNDS.iter().map(|&bound| usize::from(value > bound)).sum();
        let sum = cell(first);
        sum.store((f64::from_bits(sum.load(Relaxed)) + value).to_bits(), Relaxed);
        add(cell(first + 1 + bucket), 1);
    }
}

/// A histogram whose buckets end at the powers of 2^(1/8), those of a window of 64 powers of two: the cells are the sum,
/// then the buckets.
pub(crate) struct NativeHistogram {
    first: AtomicU32,
    /// How many bounds are below all mantissas that begin so.
    below: [u8; 16],
    /// The mantissas of the bounds, and behind them what none is above.
    bounds: [u64; 9],
}

const MANTISSA: u32 = 52;

impl NativeHistogram {
    pub(crate) fn new() -> Self {
        let mut bounds = [1 << MANTISSA; 9];
        for (bound, eighths) in bounds.iter_mut().zip(0_u8..8) {
            *bound = (f64::from(eighths) / 8.0).exp2().to_bits() & ((1 << MANTISSA) - 1);
        }
        let below = std::array::from_fn(|cell| {
            let begins = (cell as u64) << (MANTISSA - 4);
            u8::try_from(bounds.partition_point(|&bound| bound < begins)).unwrap_or(u8::MAX)
        });
        Self { first: AtomicU32::new(u32::try_from(slots(1 + 64 * 8)).unwrap_or(u32::MAX)), below, bounds }
    }

    #[inline(always)]
    pub(crate) fn observe(&self, value: f64) {
        let first = self.first.load(Relaxed) as usize;
        let bits = value.to_bits();
        let mantissa = bits & ((1 << MANTISSA) - 1);
        let below = usize::from(self.below[(mantissa >> (MANTISSA - 4)) as usize]);
        let step = below + usize::from(mantissa > self.bounds[below]);
        // From 2^-32 on.
        let bucket = ((bits >> MANTISSA) as usize).wrapping_sub(1023 - 32) * 8 + step;
        let sum = cell(first);
        sum.store((f64::from_bits(sum.load(Relaxed)) + value).to_bits(), Relaxed);
        add(cell(first + 1 + bucket % (64 * 8 - 1)), 1);
    }
}

/// What the time-stamp counter says.
#[inline(always)]
pub(crate) fn ticks() -> u64 {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 has the instruction, and it touches no memory.
    unsafe {
        core::arch::x86_64::_rdtsc()
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        use std::time::Instant;
        thread_local! { static START: Instant = Instant::now(); }
        u64::try_from(START.with(Instant::elapsed).as_nanos()).unwrap_or(u64::MAX)
    }
}

/// A family of counters by two texts, each series with a slot.
///
/// A lookup compares one cache line: three words of each text, the first, the middle and the last, are all of it where
/// it has 8 to 24 bytes, so their lengths make no difference to the processor's guesses.
pub(crate) struct Family {
    table: AtomicPtr<Table>,
    writer: Mutex<Room>,
}

/// Where new series go.
#[derive(Default)]
struct Room {
    series: usize,
    lines: &'static mut [MaybeUninit<Line>],
    text: &'static mut [u8],
}

impl Room {
    fn line(&mut self, words: Words, slot: u32, tenant: &str, path: &str) -> &'static Line {
        if self.lines.is_empty() {
            self.lines = Box::leak(Box::new_uninit_slice(1024));
        }
        let length = tenant.len() + path.len();
        if self.text.len() < length {
            self.text = vec![0; (64 * 1024).max(length)].leak();
        }
        let (text, rest) = std::mem::take(&mut self.text).split_at_mut(length);
        self.text = rest;
        text[..tenant.len()].copy_from_slice(tenant.as_bytes());
        text[tenant.len()..].copy_from_slice(path.as_bytes());
        let text = std::str::from_utf8(text).expect("it is two texts");
        let (line, rest) = std::mem::take(&mut self.lines).split_first_mut().expect("there is room");
        self.lines = rest;
        self.series += 1;
        line.write(Line { words, slot, text })
    }
}

struct Table {
    mask: usize,
    lines: Box<[AtomicPtr<Line>]>,
}

impl Table {
    fn new(size: usize) -> &'static Self {
        let lines = (0..size).map(|_| AtomicPtr::default()).collect();
        Box::leak(Box::new(Self { mask: size - 1, lines }))
    }

    fn put(&self, hash: u64, line: &'static Line) {
        let mut at = position(hash, self.mask);
        while !self.lines[at].load(Relaxed).is_null() {
            at = (at + 1) & self.mask;
        }
        self.lines[at].store(ptr::from_ref(line).cast_mut(), Release);
    }
}

fn position(hash: u64, mask: usize) -> usize {
    usize::try_from(hash).unwrap_or(0) & mask
}

#[repr(align(64))]
struct Line {
    words: Words,
    slot: u32,
    /// Tenant and path, one after the other.
    text: &'static str,
}

/// What is compared first, and hashed: three words a text, and both lengths.
#[derive(Clone, Copy)]
struct Words {
    tenant: [u64; 3],
    path: [u64; 3],
    lengths: u32,
}

impl Words {
    #[inline(always)]
    fn of(tenant: &str, path: &str) -> Self {
        // Longer texts are compared in full anyway.
        #[expect(clippy::cast_possible_truncation, reason = "as above")]
        let lengths = (tenant.len() as u32) << 16 ^ path.len() as u32;
        Self { tenant: words(tenant), path: words(path), lengths }
    }

    /// One test, instead of one a word.
    #[inline(always)]
    fn are(&self, other: &Self) -> bool {
        let differ =
            |mine: [u64; 3], theirs: [u64; 3]| (mine[0] ^ theirs[0]) | (mine[1] ^ theirs[1]) | (mine[2] ^ theirs[2]);
        let texts = differ(self.tenant, other.tenant) | differ(self.path, other.path);
        texts | u64::from(self.lengths ^ other.lengths) == 0
    }

    /// As wyhash and its heirs mix: long products, their halves put together.
    #[inline(always)]
    fn hash(&self) -> u64 {
        const K0: u64 = 0x2d35_8dcc_aa6c_78a5;
        const K1: u64 = 0x8bb8_4b93_962e_acc9;
        let one = |[first, middle, last]: [u64; 3], key: u64, other: u64| {
            product(first ^ key, last ^ other ^ middle.rotate_left(17))
        };
        let lengths = u64::from(self.lengths);
        one(self.tenant, K0 ^ lengths, K1) ^ one(self.path, K1, K0 ^ lengths)
    }
}

#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the halves are what is wanted")]
fn product(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[inline(always)]
fn words(text: &str) -> [u64; 3] {
    let bytes = text.as_bytes();
    let length = bytes.len();
    match length {
        8.. => [word(bytes, 0), word(bytes, length / 2 - 4), word(bytes, length - 8)],
        4..8 => {
            let half =
                |at: usize| u64::from(u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]));
            [half(0), 0, half(length - 4)]
        }
        1..4 => [u64::from(bytes[0]), u64::from(bytes[length / 2]), u64::from(bytes[length - 1])],
        0 => [0; 3],
    }
}

#[inline(always)]
fn word(bytes: &[u8], at: usize) -> u64 {
    debug_assert!(at + 8 <= bytes.len());
    // SAFETY: `words` asks for eight bytes within the text.
    unsafe { bytes.as_ptr().add(at).cast::<u64>().read_unaligned() }
}

impl Family {
    pub(crate) fn new() -> Self {
        Self { table: AtomicPtr::new(ptr::from_ref(Table::new(64)).cast_mut()), writer: Mutex::default() }
    }

    #[inline(always)]
    pub(crate) fn inc(&self, tenant: &str, path: &str) {
        self.series(tenant, path).inc();
    }

    /// A handle, which may be kept.
    #[inline(always)]
    pub(crate) fn series(&self, tenant: &str, path: &str) -> Series {
        let words = Words::of(tenant, path);
        // SAFETY: tables are never freed.
        let table = unsafe { &*self.table.load(Acquire) };
        let mut at = position(words.hash(), table.mask);
        loop {
            // SAFETY: the mask is one less than the number of lines; lines are never freed.
            let line = unsafe { table.lines.get_unchecked(at).load(Acquire).as_ref() };
            match line {
                Some(line) if is(line, &words, tenant, path) => return Series { slot: line.slot },
                Some(_) => at = (at + 1) & table.mask,
                None => return self.insert(words, tenant, path),
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn insert(&self, words: Words, tenant: &str, path: &str) -> Series {
        let mut room = lock(&self.writer);
        // SAFETY: tables are never freed.
        let mut table: &'static Table = unsafe { &*self.table.load(Acquire) };
        let mut at = position(words.hash(), table.mask);
        // SAFETY: lines are never freed.
        while let Some(line) = unsafe { table.lines[at].load(Acquire).as_ref() } {
            if is(line, &words, tenant, path) {
                return Series { slot: line.slot };
            }
            at = (at + 1) & table.mask;
        }
        if (room.series + 1) * 2 > table.mask + 1 {
            let grown = Table::new((table.mask + 1) * 2);
            // SAFETY: lines are never freed.
            for line in table.lines.iter().filter_map(|line| unsafe { line.load(Acquire).as_ref() }) {
                grown.put(line.words.hash(), line);
            }
            self.table.store(ptr::from_ref(grown).cast_mut(), Release);
            table = grown;
        }
        let slot = u32::try_from(slots(1)).unwrap_or(u32::MAX);
        table.put(words.hash(), room.line(words, slot, tenant, path));
        Series { slot }
    }
}

#[inline(always)]
fn is(line: &Line, words: &Words, tenant: &str, path: &str) -> bool {
    line.words.are(words) && (tenant.len().max(path.len()) <= 24 || is_long(line, tenant, path))
}

#[inline(never)]
fn is_long(line: &Line, tenant: &str, path: &str) -> bool {
    line.text.split_at_checked(tenant.len()) == Some((tenant, path))
}

/// A series.
pub(crate) struct Series {
    slot: u32,
}

impl Series {
    #[inline(always)]
    pub(crate) fn inc(&self) {
        add(cell(self.slot as usize), 1);
    }
}

/// A family whose lines are written as fast as text can be: what precedes the numbers stands ready, one after the
/// other; numbers are folded from the threads' cells in the same order.
pub(crate) struct Page {
    texts: Vec<u8>,
    /// Where each text ends.
    ends: Vec<u32>,
    slot: usize,
}

/// How much is written at once.
const CHUNK: usize = 64 * 1024;

/// How many cells are folded at once.
const BLOCK: usize = 4096;

impl Page {
    pub(crate) fn new(texts: impl IntoIterator<Item = String>) -> Self {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        for text in texts {
            bytes.extend_from_slice(text.as_bytes());
            ends.push(u32::try_from(bytes.len()).expect("a page of less than 4 GiB"));
        }
        let slot = slots(ends.len());
        Self { texts: bytes, ends, slot }
    }

    /// Counts each series once, from this thread.
    pub(crate) fn inc_all(&self) {
        for series in (0..self.ends.len()).rev() {
            add(cell(self.slot + series), 1);
        }
    }

    /// Writes the page in chunks, and says how many bytes it was.
    pub(crate) fn write(&self, chunk: &mut Vec<u8>, mut flush: impl FnMut(&[u8])) -> usize {
        let mut totals = vec![0; BLOCK];
        let (mut start, mut written) = (0, 0);
        let mut digits = itoa::Buffer::new();
        chunk.clear();
        for (block, ends) in self.ends.chunks(BLOCK).enumerate() {
            let totals = &mut totals[..ends.len()];
            totals.fill(0);
            fold(self.slot + block * BLOCK, totals);
            for (&end, &total) in ends.iter().zip(&*totals) {
                let end = end as usize;
                chunk.extend_from_slice(&self.texts[start..end]);
                chunk.extend_from_slice(digits.format(total).as_bytes());
                chunk.push(b'\n');
                start = end;
                if chunk.len() > CHUNK - 256 {
                    written += chunk.len();
                    flush(chunk);
                    chunk.clear();
                }
            }
        }
        written += chunk.len();
        flush(chunk);
        written
    }
}
