//! Checks, and what became of them.

use std::error::Error;
use std::process::ExitCode;

pub(crate) type Result<T = (), E = Box<dyn Error>> = std::result::Result<T, E>;

#[derive(Debug, Default)]
pub(crate) struct Checks {
    passed: u32,
    failed: u32,
}

impl Checks {
    /// Runs a check, which gives what it saw.
    pub(crate) fn run(&mut self, name: &str, check: impl FnOnce() -> Result<String>) {
        match check() {
            Ok(seen) => self.passed(name, &seen),
            Err(error) => self.failed(name, &error.to_string()),
        }
    }

    /// Runs a check that gives what the next ones need.
    pub(crate) fn prepare<T>(&mut self, name: &str, check: impl FnOnce() -> Result<T>) -> Option<T> {
        match check() {
            Ok(prepared) => {
                self.passed(name, "");
                Some(prepared)
            }
            Err(error) => {
                self.failed(name, &error.to_string());
                None
            }
        }
    }

    pub(crate) fn passed(&mut self, name: &str, seen: &str) {
        self.passed += 1;
        println!("ok      {name}{}{seen}", if seen.is_empty() { "" } else { ": " });
    }

    pub(crate) fn failed(&mut self, name: &str, why: &str) {
        self.failed += 1;
        println!("failed  {name}: {why}");
    }

    pub(crate) fn finish(self) -> ExitCode {
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 && self.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
