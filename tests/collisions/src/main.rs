//! Serves metrics of three crates, which collide; so it ends with an error before it binds. `page` shows the page that
//! a registry which nobody checked gives.

use std::process::ExitCode;

use collisions_cart as _;
use tallymark::{Gauge, Registry};

/// Orders that wait.
#[tallymark::gauge(name = "shop_waiting_total")]
static WAITING: Gauge;

fn main() -> ExitCode {
    WAITING.set(1.0);
    collisions_orders::ORDERS.inc_by(7);
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    if address == "page" {
        print!("{}", tallymark::exposition::text::encode(&Registry::global().gather()));
        return ExitCode::SUCCESS;
    }
    match tallymark::http::start(address.as_str()) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
