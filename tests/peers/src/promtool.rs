//! `promtool check metrics`: the format, and the conventions for names and help.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Command, ExitStatus, Stdio};

use crate::checks::{Checks, Result};
use crate::http;
use crate::process::output;

/// Of the names that are odd on purpose it must say so, and nothing of all else.
pub(crate) fn check(checks: &mut Checks, what: &str, page: SocketAddr, odd: &[&str]) {
    let but = if odd.is_empty() { "" } else { ", but for odd names" };
    let name = format!("promtool has nothing to say about the page of {what}{but}");
    checks.run(&name, || lint(&http::get(page, "/metrics")?, odd));
}

fn lint(page: &str, odd: &[&str]) -> Result<String> {
    let (status, said) = said_of(page)?;
    let names: BTreeSet<&str> = said.lines().filter_map(|line| line.split(' ').next()).collect();
    if status.success() == odd.is_empty() && names == odd.iter().copied().collect() {
        Ok(format!("{} lines", page.lines().count()))
    } else {
        Err(format!("{status}\n{said}").into())
    }
}

/// What it says of a page.
pub(crate) fn said_of(page: &str) -> Result<(ExitStatus, String)> {
    output(Command::new("promtool").arg("--version"), "Debian's package `prometheus`")?;
    let mut command = Command::new("promtool");
    command.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().ok_or("promtool has no input")?;
    stdin.write_all(page.as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    Ok((output.status, String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()))
}
