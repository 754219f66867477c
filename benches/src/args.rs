//! The command line.

use std::path::PathBuf;

use crate::workloads;

pub(crate) const HELP: &str = "\
Measures tallymark, its peers and a hand-written limit against each other.

    cargo run --release --manifest-path benches/Cargo.toml [-- OPTIONS]
    cargo run --profile fat --manifest-path benches/Cargo.toml [-- OPTIONS]

    --only WORD,WORD   only workloads whose names contain one of the words
    --json FILE        also write rows {\"workload\",\"threads\",\"contender\",\"ns\"}; where a workload
                       isn't measured in ns, `ns` holds the number and `unit` says of what
    --list             list the workloads
    --help             this text

A run of all workloads takes about half an hour, needs 8 GB of memory, and rewrites the section of
its profile in BENCHMARKS.md; a run with --only writes nothing there. The workloads `build-…` compile
crates in a temporary folder.";

/// What to do.
pub(crate) enum Command {
    Run(Args),
    List,
    Help,
}

/// What to measure, and where to write it.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) only: Vec<String>,
    pub(crate) json: Option<PathBuf>,
}

impl Args {
    pub(crate) fn parse(args: impl IntoIterator<Item = String>) -> Result<Command, String> {
        let mut args = args.into_iter();
        let mut parsed = Self::default();
        while let Some(arg) = args.next() {
            let mut value = |what: &str| args.next().ok_or_else(|| format!("`{arg}` needs {what} after it"));
            match arg.as_str() {
                "--only" => {
                    let words = value("words, as in `--only inc,observe`")?;
                    parsed.only.extend(words.split(',').filter(|word| !word.is_empty()).map(str::to_owned));
                    parsed.check(&words)?;
                }
                "--json" => parsed.json = Some(value("a file, as in `--json out.json`")?.into()),
                "--list" => return Ok(Command::List),
                "--help" | "-h" => return Ok(Command::Help),
                _ => return Err(format!("unknown argument `{arg}`")),
            }
        }
        Ok(Command::Run(parsed))
    }

    /// A word that names nothing is a typing error.
    fn check(&self, words: &str) -> Result<(), String> {
        if self.only.is_empty() {
            return Err(format!("`--only {words}` names no word"));
        }
        let named = |word: &&String| workloads::ALL.iter().any(|workload| workload.name.contains(word.as_str()));
        match self.only.iter().find(|word| !named(word)) {
            Some(word) => Err(format!("no workload's name contains `{word}`; `--list` shows them all")),
            None => Ok(()),
        }
    }

    pub(crate) fn wants(&self, workload: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|word| workload.contains(word.as_str()))
    }
}
