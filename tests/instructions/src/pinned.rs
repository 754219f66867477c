//! The file of pinned numbers.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

const HEAD: &str = "\
# Instructions that each path takes, on x86-64 with the toolchain of rust-toolchain.toml.
# Written by `cargo run --release -p tallymark-instructions -- --pin`.
";

/// A number of instructions for each path.
#[derive(Default)]
pub(crate) struct Pinned {
    paths: BTreeMap<String, f64>,
}

impl Pinned {
    pub(crate) fn read() -> Result<Self, String> {
        let file = file();
        let text = fs::read_to_string(&file).map_err(|error| format!("can't read {}: {error}", file.display()))?;
        let mut pinned = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let number = line.split_once(' ').and_then(|(path, number)| Some((path, number.trim().parse().ok()?)));
            let (path, number) =
                number.ok_or_else(|| format!("`{line}` in {} is no path and number", file.display()))?;
            pinned.set(path, number);
        }
        Ok(pinned)
    }

    pub(crate) fn write(&self) -> Result<(), String> {
        let lines = self.paths.iter().map(|(path, instructions)| format!("{path} {instructions:.1}\n"));
        let file = file();
        fs::write(&file, HEAD.to_owned() + &lines.collect::<String>())
            .map_err(|error| format!("can't write {}: {error}", file.display()))
    }

    pub(crate) fn get(&self, path: &str) -> Result<f64, String> {
        self.paths.get(path).copied().ok_or_else(|| format!("`{path}` is not pinned; run with `-- --pin`"))
    }

    pub(crate) fn set(&mut self, path: &str, instructions: f64) {
        self.paths.insert(path.to_owned(), instructions);
    }
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("pinned.txt")
}
