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

/// A program to build.
struct Program {
    contender: &'static str,
    dependencies: String,
    main: String,
}

const MARKED: &str = "#[tallymark::counter]\nfn hello() {\n    println!(\"hello\");\n}\n";

fn marks() -> Vec<Program> {
    vec![
        Program {
            contender: "tallymark",
            dependencies: ours("default-features = false, features = [\"macros\"]"),
            main: format!("{MARKED}\nfn main() {{\n    hello();\n}}\n"),
        },
        Program {
            contender: "prometheus-client",
            dependencies: peer("prometheus-client"),
            main: "use prometheus_client::metrics::counter::Counter;\n\nfn main() {\n    let counter = Counter::<u64>::default();\n    \
                   counter.inc();\n    println!(\"hello\");\n}\n"
                .to_owned(),
        },
    ]
}

fn http() -> Vec<Program> {
    vec![
        Program {
            contender: "tallymark",
            dependencies: ours(""),
            main: format!(
                "{MARKED}\nfn main() {{\n    let exporter = tallymark::http::start(\"127.0.0.1:0\").expect(\"a free port\");\n    \
                 hello();\n    exporter.shutdown();\n}}\n"
            ),
        },
        Program {
            contender: "vise",
            dependencies: "vise = \"0.3.2\"\nvise-exporter = \"0.3.2\"\ntokio = { version = \"1\", features = [\"rt\"] }\n".to_owned(),
            main: "use vise::{Counter, Metrics};\nuse vise_exporter::MetricsExporter;\n\n\
                   #[derive(Debug, Metrics)]\nstruct Hello {\n    /// Greetings.\n    hellos: Counter,\n}\n\n\
                   #[vise::register]\nstatic HELLO: vise::Global<Hello> = vise::Global::new();\n\n\
                   fn main() {\n    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect(\"a runtime\");\n    \
                   runtime.spawn(MetricsExporter::default().start(([127, 0, 0, 1], 0).into()));\n    HELLO.hellos.inc();\n    \
                   println!(\"hello\");\n}\n"
                .to_owned(),
        },
    ]
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

/// What a thousand marked functions add to the build of a crate.
pub(super) fn thousand(_: usize) -> Vec<Figure> {
    let plain = Folder::new(&functions("plain", String::new(), "")).again(5);
    let marked = [
        functions("tallymark", ours("default-features = false, features = [\"macros\"]"), "#[tallymark::counter]\n"),
        functions("tracing", "tracing = \"0.1.44\"\n".to_owned(), "#[tracing::instrument]\n"),
    ];
    marked
        .iter()
        .map(|program| {
            let samples = Folder::new(program).again(5);
            let middle = Figure::of("plain", plain.clone(), false).median;
            Figure::of(program.contender, samples.iter().map(|sample| sample - middle).collect(), false)
        })
        .collect()
}

fn functions(contender: &'static str, dependencies: String, mark: &str) -> Program {
    let (mut main, mut calls) = (String::new(), String::new());
    for number in 0..1_000 {
        write!(
            main,
            "{mark}fn step_{number}(value: u64) -> u64 {{\n    value.wrapping_mul({number}) ^ {number}\n}}\n\n"
        )
        .expect("writing to a string can't fail");
        writeln!(calls, "    value = step_{number}(value);").expect("writing to a string can't fail");
    }
    write!(main, "fn main() {{\n    let mut value = 1;\n{calls}    println!(\"{{value}}\");\n}}\n")
        .expect("writing to a string can't fail");
    Program { contender, dependencies, main }
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
        fs::write(path.join("src/main.rs"), &program.main).expect("as above");
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

    /// How long the crate itself takes, so many times.
    fn again(&self, times: usize) -> Vec<f64> {
        self.clean_build();
        let samples = (0..times).map(|_| {
            self.run(&["clean", "--release", "--quiet", "--package", "hello"]);
            self.clean_build()
        });
        samples.collect()
    }

    fn run(&self, args: &[&str]) -> String {
        let mut command = Command::new("cargo");
        command.args(args).current_dir(&self.path).stdin(Stdio::null()).stderr(Stdio::inherit());
        // What cargo tells programs that it runs is not meant for another cargo.
        for (name, _) in env::vars_os() {
            let keep = ["CARGO_HOME", "CARGO_NET_OFFLINE"].iter().any(|keep| *keep == name);
            let name_text = name.to_string_lossy();
            if (name_text.starts_with("CARGO") || name_text.starts_with("RUST"))
                && !keep
                && name_text != "RUSTUP_HOME"
                && name_text != "RUSTUP_TOOLCHAIN"
            {
                command.env_remove(&name);
            }
        }
        command.env("CARGO_TARGET_DIR", self.path.join("target"));
        let output = command.output().expect("cargo runs this too");
        assert!(output.status.success(), "`cargo {}` failed in {}", args.join(" "), self.path.display());
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
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
