//! Metrics in a program of threads, without tokio.
//!
//! ```text
//! cargo run --release --example without_tokio
//! curl http://127.0.0.1:9464/metrics
//! ```
//!
//! It runs until its standard input ends (Ctrl-D) or Ctrl-C stops it. `TALLYMARK_ADDR` is the address to listen on.

use std::env;
use std::error::Error;
use std::io;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tallymark::{LabelValue, count_exceptions, counter, gauge, histogram};

/// As a label it reads `small` or `large`.
#[derive(Clone, Copy, Debug, LabelValue)]
enum Size {
    Small,
    Large,
}

/// Pictures scaled.
#[counter(labels(size))] // without_tokio_scale_calls_total{size="small"}
#[histogram(buckets = exponential(0.0001, 4.0, 6))] // without_tokio_scale_duration_seconds
#[gauge(track_inprogress)] // without_tokio_scale_inprogress
#[count_exceptions(Err)] // without_tokio_scale_exceptions_total
fn scale(size: Size, picture: u64) -> Result<(), String> {
    thread::sleep(Duration::from_millis(match size {
        Size::Small => 1,
        Size::Large => 5,
    }));
    if picture % 10 == 9 { Err(format!("picture {picture} is damaged")) } else { Ok(()) }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("without_tokio: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let addr = env::var("TALLYMARK_ADDR").unwrap_or_else(|_| "127.0.0.1:9464".to_owned());
    // The server has a thread of its own.
    let exporter = tallymark::http::start(addr)?;
    println!("metrics at http://{}/metrics", exporter.local_addr());

    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for size in [Size::Small, Size::Large] {
            let stop = &stop;
            scope.spawn(move || {
                for picture in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    // A damaged picture is left out, and counted.
                    let _ = scale(size, picture);
                }
            });
        }
        let ended = io::copy(&mut io::stdin(), &mut io::sink());
        stop.store(true, Ordering::Relaxed);
        ended
    })?;

    exporter.shutdown();
    Ok(())
}
