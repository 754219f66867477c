//! A small bookshop whose functions are marked, under a steady simulated load.
//!
//! ```text
//! cargo run --release --example bookshop
//! curl http://127.0.0.1:9464/metrics
//! ```
//!
//! How to measure is in `requests`, `catalogue`, `orders`, `payments`, `stock` and `deliveries`: copy from these. The
//! customers are in `load`; they keep their own count of what they did, in `tally`, without tallymark.
//!
//! Ctrl-C or SIGTERM stops the load, waits for the work that is still running, and prints the customers' count, a JSON
//! line for each series. The page now shows these very numbers. It stays for 5 seconds, since Prometheus would miss
//! what happened after its last scrape; a second Ctrl-C ends that.
//!
//! `TALLYMARK_ADDR` is the address to listen on, `BOOKSHOP_LINGER` the seconds after the end.

mod catalogue;
mod deliveries;
mod load;
mod orders;
mod payments;
mod random;
mod requests;
mod shop;
mod stock;
mod tally;

use std::env;
use std::error::Error;
use std::io;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal;
use tokio::time::sleep;

use crate::load::Load;
use crate::shop::Shop;
use crate::tally::Tally;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bookshop: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run() -> Result<(), Box<dyn Error>> {
    let addr = env::var("TALLYMARK_ADDR").unwrap_or_else(|_| "127.0.0.1:9464".to_owned());
    let linger = Duration::from_secs(match env::var("BOOKSHOP_LINGER") {
        Ok(seconds) => seconds.parse().map_err(|error| format!("BOOKSHOP_LINGER={seconds}: {error}"))?,
        Err(_) => 5,
    });

    // Every marked function is on the page. Nothing is registered by hand, and names that collide are an error here.
    let exporter = tallymark::http::serve(addr).await?;
    println!("metrics at http://{}/metrics", exporter.local_addr());

    let tally = Arc::new(Tally::new());
    let load = Load::start(Arc::new(Shop::open()), Arc::clone(&tally));
    let mut stop = pin!(asked_to_stop());
    loop {
        tokio::select! {
            asked = &mut stop => break asked?,
            () = sleep(Duration::from_secs(5)) => println!("{tally}"),
        }
    }

    load.stop().await?;
    println!("{tally}");
    let series = tally.series();
    for (series, value) in &series {
        // Rust's escapes are JSON's here: there are only quotes and backslashes.
        println!(r#"{{"series":{series:?},"value":{value}}}"#);
    }
    println!(
        "stopped: {} series are final, and the page shows them for {} seconds more; Ctrl-C ends it now",
        series.len(),
        linger.as_secs()
    );

    tokio::select! {
        asked = asked_to_stop() => asked?,
        () = sleep(linger) => {}
    }
    exporter.shutdown().await;
    Ok(())
}

/// Waits for Ctrl-C, or for what a supervisor sends.
async fn asked_to_stop() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    signal::ctrl_c().await
}
