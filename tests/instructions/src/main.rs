//! Counts the instructions of the hottest paths under valgrind, and fails when one takes over 10 % more than is pinned.
//!
//! `cargo run --release -p tallymark-instructions` compares; with `-- --pin` it writes `pinned.txt` anew. The program
//! runs itself under callgrind, each path so many times and twice as many times; the difference is free of everything
//! that happens once.

mod paths;
mod pinned;
mod valgrind;

use std::process::ExitCode;

use pinned::Pinned;

/// By how much a path may grow.
const TOLERANCE: f64 = 0.10;

/// Hashes are keyed at random, so a lookup may have had bad luck: only what is too much each time is.
const ATTEMPTS: usize = 3;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        [valgrind::CHILD, path, iterations] => paths::run(path, iterations),
        [] => check(),
        ["--pin"] => pin(),
        _ => Err("unknown arguments; there is only `--pin`, which writes the numbers anew".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn pin() -> Result<(), String> {
    let mut pinned = Pinned::default();
    for path in paths::ALL {
        let instructions = valgrind::instructions(path)?;
        println!("{:<24} {instructions:.1}", path.name);
        pinned.set(path.name, instructions);
    }
    pinned.write()
}

fn check() -> Result<(), String> {
    let pinned = Pinned::read()?;
    let mut grown = Vec::new();
    for path in paths::ALL {
        let before = pinned.get(path.name)?;
        let most = before * (1.0 + TOLERANCE);
        let mut now = valgrind::instructions(path)?;
        for _ in 1..ATTEMPTS {
            if now > most {
                now = now.min(valgrind::instructions(path)?);
            }
        }
        println!("{:<24} {now:.1} instructions, pinned at {before:.1}", path.name);
        if now > most {
            grown.push(format!("{} takes {now:.1} instructions, {before:.1} before", path.name));
        } else if now < before * (1.0 - TOLERANCE) {
            println!("{:<24} has become shorter: pin it with `-- --pin`", "");
        }
    }
    if grown.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}, which is over 10 % more; make it shorter, or, where it is worth it, pin it anew: cargo run --release -p \
         tallymark-instructions -- --pin",
        grown.join("; ")
    ))
}
