//! `OpenMetrics`' own test data: our parser takes what it calls valid, and refuses what it calls invalid.
//!
//! (<https://github.com/prometheus/OpenMetrics/tree/main/tests/testdata/parsers>: in each folder a page, and whether it is
//! to be parsed.)

use std::path::Path;
use std::{env, fs};

use tallymark::parse;

use crate::checks::{Checks, Result};

/// Says the folder; it is not in this repository.
const FOLDER: &str = "TALLYMARK_OPENMETRICS_VECTORS";

pub(crate) fn check(checks: &mut Checks) {
    match env::var_os(FOLDER) {
        Some(folder) => checks.run("OpenMetrics' test data comes out right", || all(Path::new(&folder))),
        None => println!("absent  OpenMetrics' test data: set {FOLDER} to its folder `parsers`"),
    }
}

fn all(folder: &Path) -> Result<String> {
    let (mut right, mut wrong) = (0, Vec::new());
    for case in fs::read_dir(folder)? {
        let case = case?.path();
        let about: serde_json::Value = serde_json::from_slice(&fs::read(case.join("test.json"))?)?;
        let page = about["file"].as_str().ok_or("test.json names no file")?;
        let valid = about["shouldParse"].as_bool().ok_or("test.json doesn't say what should come out")?;
        match (valid, parse::openmetrics(fs::read(case.join(page))?)) {
            (true, Ok(_)) | (false, Err(_)) => right += 1,
            (true, Err(error)) => wrong.push(format!("{}: {error}", case.display())),
            (false, Ok(_)) => wrong.push(format!("{}: it isn't refused", case.display())),
        }
    }
    if right == 0 || !wrong.is_empty() {
        return Err(format!("{right} of {}\n{}", right + wrong.len(), wrong.join("\n")).into());
    }
    Ok(format!("{right} of {right}"))
}
