//! `tallymark`: fetches, checks and converts pages of Prometheus metrics.
//!
//! `README.md` says what it does, `help` how it is called.

#![forbid(unsafe_code)]

mod args;
mod change;
mod check;
mod client;
mod convert;
mod created;
mod error;
mod estimate;
mod fetch;
mod format;
mod help;
mod listing;
mod number;
mod print;
mod source;
mod table;

use std::io::{self, Write as _};
use std::process::ExitCode;

use args::Command;
use error::Error;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        // Whoever read it has what it wanted.
        Err(Error::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            print::warn(&error.to_string());
            error.code()
        }
    }
}

fn run() -> Result<ExitCode, Error> {
    match args::parse(lexopt::Parser::from_env())? {
        Command::Help(topic) => say(help::text(topic)),
        Command::Version => say(concat!("tallymark ", env!("CARGO_PKG_VERSION"), "\n")),
        Command::Fetch(fetch) => fetch::run(&fetch),
        Command::Check(check) => check::run(&check),
        Command::Convert(convert) => convert::run(&convert),
    }
}

fn say(text: &str) -> Result<ExitCode, Error> {
    let mut out = print::output();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
