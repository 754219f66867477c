//! Python's `prometheus_client` reads the values back, `roundtrip.py`, and names of any characters as it writes them
//! itself, `names.py`; Google's library reads them in protobuf, `messages.py`. The programs of three Python libraries, which the example `from_python` is compared with, still
//! give what they gave.

use std::env;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Page;
use crate::checks::{Checks, Result};
use crate::names;
use crate::process::output;

const ROUND_TRIP: &str = include_str!("roundtrip.py");
const NAMES: &str = include_str!("names.py");
const MESSAGES: &str = include_str!("messages.py");
const LIBRARIES: [&str; 4] = ["prometheus_client", "aioprometheus", "pyprometheus", "protobuf"];
const VERSIONS: &str =
    "import importlib.metadata as m, sys; print(*(f'{name} {m.version(name)}' for name in sys.argv[1:]))";
/// What the originals print.
const ORIGINALS: &str = include_str!("../../../examples/from_python/originals.txt");

pub(crate) fn check(checks: &mut Checks, pages: &[Page]) {
    let mut python = None;
    checks.run("Python has its libraries", || {
        let (path, versions) = with_libraries()?;
        python = Some(path);
        Ok(versions)
    });
    let Some(python) = python else { return };
    for page in pages {
        for script in [ROUND_TRIP, MESSAGES] {
            let script = [script, &format!("http://{}/metrics", page.addr())];
            read_back(checks, page.name, answers(&python, &script, &page.values.to_json()));
        }
    }
    read_back(checks, "names", names::pages().and_then(|pages| answers(&python, &[NAMES], &pages)));
    checks.run("the originals of the example `from_python` give what it is compared with", || originals(&python));
}

fn originals(python: &Path) -> Result<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/from_python/originals.py");
    let output = output(Command::new(python).arg(script), "Python 3")?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let printed = String::from_utf8(output.stdout)?;
    let mut lines = ORIGINALS.lines().zip(printed.lines());
    if let Some((before, now)) = lines.find(|(before, now)| before != now) {
        return Err(format!("`{now}` where it was `{before}`").into());
    }
    let (before, now) = (ORIGINALS.lines().count(), printed.lines().count());
    if before == now { Ok(format!("{now} lines")) } else { Err(format!("{now} lines where it was {before}").into()) }
}

/// A Python that has the libraries, which are installed if none has; and their versions.
fn with_libraries() -> Result<(PathBuf, String)> {
    let system = PathBuf::from("python3");
    output(Command::new(&system).arg("--version"), "Python 3")?;
    // It runs from `target/release`.
    let program = env::current_exe()?;
    let target = program.ancestors().nth(2).ok_or("there is no directory for Python's environment")?;
    let environment = target.join("peers-venv");
    let own = environment.join("bin").join("python");
    for python in [&system, &own] {
        if let Ok(versions) = versions(python) {
            return Ok((python.clone(), versions));
        }
    }
    println!("        installing {} in {}", LIBRARIES.join(", "), environment.display());
    let wanted = "Debian's package `python3-venv`, or the libraries themselves where `python3` finds them";
    run(Command::new(&system).args(["-m", "venv"]).arg(&environment), wanted)?;
    run(Command::new(&own).args(["-m", "pip", "install", "--quiet"]).args(LIBRARIES), wanted)?;
    let versions = versions(&own)?;
    Ok((own, versions))
}

fn versions(python: &Path) -> Result<String> {
    let output = Command::new(python).args(["-c", VERSIONS]).args(LIBRARIES).stderr(Stdio::null()).output()?;
    if !output.status.success() {
        return Err(format!("it has not all of {}", LIBRARIES.join(", ")).into());
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

fn read_back(checks: &mut Checks, page: &str, answers: Result<Vec<Value>>) {
    match answers {
        Ok(answers) => answers.iter().for_each(|answer| record(checks, page, answer)),
        Err(error) => checks.failed(&format!("Python reads the page of {page}"), &error.to_string()),
    }
}

/// What a script, which stands before its arguments, says of what it is given.
fn answers(python: &Path, script: &[&str], expected: &Value) -> Result<Vec<Value>> {
    let mut command = Command::new(python);
    command.arg("-c").args(script).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().ok_or("Python has no input")?;
    stdin.write_all(expected.to_string().as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(output.status.to_string().into());
    }
    String::from_utf8(output.stdout)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn record(checks: &mut Checks, page: &str, answer: &Value) {
    let text = |name| answer[name].as_str().unwrap_or_default();
    let name = format!("the page of {page}: {}", text("name"));
    match text("wrong") {
        "" => checks.passed(&name, text("seen")),
        wrong => checks.failed(&name, wrong),
    }
}
