//! What the kernel knows of a process.

mod proc;

use std::borrow::Cow;
use std::fmt;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use proc::{Stat, Units};

use crate::collector::{Collected, Collector};
use crate::collectors::{descriptor, outline, own_site};
use crate::descriptor::{Descriptor, DescriptorRef, MetricKind, Outline, Site};
use crate::error::Error;
use crate::name::MetricName;
use crate::snapshot::Number;

/// CPU time, memory, file descriptors, threads and start of a process, from the files of Linux's proc.
///
/// | family | what |
/// |---|---|
/// | `process_cpu_seconds_total` | user and system time |
/// | `process_virtual_memory_bytes`, `process_virtual_memory_max_bytes` | address space, and its limit |
/// | `process_resident_memory_bytes` | what of it is in memory, as `/proc/<pid>/stat` has it |
/// | `process_start_time_seconds` | since 1970 |
/// | `process_open_fds`, `process_max_fds` | file descriptors, and their limit |
/// | `process_threads` | threads |
/// | `process_network_receive_bytes_total`, `process_network_transmit_bytes_total` | bytes over IP: see below |
///
/// The bytes are those of the whole network namespace that the process is in: of its container, or of the machine.
/// Names and meanings are those of other clients: see
/// [Prometheus' page](https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics). A limit that isn't
/// set reads 18446744073709551615, which is what the kernel has for it. What can't be read is left out of that scrape;
/// where there is no proc, that is all of it.
///
/// The [global registry](crate::Registry::global) has one of this process from the start on Linux;
/// [`process_collector`](crate::Registry::process_collector) switches it off. Other processes go beside it:
///
/// ```
/// use std::fs;
/// use tallymark::{Registry, collectors::Process};
///
/// let daemon = Process::builder().namespace("daemon").pid(|| fs::read_to_string("/var/run/daemon.pid")).build()?;
/// Registry::global().register(daemon)?; // daemon_process_cpu_seconds_total, and so on
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Process {
    /// What the names begin with, an underscore behind it, or nothing.
    prefix: String,
    /// This process where there is none.
    pid: Option<Pid>,
    proc: PathBuf,
    /// In seconds since 1970. It is read once, since the kernel counts all interrupts whenever it is.
    boot_time: OnceLock<u64>,
}

/// Says which process it is now; none where nobody knows.
type Pid = Box<dyn Fn() -> Option<String> + Send + Sync>;

/// Makes a [`Process`] with options.
#[derive(Default)]
#[must_use = "a builder makes nothing until `build`"]
pub struct ProcessBuilder {
    namespace: Cow<'static, str>,
    pid: Option<Pid>,
    proc: Option<PathBuf>,
}

impl ProcessBuilder {
    /// What the names begin with: of `shop` they are `shop_process_cpu_seconds_total`, and so on.
    pub fn namespace(mut self, namespace: impl Into<Cow<'static, str>>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Which process it is, asked at every scrape: a number, or a text with one, such as that of a file in `/run`.
    ///
    /// White space around it doesn't matter. Where it fails, or gives anything but a number or `self`, there is nothing
    /// to read at that scrape.
    pub fn pid<P: fmt::Display, E>(mut self, pid: impl Fn() -> Result<P, E> + Send + Sync + 'static) -> Self {
        self.pid = Some(Box::new(move || pid().ok().map(|pid| pid.to_string())));
        self
    }

    /// Where proc is mounted, if that isn't `/proc`.
    pub fn proc(mut self, root: impl Into<PathBuf>) -> Self {
        self.proc = Some(root.into());
        self
    }

    /// Makes the collector.
    ///
    /// # Errors
    /// Where the namespace can't begin a name.
    pub fn build(self) -> Result<Process, Error> {
        let Self { namespace, pid, proc } = self;
        let prefix = if namespace.is_empty() { String::new() } else { format!("{namespace}_") };
        MetricName::new(format!("{prefix}{}", FAMILIES[0].name))?;
        let proc = proc.unwrap_or_else(|| PathBuf::from(PROC));
        Ok(Process { prefix, pid, proc, boot_time: OnceLock::new() })
    }
}

impl fmt::Debug for ProcessBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, pid: _, proc } = self;
        f.debug_struct("ProcessBuilder").field("namespace", namespace).field("proc", proc).finish_non_exhaustive()
    }
}

const PROC: &str = "/proc";

impl Process {
    pub(crate) const SITE: Site = own_site!();

    /// What it gives where there is no namespace, known when this crate is compiled.
    pub(crate) fn families() -> &'static [DescriptorRef<'static>] {
        &DESCRIBED
    }

    /// The collector of this process.
    #[must_use]
    pub fn new() -> Self {
        Self { prefix: String::new(), pid: None, proc: PathBuf::from(PROC), boot_time: OnceLock::new() }
    }

    /// Options for a collector.
    pub fn builder() -> ProcessBuilder {
        ProcessBuilder::default()
    }

    fn name(&self, family: &Family) -> Cow<'static, str> {
        if self.prefix.is_empty() { family.name.into() } else { format!("{}{}", self.prefix, family.name).into() }
    }

    fn read(&self, units: Units) -> Option<Reading> {
        let pid = self.pid.as_ref().map_or_else(|| Some("self".to_owned()), |pid| pid())?;
        let pid = pid.trim();
        // Nothing else may lead to other files.
        if pid != "self" && (pid.is_empty() || !pid.bytes().all(|byte| byte.is_ascii_digit())) {
            return None;
        }
        let folder = self.proc.join(pid);
        let mut room = Vec::new();
        let mut reading = Reading::default();
        let mut kernels = false;
        if let Some(length) = read(&folder.join("stat"), &mut room) {
            kernels = length == 0 && !room.is_empty();
            reading.keep_stat(&Stat::parse(&room), units);
        }
        reading.start_seconds = reading.start_seconds.and_then(|since_boot| {
            let boot_time = self.boot_time(&mut room)?;
            Some(seconds(boot_time) + since_boot)
        });
        if read(&folder.join("limits"), &mut room).is_some() {
            reading.max_fds = proc::limit(&room, "Max open files");
            reading.virtual_max_bytes = proc::limit(&room, "Max address space");
        }
        if read(&folder.join("net/netstat"), &mut room).is_some() {
            [reading.received_bytes, reading.sent_bytes] = proc::octets(&room);
        }
        reading.open_fds = count_fds(&folder.join("fd"), kernels);
        Some(reading)
    }

    fn boot_time(&self, room: &mut Vec<u8>) -> Option<u64> {
        if let Some(known) = self.boot_time.get() {
            return Some(*known);
        }
        read(&self.proc.join("stat"), room)?;
        let boot_time = proc::boot_time(room)?;
        Some(*self.boot_time.get_or_init(|| boot_time))
    }
}

impl Default for Process {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { prefix, pid: _, proc, boot_time: _ } = self;
        f.debug_struct("Process").field("prefix", prefix).field("proc", proc).finish_non_exhaustive()
    }
}

impl Collector for Process {
    fn describe(&self) -> Vec<Descriptor> {
        let mut described = Vec::new();
        for family in &FAMILIES {
            let what = (family.kind, self.name(family), family.outline.help);
            if let Ok(descriptor) = descriptor(what, &[], Self::SITE) {
                described.push(descriptor);
            }
        }
        described
    }

    fn collect(&self, out: &mut Collected) {
        let Some(reading) = self.read(units()) else { return };
        for family in &FAMILIES {
            let Some(value) = (family.value)(&reading) else { continue };
            let (name, help) = (self.name(family), family.outline.help);
            match family.kind {
                MetricKind::Counter => out.counter(&name, help).value(value),
                _ => out.gauge(&name, help).value(value),
            };
        }
    }
}

struct Family {
    kind: MetricKind,
    name: &'static str,
    outline: Outline,
    value: fn(&Reading) -> Option<Number>,
}

const fn family(
    kind: MetricKind,
    name: &'static str,
    help: &'static str,
    value: fn(&Reading) -> Option<Number>,
) -> Family {
    Family { kind, name, outline: outline(name, help, Process::SITE), value }
}

static DESCRIBED: [DescriptorRef<'static>; FAMILIES.len()] = {
    const fn described(at: usize) -> DescriptorRef<'static> {
        DescriptorRef::of_mark(&FAMILIES[at].outline, FAMILIES[at].kind, &[])
    }
    let mut all = [described(0); FAMILIES.len()];
    let mut at = 1;
    while at < all.len() {
        all[at] = described(at);
        at += 1;
    }
    all
};

static FAMILIES: [Family; 10] = [
    family(
        MetricKind::Counter,
        "process_cpu_seconds_total",
        "Total user and system CPU time spent in seconds.",
        |reading| reading.cpu_seconds.map(Number::from),
    ),
    family(MetricKind::Gauge, "process_virtual_memory_bytes", "Virtual memory size in bytes.", |reading| {
        reading.virtual_bytes.map(Number::from)
    }),
    family(
        MetricKind::Gauge,
        "process_virtual_memory_max_bytes",
        "Maximum amount of virtual memory available in bytes.",
        |reading| reading.virtual_max_bytes.map(Number::from),
    ),
    family(MetricKind::Gauge, "process_resident_memory_bytes", "Resident memory size in bytes.", |reading| {
        reading.resident_bytes.map(Number::from)
    }),
    family(
        MetricKind::Gauge,
        "process_start_time_seconds",
        "Start time of the process since unix epoch in seconds.",
        |reading| reading.start_seconds.map(Number::from),
    ),
    family(MetricKind::Gauge, "process_open_fds", "Number of open file descriptors.", |reading| {
        reading.open_fds.map(Number::from)
    }),
    family(MetricKind::Gauge, "process_max_fds", "Maximum number of open file descriptors.", |reading| {
        reading.max_fds.map(Number::from)
    }),
    family(MetricKind::Gauge, "process_threads", "Number of OS threads in the process.", |reading| {
        reading.threads.map(Number::from)
    }),
    family(
        MetricKind::Counter,
        "process_network_receive_bytes_total",
        "Number of bytes received by the process over the network.",
        |reading| reading.received_bytes.map(Number::from),
    ),
    family(
        MetricKind::Counter,
        "process_network_transmit_bytes_total",
        "Number of bytes sent by the process over the network.",
        |reading| reading.sent_bytes.map(Number::from),
    ),
];

/// What could be read.
#[derive(Debug, Default)]
struct Reading {
    cpu_seconds: Option<f64>,
    virtual_bytes: Option<u64>,
    virtual_max_bytes: Option<u64>,
    resident_bytes: Option<u64>,
    start_seconds: Option<f64>,
    open_fds: Option<u64>,
    max_fds: Option<u64>,
    threads: Option<u64>,
    received_bytes: Option<u64>,
    sent_bytes: Option<u64>,
}

impl Reading {
    fn keep_stat(&mut self, stat: &Stat, units: Units) {
        let in_seconds = |ticks| seconds(ticks) / seconds(units.ticks_per_second);
        let ticks = stat.user_ticks.zip(stat.system_ticks).and_then(|(user, system)| user.checked_add(system));
        self.cpu_seconds = ticks.map(in_seconds);
        self.virtual_bytes = stat.virtual_bytes;
        let pages = stat.resident_pages.zip(units.page_bytes);
        self.resident_bytes = pages.and_then(|(pages, bytes)| pages.checked_mul(bytes));
        self.start_seconds = stat.start_ticks.map(in_seconds);
        self.threads = stat.threads;
    }
}

fn seconds(whole: u64) -> f64 {
    Number::from(whole).as_f64()
}

/// No file of proc that is read here is nearly as long, and of what stands in its place no more is read.
const LONGEST: usize = 1 << 20;

/// Most of them are shorter.
const SHORTEST: usize = 1 << 12;

/// Reads a file, and gives the length that the file system says it has.
fn read(path: &Path, room: &mut Vec<u8>) -> Option<u64> {
    room.clear();
    let mut file = File::open(path).ok()?;
    // As `read_to_end`, which is compiled anew where no more is read than that.
    let mut end = 0;
    loop {
        room.resize((2 * end).clamp(SHORTEST, LONGEST), 0);
        match file.read(&mut room[end..]) {
            Ok(0) => break,
            Ok(more) => end += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => {
                room.truncate(end);
                return None;
            }
        }
    }
    room.truncate(end);
    file.metadata().ok().map(|metadata| metadata.len())
}

/// How many files a process has open.
///
/// Since Linux 6.2 that is the length of the folder, which no other file system means by it; only the kernel's own
/// has files with something in them and no length. Listing it costs much where there are many, and is itself open
/// meanwhile.
fn count_fds(folder: &Path, kernels: bool) -> Option<u64> {
    if kernels && let Some(open) = fs::metadata(folder).ok().map(|metadata| metadata.len()).filter(|open| *open > 0) {
        return Some(open);
    }
    fs::read_dir(folder).ok()?.try_fold(0, |count: u64, entry| entry.ok().map(|_| count + 1))
}

/// Those of this system. They stay what they are.
fn units() -> Units {
    static UNITS: OnceLock<Units> = OnceLock::new();
    *UNITS.get_or_init(|| {
        let mut room = Vec::new();
        let _ = read(Path::new("/proc/self/auxv"), &mut room);
        Units::parse(&room)
    })
}
