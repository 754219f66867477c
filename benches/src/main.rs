//! How fast tallymark is, beside every peer and beside the limit. `--help` says how to run it.

mod args;
mod child;
mod contenders;
mod data;
mod harness;
mod limit;
mod machine;
mod report;
mod workloads;

use std::process::ExitCode;

use args::{Args, Command};
use report::{Outcome, Report};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, workload, contender] = &words[..]
        && flag == child::FLAG
    {
        child::run(workload, contender);
        return ExitCode::SUCCESS;
    }
    let args = match Args::parse(words) {
        Ok(Command::Run(args)) => args,
        Ok(Command::Help) => {
            println!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Command::List) => {
            for workload in workloads::ALL {
                println!("{:<28} {}", workload.name, workload.about);
            }
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("error: {message}\n\n{}", args::HELP);
            return ExitCode::from(2);
        }
    };
    let mut report = Report::default();
    for workload in workloads::ALL.iter().filter(|workload| args.wants(workload.name)) {
        for &threads in workload.threads {
            let outcome = Outcome { workload, threads, figures: (workload.run)(threads) };
            println!("{}", outcome.table());
            report.outcomes.push(outcome);
        }
    }
    println!("{}", report.summary());
    match write(&args, &report) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(args: &Args, report: &Report) -> Result<(), String> {
    if let Some(path) = &args.json {
        std::fs::write(path, report.json()).map_err(|error| format!("can't write {}: {error}", path.display()))?;
    }
    if args.only.is_empty() {
        let path = machine::root().join("BENCHMARKS.md");
        let old = std::fs::read_to_string(&path).unwrap_or_default();
        let new = report.page(&old);
        std::fs::write(&path, new).map_err(|error| format!("can't write {}: {error}", path.display()))?;
        println!("wrote {}", path.display());
    }
    Ok(())
}
