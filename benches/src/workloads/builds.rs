//! What it costs to build with each client.
//!
//! Crates are generated into a temporary folder, their dependencies are fetched first, and what is counted is the CPU
//! time of cargo and all that it starts.

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::harness::Figure;
use crate::machine;

/// A program or a library to build.
struct Program {
    contender: &'static str,
    dependencies: String,
    file: &'static str,
    code: String,
}

const MARKS: &str = r#"
#[tallymark::counter]
fn hello() {
    println!("hello");
}

fn main() {
    hello();
}
"#;

const MARKS_PROMETHEUS_CLIENT: &str = r#"
use prometheus_client::metrics::counter::Counter;

fn main() {
    let counter = Counter::<u64>::default();
    counter.inc();
    println!("hello");
}
"#;

const HTTP: &str = r#"
#[tallymark::counter]
fn hello() {
    println!("hello");
}

fn main() {
    let exporter = tallymark::http::start("127.0.0.1:0").expect("a free port");
    hello();
    exporter.shutdown();
}
"#;

const HTTP_VISE: &str = r#"
use vise::{Counter, Metrics};
use vise_exporter::MetricsExporter;

#[derive(Debug, Metrics)]
struct Hello {
    /// Greetings.
    hellos: Counter,
}

#[vise::register]
static HELLO: vise::Global<Hello> = vise::Global::new();

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.spawn(MetricsExporter::default().start(([127, 0, 0, 1], 0).into()));
    HELLO.hellos.inc();
    println!("hello");
}
"#;

const VISE: &str = r#"vise = "0.3.2"
vise-exporter = "0.3.2"
tokio = { version = "1", features = ["rt"] }
"#;

const MARKS_ONLY: &str = r#"default-features = false, features = ["macros"]"#;

fn marks() -> Vec<Program> {
    vec![
        program("tallymark", ours(MARKS_ONLY), MARKS),
        program("prometheus-client", peer("prometheus-client"), MARKS_PROMETHEUS_CLIENT),
    ]
}

fn http() -> Vec<Program> {
    vec![program("tallymark", ours(""), HTTP), program("vise", VISE.to_owned(), HTTP_VISE)]
}

fn program(contender: &'static str, dependencies: String, code: &str) -> Program {
    Program { contender, dependencies, file: "src/main.rs", code: code.to_owned() }
}

fn ours(options: &str) -> String {
    let path = toml(&machine::root().join("runtime"));
    let comma = if options.is_empty() { "" } else { ", " };
    format!("tallymark = {{ path = {path}{comma}{options} }}\n")
}

/// A path as a string of TOML.
fn toml(path: &Path) -> String {
    format!("\"{}\"", path.display().to_string().replace('\\', "\\\\").replace('"', "\\\""))
}

fn peer(name: &str) -> String {
    format!("{name} = \"={}\"\n", machine::version(name).expect("the lock file has it"))
}

pub(super) fn marks_crates(_: usize) -> Vec<Figure> {
    figures(marks(), Folder::crates)
}

pub(super) fn marks_cpu(_: usize) -> Vec<Figure> {
    figures(marks(), Folder::clean_build)
}

pub(super) fn http_crates(_: usize) -> Vec<Figure> {
    figures(http(), Folder::crates)
}

pub(super) fn http_cpu(_: usize) -> Vec<Figure> {
    figures(http(), Folder::clean_build)
}

/// How often a crate is built again.
const TIMES: usize = 3;

/// What a thousand marked functions add to the build of a crate.
pub(super) fn thousand(_: usize) -> Vec<Figure> {
    let plain = Folder::new(&functions("plain", String::new(), ""));
    let marked = [
        functions("tallymark", ours(MARKS_ONLY), "#[tallymark::counter]\n"),
        functions("tracing", "tracing = \"0.1.44\"\n".to_owned(), "#[tracing::instrument]\n"),
    ];
    let marked = marked.map(|program| (program.contender, Folder::new(&program), Vec::new()));
    let mut added = Vec::from(marked);
    plain.clean_build();
    for (_, folder, _) in &added {
        folder.clean_build();
    }
    for _ in 0..TIMES {
        let without = plain.build_again();
        for (_, folder, samples) in &mut added {
            samples.push(folder.build_again() - without);
        }
    }
    added.into_iter().map(|(contender, _, samples)| Figure::of(contender, samples, false)).collect()
}

/// A library of a thousand functions with so a mark.
fn functions(contender: &'static str, dependencies: String, mark: &str) -> Program {
    let mut code = String::new();
    for number in 0..1_000 {
        let body = format!("value.wrapping_mul({number}) ^ {number}");
        write!(code, "{mark}pub fn step_{number}(value: u64) -> u64 {{\n    {body}\n}}\n\n")
            .expect("writing to a string can't fail");
    }
    Program { contender, dependencies, file: "src/lib.rs", code }
}

fn figures(programs: Vec<Program>, measure: fn(&Folder) -> f64) -> Vec<Figure> {
    let figure = |program: Program| Figure::of(program.contender, vec![measure(&Folder::new(&program))], false);
    programs.into_iter().map(figure).collect()
}

/// A generated crate, which goes when this is dropped.
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn new(program: &Program) -> Self {
        let path = env::temp_dir().join(format!("tallymark-benches-{}-{}", std::process::id(), program.contender));
        let manifest = format!(
            "[package]\nname = \"hello\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{}\n[workspace]\n",
            program.dependencies
        );
        fs::create_dir_all(path.join("src")).expect("the temporary folder can be written to");
        fs::write(path.join("Cargo.toml"), manifest).expect("as above");
        fs::write(path.join(program.file), &program.code).expect("as above");
        let folder = Self { path };
        folder.run(&["fetch", "--quiet"]);
        folder
    }

    /// How many crates are in it beside itself.
    #[expect(clippy::cast_precision_loss, reason = "a few")]
    fn crates(&self) -> f64 {
        let tree = self.run(&["tree", "--edges", "normal,build", "--prefix", "none"]);
        let crates: BTreeSet<&str> =
            tree.lines().skip(1).map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.is_empty()).collect();
        crates.len() as f64
    }

    fn clean_build(&self) -> f64 {
        let before = cpu_seconds();
        self.run(&["build", "--release", "--quiet"]);
        cpu_seconds() - before
    }

    /// Builds the crate itself, its dependencies being there.
    fn build_again(&self) -> f64 {
        self.run(&["clean", "--release", "--quiet", "--package", "hello"]);
        self.clean_build()
    }

    fn run(&self, args: &[&str]) -> String {
        let mut command = Command::new("cargo");
        command.args(args).current_dir(&self.path).stdin(Stdio::null()).stderr(Stdio::inherit());
        for (name, _) in env::vars_os().filter(|(name, _)| told_by_cargo(&name.to_string_lossy())) {
            command.env_remove(name);
        }
        command.env("CARGO_TARGET_DIR", self.path.join("target"));
        let output = command.output().expect("cargo runs this too");
        assert!(output.status.success(), "`cargo {}` failed in {}", args.join(" "), self.path.display());
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// What cargo tells programs that it runs is not meant for another cargo.
fn told_by_cargo(variable: &str) -> bool {
    const KEPT: [&str; 4] = ["CARGO_HOME", "CARGO_NET_OFFLINE", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"];
    (variable.starts_with("CARGO") || variable.starts_with("RUST")) && !KEPT.contains(&variable)
}

impl Drop for Folder {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_dir_all(path) {
        eprintln!("can't remove {}: {error}", path.display());
    }
}

/// User and system time of children that have ended, which Linux counts in hundredths of a second: `proc_pid_stat(5)`.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("a Linux system");
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(13).take(2).map(|field| field.parse::<f64>().expect("a number"));
    ticks.sum::<f64>() / 100.0
}
