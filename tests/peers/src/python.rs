//! Python's `prometheus_client` reads the values back: `roundtrip.py`.

use std::env;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::checks::{Checks, Result};
use crate::process::output;
use crate::values::Values;

const SCRIPT: &str = include_str!("roundtrip.py");
const VERSION: &str = "import importlib.metadata as m, prometheus_client; print(m.version('prometheus_client'))";

pub(crate) fn check(checks: &mut Checks, page: SocketAddr, values: &Values) {
    let mut python = None;
    checks.run("Python has prometheus_client", || {
        let (path, version) = with_client()?;
        python = Some(path);
        Ok(version)
    });
    let Some(python) = python else { return };
    match read_back(&python, page, values) {
        Ok(answers) => answers.iter().for_each(|answer| record(checks, answer)),
        Err(error) => checks.failed("Python reads the page", &error.to_string()),
    }
}

/// A Python that can import the client, which is installed if none can; and the client's version.
fn with_client() -> Result<(PathBuf, String)> {
    let system = PathBuf::from("python3");
    output(Command::new(&system).arg("--version"), "Python 3")?;
    // It runs from `target/release`.
    let program = env::current_exe()?;
    let target = program.ancestors().nth(2).ok_or("there is no directory for Python's environment")?;
    let environment = target.join("peers-venv");
    let own = environment.join("bin").join("python");
    for python in [&system, &own] {
        if let Ok(version) = version(python) {
            return Ok((python.clone(), version));
        }
    }
    println!("        installing prometheus_client in {}", environment.display());
    let wanted = "Debian's package `python3-venv`, or prometheus_client itself where `python3` finds it";
    run(Command::new(&system).args(["-m", "venv"]).arg(&environment), wanted)?;
    run(Command::new(&own).args(["-m", "pip", "install", "--quiet", "prometheus_client"]), wanted)?;
    let version = version(&own)?;
    Ok((own, version))
}

fn version(python: &Path) -> Result<String> {
    let output = Command::new(python).args(["-c", VERSION]).stderr(Stdio::null()).output()?;
    if !output.status.success() {
        return Err("prometheus_client can't be imported".into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn run(command: &mut Command, wanted: &str) -> Result {
    let output = output(command, wanted)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    Err(format!("{command:?}: {}\n{said}\ninstall {wanted}", output.status).into())
}

fn read_back(python: &Path, page: SocketAddr, values: &Values) -> Result<Vec<Value>> {
    let mut command = Command::new(python);
    command.args(["-c", SCRIPT]).arg(format!("http://{page}/metrics")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().ok_or("Python has no input")?;
    stdin.write_all(values.to_json().to_string().as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(output.status.to_string().into());
    }
    String::from_utf8(output.stdout)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn record(checks: &mut Checks, answer: &Value) {
    let text = |name| answer[name].as_str().unwrap_or_default();
    match text("wrong") {
        "" => checks.passed(text("name"), text("seen")),
        wrong => checks.failed(text("name"), wrong),
    }
}
