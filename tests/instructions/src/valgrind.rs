//! Running this program under callgrind.

use std::env;
use std::io::ErrorKind;
use std::process::Command;

use crate::paths::Path;

/// The first argument of a run under callgrind.
pub(crate) const CHILD: &str = "--run";

/// The instructions of one iteration of a path, of which a few are the loop's.
pub(crate) fn instructions(path: &Path) -> Result<f64, String> {
    let (once, twice) = (collected(path.name, path.iterations)?, collected(path.name, 2 * path.iterations)?);
    Ok((twice - once) / f64::from(path.iterations))
}

/// All instructions of a run.
fn collected(path: &str, iterations: u32) -> Result<f64, String> {
    let this = env::current_exe().map_err(|error| format!("can't find this program: {error}"))?;
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    let output = command.arg(this).args([CHILD, path, &iterations.to_string()]).output();
    let output = output.map_err(|error| match error.kind() {
        ErrorKind::NotFound => "valgrind isn't installed; on Debian: apt-get install valgrind".to_owned(),
        _ => format!("can't run valgrind: {error}"),
    })?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("valgrind failed:\n{text}"));
    }
    let line = text.lines().find_map(|line| line.split_once("Collected :")).map(|(_, number)| number.trim());
    let number = line.and_then(|number| number.parse().ok());
    number.ok_or_else(|| format!("valgrind didn't say how many instructions it has collected:\n{text}"))
}
