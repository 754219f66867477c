//! Serving over HTTP, seen from the other end of the connection.

#![cfg(feature = "http")]
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod client;
mod exporter_metrics;
mod formats;
mod overload;
mod servers;

use std::error::Error;
use std::io::{self, BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tallymark::__private::{Entry, METRICS, linkme};
use tallymark::http::{self, Exporter};
use tallymark::{Collected, Collector, Counter, Descriptor, MetricKind, Registry};

use client::{Client, get, wait_until};
use servers::{Giving, LOOPBACK, gate, jobs, registry, serving};

// --- what is answered ---

#[test]
fn metrics_are_a_page_in_the_text_format() {
    let (exporter, jobs) = jobs();
    jobs.inc_by(3);
    let response = get(exporter.local_addr(), "/metrics");
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert_eq!(response.header("content-length"), Some(response.body.len().to_string().as_str()));
    assert_eq!(response.body, "# HELP jobs_total Jobs done.\n# TYPE jobs_total counter\njobs_total 3\n");
}

#[test]
fn each_scrape_of_a_connection_shows_the_present_values() {
    let (exporter, jobs) = jobs();
    let mut client = Client::connect(exporter.local_addr());
    for done in 1..=3 {
        jobs.inc();
        assert!(client.get("/metrics").body.ends_with(&format!("\njobs_total {done}\n")));
    }
}

#[test]
fn a_page_larger_than_what_sockets_buffer_comes_whole() {
    let help = "x".repeat(32 << 20);
    let exporter = serving(Counter::new("given", help.clone()).unwrap());
    let body = get(exporter.local_addr(), "/metrics").body;
    assert!(body == format!("# HELP given {help}\n# TYPE given counter\ngiven 0\n"));
}

#[test]
fn a_query_that_asks_for_nothing_known_is_ignored_and_never_repeated() {
    let (exporter, _jobs) = jobs();
    let response = get(exporter.local_addr(), "/metrics?format=%3Cscript%3E&x=/?secret");
    assert_eq!(response.status, 200);
    assert_eq!(response.body, get(exporter.local_addr(), "/metrics").body);
}

#[test]
fn a_client_of_http_1_0_gets_the_page_and_the_end_of_the_connection() {
    let (exporter, _jobs) = jobs();
    let mut client = Client::connect(exporter.local_addr());
    client.send("GET /metrics HTTP/1.0\r\n\r\n");
    assert_eq!(client.response().status, 200);
    assert!(client.ended());
}

#[test]
fn the_root_links_to_the_metrics_and_gathers_nothing() {
    let (gate, entered, _open) = gate();
    let exporter = serving(gate);
    let response = get(exporter.local_addr(), "/");
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(response.body.contains("<a href=\"/metrics\">"), "{}", response.body);
    exporter.shutdown();
    assert!(entered.try_recv().is_err());
}

#[test]
fn head_has_the_headers_of_get_and_no_body() {
    let (exporter, _jobs) = jobs();
    let mut client = Client::connect(exporter.local_addr());
    for path in ["/metrics", "/", "/coffee"] {
        let with_body = client.get(path);
        client.send(&format!("HEAD {path} HTTP/1.1\r\n\r\n"));
        let head = client.head();
        assert_eq!(head.status, with_body.status);
        for header in ["content-type", "content-length"] {
            assert!(head.header(header).is_some());
            assert_eq!(head.header(header), with_body.header(header));
        }
    }
    // Had a body come, it would be read as this response.
    assert_eq!(client.get("/").status, 200);
}

#[test]
fn options_names_the_methods() {
    let (exporter, _jobs) = jobs();
    let mut client = Client::connect(exporter.local_addr());
    for target in ["/metrics", "/", "*"] {
        client.send(&format!("OPTIONS {target} HTTP/1.1\r\n\r\n"));
        let response = client.head();
        assert_eq!((response.status, response.header("allow")), (204, Some("GET, HEAD, OPTIONS")));
        assert_eq!(response.header("content-length"), None);
    }
    assert_eq!(client.get("/").status, 200);
}

#[test]
fn other_methods_are_refused_with_the_methods_that_are_not() {
    let (exporter, _jobs) = jobs();
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"] {
        for path in ["/metrics", "/"] {
            let mut client = Client::connect(exporter.local_addr());
            client.send(&format!("{method} {path} HTTP/1.1\r\nx-secret: 4711\r\n\r\n"));
            let response = client.response();
            assert_eq!((response.status, response.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
            assert!(!response.body.contains(method) && !response.body.contains("4711"));
        }
    }
}

#[test]
fn a_body_of_a_request_is_not_answered_as_a_request() {
    let (exporter, _jobs) = jobs();
    let mut client = Client::connect(exporter.local_addr());
    let body = "GET /coffee HTTP/1.1\r\n\r\n";
    client.send(&format!("POST /metrics HTTP/1.1\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    assert_eq!(client.response().status, 405);
    assert_eq!(client.get("/").status, 200);
}

#[test]
fn other_paths_are_not_found_whatever_the_method_and_say_where_the_metrics_are() {
    let (exporter, _jobs) = jobs();
    for method in ["GET", "POST", "BREW"] {
        for path in ["/coffee", "/metrics/", "/metrics/jobs", "/%6detrics", "//metrics"] {
            let mut client = Client::connect(exporter.local_addr());
            client.send(&format!("{method} {path} HTTP/1.1\r\n\r\n"));
            let response = client.response();
            assert_eq!(response.status, 404, "{method} {path}");
            assert_eq!(response.body, "Nothing is here. The metrics are at /metrics.\n");
        }
    }
}

// --- collectors that misbehave ---

#[test]
fn a_collector_that_panics_does_not_break_the_page() {
    let (registry, _jobs) = registry();
    registry.register(Giving(|_: &mut Collected| panic!("the disk is on fire"))).unwrap();
    let exporter = Exporter::builder().registry(&registry).start(LOOPBACK).unwrap();
    let response = get(exporter.local_addr(), "/metrics");
    assert_eq!(response.status, 200);
    assert!(response.body.contains("\njobs_total 0\n"), "{}", response.body);
    assert!(response.body.contains("tallymark_collector_failures_total{"), "{}", response.body);
}

#[test]
fn while_a_collector_blocks_others_are_answered() {
    let (gate, entered, open) = gate();
    let exporter = serving(gate);
    let mut waiting = Client::connect(exporter.local_addr());
    waiting.send("GET /metrics HTTP/1.1\r\n\r\n");
    entered.recv().unwrap();
    assert_eq!(get(exporter.local_addr(), "/").status, 200);
    open.send(()).unwrap();
    assert_eq!(waiting.response().status, 200);
}

#[test]
fn a_client_that_leaves_while_its_page_is_gathered_harms_nobody() {
    let (gate, entered, open) = gate();
    let exporter = serving(gate);
    let mut leaving = Client::connect(exporter.local_addr());
    leaving.send("GET /metrics HTTP/1.1\r\n\r\n");
    entered.recv().unwrap();
    drop(leaving);
    open.send(()).unwrap();
    open.send(()).unwrap();
    assert_eq!(get(exporter.local_addr(), "/metrics").status, 200);
}

// --- clients that misbehave ---

#[test]
fn what_is_no_http_is_a_bad_request_and_ends_only_its_connection() {
    let (exporter, _jobs) = jobs();
    let mut sound = Client::connect(exporter.local_addr());
    assert_eq!(sound.get("/").status, 200);
    for garbage in ["\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", "hello\r\n\r\n", "GET /metrics HTTP/1.1\r\nno colon\r\n\r\n"] {
        let mut client = Client::connect(exporter.local_addr());
        client.send(garbage);
        assert_eq!(client.response().status, 400, "{garbage:?}");
        assert!(client.ended());
    }
    assert_eq!(sound.get("/metrics").status, 200);
}

#[test]
fn a_request_with_too_long_a_head_is_refused() {
    let (exporter, _jobs) = jobs();
    let mut client = Client::connect(exporter.local_addr());
    // Not a byte more than is read, since closing with bytes unread resets the connection.
    let start = "GET /metrics HTTP/1.1\r\ncookie: ";
    client.send(&format!("{start}{}", "x".repeat(16 * 1024 - start.len())));
    assert_eq!(client.response().status, 431);
    assert!(client.ended());
}

#[test]
fn a_slow_client_holds_up_nobody_and_is_answered_in_the_end() {
    let (exporter, _jobs) = jobs();
    let mut slow = Client::connect(exporter.local_addr());
    slow.send("GET /metrics HT");
    assert_eq!(get(exporter.local_addr(), "/metrics").status, 200);
    slow.send("TP/1.1\r\nhost: loc");
    assert_eq!(get(exporter.local_addr(), "/metrics").status, 200);
    slow.send("alhost\r\n\r\n");
    assert_eq!(slow.response().status, 200);
}

#[test]
fn requests_that_come_at_once_are_answered_in_turn() {
    let (exporter, _jobs) = jobs();
    let mut client = Client::connect(exporter.local_addr());
    client.send("GET / HTTP/1.1\r\n\r\nGET /metrics HTTP/1.1\r\n\r\nGET /coffee HTTP/1.1\r\n\r\n");
    assert_eq!([client.response().status, client.response().status, client.response().status], [200, 200, 404]);
}

/// The child may open few files. That it has opened all of them is seen in `/proc`.
#[test]
#[cfg(target_os = "linux")]
fn running_out_of_file_descriptors_ends_nothing() {
    const LIMIT: usize = 32;
    if is_child() {
        let (exporter, _jobs) = jobs();
        println!("\nlistening on {}", exporter.local_addr());
        io::stdin().read_to_end(&mut Vec::new()).unwrap();
        return exporter.shutdown();
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -n {LIMIT} && exec \"$0\" \"$@\"")]).arg(std::env::current_exe().unwrap());
    let mut child = child(shell, "running_out_of_file_descriptors_ends_nothing");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let addr = lines.find_map(|line| line.unwrap().strip_prefix("listening on ").map(str::to_owned)).unwrap();
    let addr: SocketAddr = addr.parse().unwrap();

    let mut first = Client::connect(addr);
    assert_eq!(first.get("/metrics").status, 200);
    let others: Vec<Client> = (0..2 * LIMIT).map(|_| Client::connect(addr)).collect();
    // Those that it inherited may lie above the limit, so it is not enough to count them.
    let open = |file| std::fs::symlink_metadata(format!("/proc/{}/fd/{file}", child.id())).is_ok();
    wait_until(|| (0..LIMIT).all(open));
    assert_eq!(first.get("/metrics").status, 200);
    drop(others);
    assert_eq!(get(addr, "/metrics").status, 200);

    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

// --- shutdown ---

#[test]
fn at_the_shutdown_idle_connections_are_closed_at_once() {
    let (exporter, _jobs) = jobs();
    let addr = exporter.local_addr();
    let mut used = Client::connect(addr);
    assert_eq!(used.get("/metrics").status, 200);
    let mut unused = Client::connect(addr);
    let began = Instant::now();
    exporter.shutdown();
    assert!(began.elapsed() < Duration::from_secs(10), "that is the limit for what is not idle");
    assert!(used.ended() && unused.ended());
    assert!(TcpStream::connect(addr).is_err());
}

#[test]
fn at_the_shutdown_a_response_that_is_being_made_is_finished() {
    let (gate, entered, open) = gate();
    let exporter = serving(gate);
    let addr = exporter.local_addr();
    let mut client = Client::connect(addr);
    client.send("GET /metrics HTTP/1.1\r\n\r\n");
    entered.recv().unwrap();
    let shutdown = thread::spawn(|| exporter.shutdown());
    wait_until(|| TcpStream::connect(addr).is_err());
    assert!(!shutdown.is_finished());
    open.send(()).unwrap();
    let response = client.response();
    assert_eq!((response.status, response.header("connection")), (200, Some("close")));
    assert!(response.body.ends_with("\ngiven 1\n"), "{}", response.body);
    shutdown.join().unwrap();
    assert!(client.ended());
}

/// It takes the 10 seconds that there are for responses.
#[test]
fn a_collector_that_hangs_does_not_hang_the_shutdown() {
    let (gate, entered, open) = gate();
    let exporter = serving(gate);
    let mut client = Client::connect(exporter.local_addr());
    client.send("GET /metrics HTTP/1.1\r\n\r\n");
    entered.recv().unwrap();
    exporter.shutdown();
    assert!(client.ended());
    drop(open);
}

#[test]
fn a_shutdown_frees_the_port() {
    let (exporter, _jobs) = jobs();
    let addr = exporter.local_addr();
    exporter.shutdown();
    let exporter = Exporter::builder().registry(&Registry::new()).start(addr).unwrap();
    assert_eq!(exporter.local_addr(), addr);
}

#[test]
fn without_a_shutdown_the_server_outlives_its_handle() {
    let (exporter, _jobs) = jobs();
    let addr = exporter.local_addr();
    drop(exporter);
    assert_eq!(get(addr, "/metrics").status, 200);

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let exporter = runtime.block_on(Exporter::builder().registry(&Registry::new()).serve(LOOPBACK)).unwrap();
    let addr = exporter.local_addr();
    drop(exporter);
    assert_eq!(get(addr, "/metrics").status, 200);
}

// --- where it runs ---

#[test]
fn it_serves_from_a_multi_threaded_runtime() {
    serves_from(&tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap());
}

#[test]
fn it_serves_from_a_runtime_of_one_thread() {
    serves_from(&tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());
}

fn serves_from(runtime: &tokio::runtime::Runtime) {
    let (registry, _jobs) = registry();
    runtime.block_on(async {
        let exporter = Exporter::builder().registry(&registry).serve("127.0.0.1:0").await.unwrap();
        let addr = exporter.local_addr();
        let client = tokio::task::spawn_blocking(move || {
            let mut client = Client::connect(addr);
            assert!(client.get("/metrics").body.ends_with("\njobs_total 0\n"));
            client
        });
        let mut client = client.await.unwrap();
        let began = Instant::now();
        exporter.shutdown().await;
        assert!(began.elapsed() < Duration::from_secs(10), "that is the limit for what is not idle");
        assert!(client.ended());
        assert!(TcpStream::connect(addr).is_err());
    });
}

#[test]
fn a_shutdown_that_is_not_awaited_to_its_end_stops_the_server_all_the_same() {
    let (gate, entered, open) = gate();
    let registry = Registry::new();
    registry.register(gate).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let exporter = Exporter::builder().registry(&registry).serve(LOOPBACK).await.unwrap();
        let addr = exporter.local_addr();
        let mut client = Client::connect(addr);
        client.send("GET /metrics HTTP/1.1\r\n\r\n");
        entered.recv().unwrap();
        tokio::time::timeout(Duration::ZERO, exporter.shutdown()).await.unwrap_err();
        wait_until(|| TcpStream::connect(addr).is_err());
        open.send(()).unwrap();
        assert_eq!(client.response().status, 200);
        assert!(client.ended());
    });
}

#[test]
fn a_shutdown_after_the_end_of_the_runtime_has_nothing_to_wait_for() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let exporter = runtime.block_on(Exporter::builder().registry(&Registry::new()).serve(LOOPBACK)).unwrap();
    let addr = exporter.local_addr();
    let mut client = Client::connect(addr);
    assert_eq!(client.get("/").status, 200);
    drop(runtime);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(exporter.shutdown());
    assert!(client.ended());
    assert!(TcpStream::connect(addr).is_err());
}

#[test]
fn a_thread_of_its_own_can_be_started_and_stopped_inside_a_runtime() {
    let runtimes = [
        tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap(),
        tokio::runtime::Builder::new_current_thread().build().unwrap(),
    ];
    for runtime in runtimes {
        runtime.block_on(async {
            let (exporter, _jobs) = jobs();
            assert_eq!(get(exporter.local_addr(), "/metrics").status, 200);
            exporter.shutdown();
        });
    }
}

#[test]
fn serving_outside_a_runtime_is_an_error_that_says_what_to_do() {
    let mut serve = Box::pin(http::serve(LOOPBACK));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = serve.as_mut().poll(&mut context) else { panic!("not an error") };
    assert!(error.to_string().contains("call `tallymark::http::start`"), "{error}");
    assert!(error.source().is_none());
}

#[test]
#[should_panic(expected = "timers are disabled")]
fn a_runtime_without_timers_panics_in_serve_and_not_later() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let _ = runtime.block_on(http::serve(LOOPBACK));
}

#[test]
fn the_future_of_serve_may_be_sent_to_another_thread() {
    fn send<T: Send>(_: T) {}
    send(http::serve("127.0.0.1:0"));
    send(async {
        http::serve(LOOPBACK).await?.shutdown().await;
        Ok::<_, http::Error>(())
    });
}

#[test]
fn two_registries_are_served_side_by_side() {
    let (one, two) = (jobs(), jobs());
    one.1.inc();
    assert_ne!(one.0.local_addr(), two.0.local_addr());
    assert!(get(one.0.local_addr(), "/metrics").body.ends_with("\njobs_total 1\n"));
    assert!(get(two.0.local_addr(), "/metrics").body.ends_with("\njobs_total 0\n"));
    one.0.shutdown();
    assert_eq!(get(two.0.local_addr(), "/metrics").status, 200);
}

#[test]
fn the_global_registry_is_served_where_none_is_given() {
    let exporter = http::start("localhost:0").unwrap();
    let page = get(exporter.local_addr(), "/metrics").body;
    assert!(page.contains("\nlinked_total 0\n"));
    assert!(page.contains("\ntallymark_http_requests_total{code=\"200\"} "), "{page}");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let exporter = runtime.block_on(http::serve(LOOPBACK)).unwrap();
    assert!(get(exporter.local_addr(), "/metrics").body.contains("\nlinked_total 0\n"));
}

// --- what can't be served ---

#[test]
fn a_taken_port_is_an_error_that_names_the_address_and_what_to_do() {
    let taken = TcpListener::bind(LOOPBACK).unwrap();
    let addr = taken.local_addr().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let errors = [http::start(addr).unwrap_err(), runtime.block_on(http::serve(addr)).unwrap_err()];
    for error in errors {
        let text = error.to_string();
        assert!(text.starts_with(&format!("can't listen on {addr}: ")), "{text}");
        assert!(text.contains("take another port"), "{text}");
        let source: &io::Error = error.source().and_then(|source| source.downcast_ref()).unwrap();
        assert_eq!(source.kind(), io::ErrorKind::AddrInUse);
    }
}

#[test]
fn the_next_address_is_taken_where_the_first_is_not_free() {
    let taken = TcpListener::bind(LOOPBACK).unwrap();
    let addrs = [taken.local_addr().unwrap(), LOOPBACK.into()];
    let exporter = Exporter::builder().registry(&Registry::new()).start(&addrs[..]).unwrap();
    assert_eq!(get(exporter.local_addr(), "/").status, 200);
}

#[test]
fn what_is_no_address_is_an_error_that_names_it_and_what_to_write() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let errors = [http::start("9464").unwrap_err(), runtime.block_on(http::serve("9464")).unwrap_err()];
    for error in errors {
        let text = error.to_string();
        assert!(text.starts_with("can't listen on \"9464\": "), "{text}");
        assert!(text.contains("\"127.0.0.1:9464\""), "{text}");
        assert!(error.source().is_some_and(<dyn Error>::is::<io::Error>));
    }
    let error = http::start(&[][..]).unwrap_err();
    assert!(error.to_string().starts_with("can't listen on []: it resolves to no address"), "{error}");
}

#[test]
fn an_address_of_another_machine_is_an_error_that_says_which_there_are() {
    // Of a block that is kept for documentation (RFC 5737).
    let error = http::start("192.0.2.1:9464").unwrap_err();
    assert!(error.to_string().starts_with("can't listen on 192.0.2.1:9464: "), "{error}");
    assert!(error.to_string().contains("0.0.0.0"), "{error}");
}

/// In a child, since linked metrics collide for a whole program.
#[test]
fn metrics_that_collide_are_an_error_before_the_port_is_looked_at() {
    if is_child() {
        let taken = TcpListener::bind(LOOPBACK).unwrap();
        let addr = taken.local_addr().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for error in [http::start(addr).unwrap_err(), runtime.block_on(http::serve(addr)).unwrap_err()] {
            let collisions = Registry::global().check().unwrap_err();
            assert!(error.to_string().contains(&collisions.to_string()), "{error}");
            assert_eq!(error.collisions(), Some(&collisions));
            assert_eq!(error.source().and_then(|source| source.downcast_ref()), Some(&collisions));
        }
        return;
    }
    let command = Command::new(std::env::current_exe().unwrap());
    let child = child(command, "metrics_that_collide_are_an_error_before_the_port_is_looked_at");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// What a mark puts into the program, written by hand: one family, and in a child a second one of that name.
#[linkme::distributed_slice(METRICS)]
#[linkme(crate = linkme)]
static LINKED: Entry = Entry::new(&Linked);

struct Linked;

impl Collector for Linked {
    fn describe(&self) -> Vec<Descriptor> {
        let linked = || Descriptor::new(MetricKind::Counter, "linked_total", "Linked.").unwrap();
        if is_child() { vec![linked(), linked()] } else { vec![linked()] }
    }

    fn collect(&self, out: &mut Collected) {
        out.counter("linked_total", "Linked.").value(0);
    }
}

// --- a child process that runs one test again ---

const CHILD: &str = "TALLYMARK_TEST_CHILD";

fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

fn child(mut command: Command, test: &str) -> Child {
    command.args(["--exact", test, "--nocapture"]).env(CHILD, "1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}
