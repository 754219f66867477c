//! Programs that run beside this one.

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::checks::Result;

/// Longer than anything here takes on a slow machine.
pub(crate) const DEADLINE: Duration = Duration::from_mins(2);

/// A program that runs. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let child = command.spawn().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        Ok(Self { child })
    }

    pub(crate) fn stdout(&mut self) -> Result<ChildStdout> {
        self.child.stdout.take().ok_or_else(|| "its output is read already".into())
    }

    /// Sends what Ctrl-C sends.
    pub(crate) fn interrupt(&self) -> Result {
        let status = Command::new("kill").args(["-s", "INT", &self.child.id().to_string()]).status()?;
        if status.success() { Ok(()) } else { Err(format!("kill: {status}").into()) }
    }

    pub(crate) fn status(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program to its end; an error names what must be installed.
pub(crate) fn output(command: &mut Command, package: &str) -> Result<Output> {
    let absent = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => format!("there is no `{}`: install {package}", command.get_program().display()),
        _ => format!("{}: {error}", command.get_program().display()),
    };
    let mut piped = Command::new(command.get_program());
    piped.args(command.get_args()).stdin(Stdio::null());
    Ok(piped.output().map_err(absent)?)
}

/// Builds a program of this workspace; gives where cargo has put it.
pub(crate) fn built(package: &str, target: &[&str]) -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--quiet", "--message-format=json", "-p", package]).args(target);
    command.args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    let output = command.stderr(Stdio::inherit()).output()?;
    let messages = String::from_utf8(output.stdout)?;
    let built = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut executables = built.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    executables.next_back().ok_or_else(|| format!("cargo has not built {package}: {}", output.status).into())
}

/// Asks again until there is an answer.
pub(crate) fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let began = Instant::now();
    loop {
        let last = match ask() {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => String::new(),
            Err(error) => format!(": {error}"),
        };
        if began.elapsed() > DEADLINE {
            return Err(format!("waited {} s for {what}{last}", DEADLINE.as_secs()).into());
        }
        thread::sleep(Duration::from_millis(100));
    }
}
