//! Serves metrics of three crates, which collide; so it ends with an error before it binds.

use std::process::ExitCode;

use collisions_cart as _;
use collisions_orders as _;
use tallymark::Gauge;

/// Orders that wait.
#[tallymark::gauge(name = "shop_waiting_total")]
static WAITING: Gauge;

fn main() -> ExitCode {
    WAITING.set(1.0);
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    match tallymark::http::start(address.as_str()) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
