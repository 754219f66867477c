//! The examples, run as a person runs them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longer than anything here takes on a slow machine.
const DEADLINE: Duration = Duration::from_mins(2);

#[test]
fn the_bookshop_shows_exactly_what_it_did() {
    let mut shop = Program::start("bookshop", &[("BOOKSHOP_LINGER", "3600")]);
    let url = shop.url();
    let enough = |page: &BTreeMap<String, f64>| {
        let outcomes = ["ok", "error", "panic", "cancelled"];
        page["bookshop_place_order_calls_total"] >= 300.0
            && outcomes
                .iter()
                .all(|outcome| page[&format!("bookshop_charge_calls_total{{outcome=\"{outcome}\"}}")] > 0.0)
    };
    wait_until("enough orders of every kind", || enough(&series(&get(&url))));

    shop.send("INT");
    let told = shop.tally();
    let page = series(&get(&url));
    let shown: BTreeMap<String, f64> =
        page.into_iter().filter(|(series, _)| told.contains_key(series) || is_certain(series)).collect();
    assert_eq!(told, shown);
    assert!(told.len() > 90);
    assert!(told.iter().all(|(series, &value)| !series.contains("_inprogress") || value == 0.0));
    assert!(told.values().filter(|&&value| value > 0.0).count() > 70);

    shop.send("INT");
    assert!(shop.ended().success());
}

/// Whether the customers must know the number: all but how long something took.
fn is_certain(series: &str) -> bool {
    series.starts_with("bookshop_") && !series.contains("_seconds")
}

#[test]
fn one_signal_ends_the_bookshop() {
    let mut shop = Program::start("bookshop", &[("BOOKSHOP_LINGER", "1")]);
    let url = shop.url();
    wait_until("an order", || series(&get(&url))["bookshop_place_order_calls_total"] > 0.0);
    shop.send("TERM");
    assert!(shop.ended().success());
    assert!(!shop.tally().is_empty());
}

#[test]
fn the_program_without_tokio_serves_until_its_input_ends() {
    let mut program = Program::start("without_tokio", &[]);
    let url = program.url();
    wait_until("pictures", || {
        let page = series(&get(&url));
        page["without_tokio_scale_calls_total{size=\"small\"}"] > 20.0
            && page["without_tokio_scale_calls_total{size=\"large\"}"] > 20.0
            && page["without_tokio_scale_exceptions_total"] > 1.0
            && page["without_tokio_scale_duration_seconds_count"] > 40.0
    });
    drop(program.child.stdin.take());
    assert!(program.ended().success());
}

#[test]
fn a_taken_port_ends_both_with_a_message() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    for name in ["bookshop", "without_tokio"] {
        let mut program = Program::start(name, &[("TALLYMARK_ADDR", &addr)]);
        let mut message = String::new();
        program.child.stderr.take().unwrap().read_to_string(&mut message).unwrap();
        assert!(message.starts_with(&format!("{name}: can't listen on {addr}: ")), "{message}");
        assert_eq!(program.ended().code(), Some(1));
    }
}

/// An example that runs. It is killed when this is dropped.
struct Program {
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    fn start(name: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(example(name));
        command.env("TALLYMARK_ADDR", "127.0.0.1:0").envs(variables.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        if variables.iter().any(|(variable, _)| *variable == "TALLYMARK_ADDR") {
            command.stderr(Stdio::piped());
        }
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = mpsc::channel();
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        Self { child, lines }
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(DEADLINE).expect("the program says no more")
    }

    /// Where its page is, as it says.
    fn url(&self) -> String {
        self.line().strip_prefix("metrics at ").expect("the first line tells where the page is").to_owned()
    }

    /// Its JSON lines. The line behind them says how many there are.
    fn tally(&self) -> BTreeMap<String, f64> {
        let mut tally = BTreeMap::new();
        loop {
            let line = self.line();
            if let Some(stopped) = line.strip_prefix("stopped: ") {
                assert_eq!(stopped.split(' ').next(), Some(tally.len().to_string().as_str()));
                return tally;
            }
            let Ok(line) = serde_json::from_str::<Value>(&line) else { continue };
            let (series, value) = (line["series"].as_str().unwrap(), line["value"].as_f64().unwrap());
            assert_eq!(tally.insert(series.to_owned(), value), None, "{series} stands twice");
        }
    }

    fn send(&self, signal: &str) {
        let status = Command::new("kill").args(["-s", signal, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    fn ended(&mut self) -> ExitStatus {
        wait_until("the program ends", || self.child.try_wait().unwrap().is_some());
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `cargo test` builds the examples of a package beside its tests.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(|deps| deps.parent()).unwrap();
    let example = built.join("examples").join(name);
    assert!(example.exists(), "there is no {}: run `cargo build --examples` first", example.display());
    example
}

#[track_caller]
fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < DEADLINE, "waited too long for: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn get(url: &str) -> String {
    let (addr, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    body.to_owned()
}

/// The numbers of a page, by series.
fn series(page: &str) -> BTreeMap<String, f64> {
    let samples = page.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|sample| {
            let (series, value) = sample.rsplit_once(' ').unwrap();
            (series.to_owned(), value.parse().unwrap())
        })
        .collect()
}
