//! Checks against foreign programs, each of which has its own idea of what a page says.
//!
//! ```text
//! cargo run --release -p tallymark-peers
//! ```
//!
//! It needs, and says so where one is absent:
//!
//! - Debian's package `prometheus` (`apt-get install prometheus`), which has the server and `promtool`;
//! - Python 3, with `prometheus_client`, `aioprometheus`, `pyprometheus` and `protobuf` from `PyPI`. Where they are not there they
//!   are installed in a virtual environment beside the build (`target/peers-venv`), which takes `python3-venv` and a way to
//!   `PyPI`;
//! - `OpenMetrics`' test data, whose folder `TALLYMARK_OPENMETRICS_VECTORS` says.
//!
//! Four pages are read. The bookshop of `examples/` is a program at work, which says at its end what it really did. The
//! page of `values` has the values and texts at which parsers differ, and every type of metric; those of `marks` and of
//! `constants` have every type as marks make it, and in a registry with labels of its own.
//!
//! What other programs make of names of any characters is asked in every format of lines: `names`.

mod checks;
mod command;
mod conventions;
mod http;
mod names;
mod native;
mod process;
mod prometheus;
mod promtool;
mod protobuf;
mod python;
mod shop;
mod values;
mod vectors;

use std::net::SocketAddr;
use std::process::ExitCode;

use tallymark::http::{BackgroundExporter, Exporter};

use crate::checks::{Checks, Result};
use crate::shop::Shop;
use crate::values::Values;

fn main() -> ExitCode {
    let mut checks = Checks::default();
    if let Err(error) = run(&mut checks) {
        checks.failed("the checks can be run", &error.to_string());
    }
    checks.finish()
}

fn run(checks: &mut Checks) -> Result {
    let pages = [
        Page::serve("values", Values::new()?)?,
        Page::serve("marks", Values::marked()?)?,
        Page::serve("constants", Values::constants()?)?,
    ];
    python::check(checks, &pages);

    let mut shop = Shop::start()?;
    promtool::check(checks, "bookshop", shop.addr(), &[]);
    for page in &pages {
        promtool::check(checks, page.name, page.addr(), &page.values.odd());
    }
    conventions::check(checks);
    command::check(checks);
    vectors::check(checks);
    prometheus::check(checks, &mut shop, &pages);
    native::check(checks);
    protobuf::check(checks, &pages);

    for page in pages {
        page.exporter.shutdown();
    }
    Ok(())
}

/// A page that is served, and what must stand there.
#[derive(Debug)]
struct Page {
    name: &'static str,
    values: Values,
    exporter: BackgroundExporter,
}

impl Page {
    fn serve(name: &'static str, values: Values) -> Result<Self> {
        let exporter = Exporter::builder().registry(&values.registry).start("127.0.0.1:0")?;
        Ok(Self { name, values, exporter })
    }

    fn addr(&self) -> SocketAddr {
        self.exporter.local_addr()
    }
}
