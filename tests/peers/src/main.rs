//! Checks against foreign programs, each of which has its own idea of what a page says.
//!
//! ```text
//! cargo run --release -p tallymark-peers
//! ```
//!
//! It needs, and says so where one is absent:
//!
//! - Debian's package `prometheus` (`apt-get install prometheus`), which has the server and `promtool`;
//! - Python 3, with `prometheus_client`, `aioprometheus` and `pyprometheus` from `PyPI`. Where they are not there they
//!   are installed in a virtual environment beside the build (`target/peers-venv`), which takes `python3-venv` and a way to
//!   `PyPI`.
//!
//! Two pages are read. The bookshop of `examples/` is a program at work, which says at its end what it really did. The
//! page of `values` has the values and texts at which parsers differ.

mod checks;
mod conventions;
mod http;
mod process;
mod prometheus;
mod promtool;
mod python;
mod shop;
mod values;

use std::process::ExitCode;

use tallymark::http::Exporter;

use crate::checks::{Checks, Result};
use crate::shop::Shop;

fn main() -> ExitCode {
    let mut checks = Checks::default();
    if let Err(error) = run(&mut checks) {
        checks.failed("the checks can be run", &error.to_string());
    }
    checks.finish()
}

fn run(checks: &mut Checks) -> Result {
    let values = values::Values::new()?;
    let exporter = Exporter::builder().registry(&values.registry).start("127.0.0.1:0")?;
    python::check(checks, exporter.local_addr(), &values);

    let mut shop = Shop::start()?;
    promtool::check(checks, "the bookshop's page", shop.addr());
    promtool::check(checks, "the page of values", exporter.local_addr());
    conventions::check(checks);
    prometheus::check(checks, &mut shop, exporter.local_addr(), &values);

    exporter.shutdown();
    Ok(())
}
