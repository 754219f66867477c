//! Which crates' metrics are in a program. `.ci/run` runs this under `lto = "fat"` and `codegen-units = 1` too.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::process::Command;

fn lines(program: &str) -> Vec<String> {
    let output = Command::new(program).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_crate_that_no_code_names_is_missing_and_said_to_be() {
    let lines = lines(env!("CARGO_BIN_EXE_unlinked"));
    assert!(!lines.iter().any(|line| line.starts_with("linkage_silent")), "{lines:?}");
    let said = lines.last().unwrap();
    assert!(said.contains("linkage_silent") && said.contains("tallymark::link!(linkage_silent)"), "{said}");
    assert!(!said.contains("linkage_generic"), "{said}");
}

#[test]
fn link_keeps_a_crate_that_no_code_names() {
    let lines = lines(env!("CARGO_BIN_EXE_linked"));
    assert!(lines.contains(&"linkage_silent_counted_calls_total 0".to_owned()), "{lines:?}");
    assert_eq!(lines.last().unwrap(), "all there");
}

#[test]
fn a_generic_function_has_one_metric_however_often_it_is_instantiated() {
    for program in [env!("CARGO_BIN_EXE_unlinked"), env!("CARGO_BIN_EXE_linked")] {
        let lines = lines(program);
        assert!(lines.contains(&"linkage_generic_shown_calls_total 2".to_owned()), "{lines:?}");
        assert!(lines.contains(&"linkage_generic_shown_duration_seconds 2".to_owned()), "{lines:?}");
        assert!(lines.contains(&"collisions Ok(())".to_owned()), "{lines:?}");
    }
}
