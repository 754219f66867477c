//! What the documents of three Python libraries show, in Rust: `prometheus_client`, aioprometheus, and pyprometheus.
//!
//! ```text
//! cargo run --example from_python                          # the pages of all programs
//! cargo run --example from_python client_python_labels     # those of one
//! ```
//!
//! `originals.py` has the Python programs, under the same names, and `originals.txt` the pages that they give. A test
//! holds that the numbers of both are the same.

#![expect(clippy::unnecessary_wraps, reason = "a program may fail, though some can't")]

mod aioprometheus;
mod client_python;
mod pyprometheus;

use std::env;
use std::error::Error;

use tallymark::Registry;
use tallymark::exposition::text;

/// What a program shows, page by page.
type Pages = Result<Vec<String>, Box<dyn Error>>;

/// A program by the name of its original.
type Program = (&'static str, fn() -> Pages);

fn main() -> Result<(), Box<dyn Error>> {
    let wanted = env::args().nth(1);
    let programs = [client_python::PROGRAMS, aioprometheus::PROGRAMS, pyprometheus::PROGRAMS].concat();
    for (name, program) in programs {
        if wanted.as_deref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        for (number, page) in (1..).zip(program()?) {
            print!("== {name} {number}\n{page}");
        }
    }
    Ok(())
}

/// The page of a registry.
fn page(registry: &Registry) -> String {
    text::encode(&registry.gather())
}

/// The families with these names on the page of all marks.
fn marked(names: &[&str]) -> String {
    text::encode(&Registry::global().restricted(names.iter().copied()).gather())
}
