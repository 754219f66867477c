//! Tells the crate what only cargo knows, for `collectors::BuildInfo`: the compiler's version, the target, the profile.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Some(rustc) = env::var_os("RUSTC")
        && let Ok(output) = Command::new(rustc).arg("--version").output()
        // `rustc 1.88.0 (6b00bc388 2025-06-23)`
        && let Some(version) = String::from_utf8_lossy(&output.stdout).split_whitespace().nth(1)
    {
        println!("cargo::rustc-env=TALLYMARK_RUSTC={version}");
    }
    for (name, variable) in [("TALLYMARK_TARGET", "TARGET"), ("TALLYMARK_PROFILE", "PROFILE")] {
        if let Ok(value) = env::var(variable) {
            println!("cargo::rustc-env={name}={value}");
        }
    }
}
