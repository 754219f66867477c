//! Notes what the program can't find out of itself: the profile and the compiler.

use std::env;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=BENCH_PROFILE={}", profile());
    println!("cargo::rustc-env=BENCH_RUSTC={}", rustc());
    let mut thousand = String::new();
    for number in 0..1_000 {
        writeln!(thousand, "#[tallymark::counter]\nfn step_{number}() {{}}").expect("writing to a string can't fail");
    }
    let out = env::var("OUT_DIR").expect("cargo sets it");
    std::fs::write(Path::new(&out).join("thousand.rs"), thousand).expect("cargo has made the folder");
}

/// Cargo tells build scripts the profile that ours inherits from, but its folder has the name: `target/fat/build/…/out`.
fn profile() -> String {
    let out = env::var("OUT_DIR").unwrap_or_default();
    let mut folders = Path::new(&out).ancestors();
    folders.find(|path| path.ends_with("build"));
    let folder = folders.next().and_then(Path::file_name).and_then(|name| name.to_str());
    folder.unwrap_or("unknown").to_owned()
}

fn rustc() -> String {
    let output = Command::new(env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned())).arg("--version").output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}
