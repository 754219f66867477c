//! The process collector: what it makes of the files of proc, and of this process.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::float_cmp, reason = "a test fails by it; the numbers are exact")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use tallymark::collectors::{Process, ProcessBuilder};
use tallymark::{Collector as _, MetricKind, Number, Registry, Value};
use tempfile::TempDir;

const STAT: &str = "4711 (shop (v2) R 1) S 1 4711 4711 0 -1 1077960704 5684 0 3 0 1500 221 10 20 20 0 9 0 82375 \
                    56274944 1981 18446744073709551615 4194304 7106516 140721983276368 0 0 0 0 16781312 134235906 0\n";

const LIMITS: &str = "\
Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max processes             62898                62898                processes 
Max open files            2048                 4096                 files     
Max address space         unlimited            unlimited            bytes     
Max realtime timeout      unlimited            unlimited            us        
";

const NETSTAT: &str = "\
TcpExt: SyncookiesSent InOctets
TcpExt: 0 99
IpExt: InNoRoutes InOctets OutOctets InMcastOctets
IpExt: 0 4473581765 3632307825 0
";

/// A folder that looks like proc, with the process 4711.
struct Proc(TempDir);

impl Proc {
    fn new() -> Self {
        let proc = Self(TempDir::new().unwrap());
        proc.write("stat", "cpu  1 2 3 4\ncpu0 1 2 3 4\nintr 44 0 0\nctxt 5\nbtime 1418183276\nprocesses 9\n");
        proc.write("4711/stat", STAT);
        proc.write("4711/limits", LIMITS);
        proc.write("4711/net/netstat", NETSTAT);
        for fd in 0..5 {
            proc.write(&format!("4711/fd/{fd}"), "");
        }
        proc
    }

    fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        let path = self.0.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn remove(&self, name: &str) {
        let path = self.0.path().join(name);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }

    fn process(&self) -> ProcessBuilder {
        Process::builder().proc(self.0.path()).pid(|| Ok::<_, io::Error>(4711))
    }

    fn values(&self) -> BTreeMap<String, Number> {
        values(self.process())
    }
}

/// What a collector gives.
fn values(process: ProcessBuilder) -> BTreeMap<String, Number> {
    let registry = Registry::new();
    registry.register(process.build().unwrap()).unwrap();
    let families = registry.gather();
    let value = |family: &tallymark::MetricFamily| match family.find(&[]).unwrap().value() {
        Value::Number(number) => *number,
        other => panic!("{other:?}"),
    };
    families.iter().map(|family| (family.name().to_owned(), value(family))).collect()
}

fn page_bytes() -> u64 {
    let output = Command::new("getconf").arg("PAGESIZE").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// All of the process 4711, the names beginning so.
fn expected(prefix: &str) -> BTreeMap<String, Number> {
    let numbers: [(&str, Number); 10] = [
        ("cpu_seconds_total", 17.21.into()),
        ("virtual_memory_bytes", 56_274_944_u64.into()),
        ("virtual_memory_max_bytes", u64::MAX.into()),
        ("resident_memory_bytes", (1981 * page_bytes()).into()),
        ("start_time_seconds", 1_418_184_099.75.into()),
        ("open_fds", 5_u64.into()),
        ("max_fds", 2048_u64.into()),
        ("threads", 9_u64.into()),
        ("network_receive_bytes_total", 4_473_581_765_u64.into()),
        ("network_transmit_bytes_total", 3_632_307_825_u64.into()),
    ];
    numbers.into_iter().map(|(name, number)| (format!("{prefix}{name}"), number)).collect()
}

#[test]
fn the_names_and_numbers_are_those_of_other_clients() {
    assert_eq!(Proc::new().values(), expected("process_"));
}

#[test]
fn a_page_shows_them_exactly() {
    let (proc, registry) = (Proc::new(), Registry::new());
    registry.register(proc.process().build().unwrap()).unwrap();
    let page = tallymark::exposition::text::encode(&registry.gather());
    for lines in [
        "# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.\n\
         # TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 17.21\n",
        "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds 1.41818409975e+09\n",
        "# TYPE process_network_receive_bytes_total counter\nprocess_network_receive_bytes_total 4473581765\n",
    ] {
        assert!(page.contains(lines), "{lines}\n{page}");
    }
}

#[test]
fn a_namespace_stands_in_front_of_the_names() {
    let proc = Proc::new();
    assert_eq!(values(proc.process().namespace("shop")), expected("shop_process_"));
    assert_eq!(values(proc.process().namespace("")), expected("process_"));
    let error = Process::builder().namespace("2fast").build().unwrap_err().to_string();
    assert!(error.contains("`2fast_process_cpu_seconds_total`"), "{error}");
}

#[test]
fn the_pid_is_asked_for_at_every_scrape_and_trimmed() {
    let proc = Proc::new();
    let file = proc.0.path().join("daemon.pid");
    let registry = Registry::new();
    let pid = file.clone();
    let process = Process::builder().proc(proc.0.path()).pid(move || fs::read_to_string(&pid));
    registry.register(process.build().unwrap()).unwrap();
    assert!(registry.gather().is_empty(), "there is no file yet");
    for (text, there) in [
        (" 4711\n", true),
        ("4711", true),
        ("4712", false),
        ("", false),
        ("\n", false),
        ("4711 4712", false),
        (".", false),
        ("../4711", false),
        ("/4711", false),
        ("४७११", false),
        ("-4711", false),
        ("\t4711\r\n", true),
    ] {
        fs::write(&file, text).unwrap();
        assert_eq!(!registry.gather().is_empty(), there, "{text:?}");
    }
}

#[test]
fn a_pid_that_panics_harms_no_other_collector() {
    tallymark_tests::quiet_panics();
    let registry = Registry::new();
    let process =
        Process::builder().pid(|| -> Result<u32, io::Error> { std::panic::panic_any(tallymark_tests::ON_PURPOSE) });
    registry.register(process.build().unwrap()).unwrap();
    let families = registry.gather();
    let names: Vec<&str> = families.iter().map(tallymark::MetricFamily::name).collect();
    assert_eq!(names, ["tallymark_collector_failures_total"]);
}

#[test]
fn what_cannot_be_read_is_left_out_alone() {
    let cases: [(&str, &[&str]); 6] = [
        ("stat", &["start_time_seconds"]),
        (
            "4711/stat",
            &["cpu_seconds_total", "virtual_memory_bytes", "resident_memory_bytes", "start_time_seconds", "threads"],
        ),
        ("4711/limits", &["virtual_memory_max_bytes", "max_fds"]),
        ("4711/fd", &["open_fds"]),
        ("4711/net", &["network_receive_bytes_total", "network_transmit_bytes_total"]),
        ("4711/net/netstat", &["network_receive_bytes_total", "network_transmit_bytes_total"]),
    ];
    for (file, left_out) in cases {
        let mut rest = expected("process_");
        rest.retain(|name, _| !left_out.iter().any(|left_out| name == &format!("process_{left_out}")));
        let proc = Proc::new();
        proc.remove(file);
        assert_eq!(proc.values(), rest, "without {file}");
        // A folder can be opened, and not be read.
        fs::create_dir(proc.0.path().join(file)).unwrap();
        if !["4711/fd", "4711/net"].contains(&file) {
            assert_eq!(proc.values(), rest, "{file} is a folder");
        }
    }
    let proc = Proc::new();
    proc.remove("4711");
    assert!(proc.values().is_empty());
    assert!(values(Process::builder().proc("/nowhere/at all")).is_empty());
}

#[test]
fn what_is_described_is_so_even_if_it_cannot_be_read() {
    let described = Process::builder().proc("/nowhere").namespace("shop").build().unwrap().describe();
    let names: Vec<&str> = described.iter().map(tallymark::Descriptor::name).collect();
    let expected = expected("shop_process_");
    assert_eq!(names.len(), expected.len());
    assert!(names.iter().all(|name| expected.contains_key(*name)));
    for family in &described {
        let counts = family.kind() == MetricKind::Counter;
        assert_eq!(counts, family.name().ends_with("_total"));
        assert!(family.site().file().ends_with("process.rs"));
        assert_eq!(family.site().crate_name(), Some("tallymark"));
    }
}

#[test]
fn hostile_files_give_less_and_never_a_panic() {
    let without = |names: &[&str]| {
        let mut rest = expected("process_");
        rest.retain(|name, _| !names.contains(&&name["process_".len()..]));
        rest
    };
    let proc = Proc::new();
    proc.write("4711/stat", STAT.replace("(shop (v2) R 1)", "(a) Z 1 1 1 (b\n) (c) 7)"));
    assert_eq!(proc.values(), expected("process_"));
    proc.write("4711/stat", [b"4711 (\xff\xfe\x80) \xc3", &STAT.as_bytes()["4711 (shop (v2) R 1".len()..]].concat());
    assert_eq!(proc.values(), expected("process_"), "a name that is no text");
    proc.write("4711/stat", STAT.replace(" 221 ", " 18446744073709551615 "));
    assert_eq!(proc.values(), without(&["cpu_seconds_total"]), "a sum that no number holds");
    proc.write("4711/stat", STAT.replace(" 1981 ", " 18446744073709551615 "));
    assert_eq!(proc.values(), without(&["resident_memory_bytes"]), "a product that no number holds");
    proc.write("4711/stat", STAT.replace(" 82375 ", " 99999999999999999999999 "));
    assert_eq!(proc.values(), without(&["start_time_seconds"]));

    let proc = Proc::new();
    proc.write("4711/limits", LIMITS.replace("2048", "unlimited"));
    assert_eq!(proc.values()["process_max_fds"], u64::MAX.into());
    proc.write("4711/limits", LIMITS.replace("2048", "-1"));
    assert_eq!(proc.values(), without(&["max_fds"]));
    proc.write("4711/net/netstat", NETSTAT.replace("4473581765", "4473581765.5"));
    assert_eq!(proc.values(), without(&["max_fds", "network_receive_bytes_total"]));

    let proc = Proc::new();
    let stat_alone =
        ["cpu_seconds_total", "virtual_memory_bytes", "resident_memory_bytes", "start_time_seconds", "threads"];
    for garbage in [vec![], vec![0], vec![b')'; 100], vec![0xff; 1 << 16], vec![b'9'; 3 << 20], b") ) ) )".to_vec()] {
        proc.write("4711/stat", &garbage);
        assert_eq!(proc.values(), without(&stat_alone));
    }
    for file in ["stat", "4711/limits", "4711/net/netstat"] {
        proc.write(file, vec![b'\n'; 3 << 20]);
    }
    assert_eq!(proc.values().into_keys().collect::<Vec<_>>(), ["process_open_fds"]);
}

#[test]
fn the_boot_time_is_read_once() {
    let (proc, registry) = (Proc::new(), Registry::new());
    registry.register(proc.process().build().unwrap()).unwrap();
    proc.remove("stat");
    assert_eq!(registry.gather().len(), 9, "it is missing");
    proc.write("stat", "btime 1418183276\n");
    assert_eq!(registry.gather().len(), 10);
    proc.write("stat", "btime 1500000000\n");
    let families = registry.gather();
    let start = families.iter().find(|family| family.name() == "process_start_time_seconds").unwrap();
    assert_eq!(*start.series()[0].value(), Value::Number(1_418_184_099.75.into()));
}

#[test]
fn this_process_is_as_it_says() {
    let all = || values(Process::builder());
    let value = |name: &str| all()[&format!("process_{name}")].as_f64();
    assert_eq!(all().len(), 10, "{:?}", all());
    let resident = value("resident_memory_bytes");
    assert!(resident > 100_000.0 && resident < value("virtual_memory_bytes"));
    assert!(value("virtual_memory_bytes") <= value("virtual_memory_max_bytes"));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let start = value("start_time_seconds");
    assert!(start <= now + 2.0 && start > now - 3600.0, "{start}, now {now}");
    assert!(value("network_receive_bytes_total") >= 0.0);

    let before = value("threads");
    let barrier = Arc::new(Barrier::new(51));
    for _ in 0..50 {
        let barrier = Arc::clone(&barrier);
        thread::spawn(move || barrier.wait());
    }
    let during = value("threads");
    barrier.wait();
    assert!(during >= before + 30.0, "other tests end meanwhile: {before}, {during}");
}

#[test]
fn every_file_that_is_open_counts() {
    let open = || values(Process::builder())["process_open_fds"].as_f64();
    let max = values(Process::builder())["process_max_fds"].as_f64();
    let before = open();
    assert!(before >= 3.0 && before <= max);
    let files: Vec<File> = (0..200).map(|_| File::open("/dev/null").unwrap()).collect();
    let during = open();
    drop(files);
    assert!((before + 150.0..=before + 250.0).contains(&during), "other tests open and close: {before}, {during}");
    let listed = fs::read_dir("/proc/self/fd").unwrap().count();
    assert!((open() - Number::from(listed).as_f64()).abs() < 50.0);
}

#[test]
fn cpu_time_only_goes_up() {
    let cpu = || values(Process::builder())["process_cpu_seconds_total"].as_f64();
    let mut last = cpu();
    let until = last + 0.05;
    let spent = AtomicU32::new(0);
    while last < until {
        for _ in 0..1_000_000 {
            spent.fetch_add(1, Ordering::Relaxed);
        }
        let now = cpu();
        assert!(now >= last, "{now} < {last}");
        last = now;
    }
}

#[test]
fn another_process_is_read_by_its_number() {
    let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
    let pid = child.id();
    let values = values(Process::builder().namespace("child").pid(move || Ok::<_, io::Error>(pid)));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(values["child_process_threads"], 1_u64.into());
    assert!(values.contains_key("child_process_resident_memory_bytes"));
}

#[test]
fn it_stands_beside_those_of_other_namespaces() {
    let (proc, registry) = (Proc::new(), Registry::new());
    registry.register(Process::new()).unwrap();
    let shop = registry.register(proc.process().namespace("shop").build().unwrap()).unwrap();
    let error = registry.register(proc.process().namespace("shop").build().unwrap()).unwrap_err();
    assert_eq!(error.collisions().unwrap().len(), 10);
    assert!(shop.unregister());
    assert!(registry.register(proc.process().namespace("shop").build().unwrap()).is_ok());
    assert!(registry.process_collector().is_none(), "of what was registered by hand there is a registration already");
    assert!(Path::new("/proc/self").exists());
}
