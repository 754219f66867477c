//! Wrong usage, and help.

use std::process::Stdio;

use crate::{command, page, run};

#[test]
fn help_is_shown_wherever_it_is_asked_for() {
    for (arguments, first) in [
        (&["--help"][..], "Fetches, checks and converts"),
        (&["-h"], "Fetches, checks and converts"),
        (&["help"], "Fetches, checks and converts"),
        (&["help", "help"], "Fetches, checks and converts"),
        (&["help", "--help"], "Fetches, checks and converts"),
        (&["help", "fetch"], "Shows the page of a server"),
        (&["fetch", "--help"], "Shows the page of a server"),
        (&["fetch", "localhost", "-h"], "Shows the page of a server"),
        (&["check", "--help"], "Finds what is wrong"),
        (&["convert", "-h"], "Writes a page in another format"),
    ] {
        let said = run(arguments);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{arguments:?}");
        assert!(said.out.starts_with(first), "{arguments:?}: {}", said.out);
    }
    let version = concat!("tallymark ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(run(&["--version"]).out, version);
    assert_eq!(run(&["-V"]).out, version);
}

#[test]
fn every_option_of_a_command_stands_in_its_help() {
    for (topic, options) in [
        ("fetch", &["--format", "--interval", "--count", "--timeout", "--header", "--debug", "--help"][..]),
        ("check", &["--format", "--json", "--timeout", "--header", "--help"]),
        ("convert", &["--to", "--from", "--escaping", "--output", "--timeout", "--header", "--help"]),
    ] {
        let help = run(&["help", topic]).out;
        for option in options {
            assert!(help.contains(option), "{topic}: {option}");
        }
        assert!(help.lines().all(|line| line.chars().count() <= 120), "{topic}");
    }
}

#[test]
fn wrong_usage_says_what_is_right() {
    for (arguments, cure) in [
        (&[][..], "see `tallymark --help`"),
        (&["fetsh"], "there are `fetch`, `check`, `convert` and `help`"),
        (&["--fetch"], "see `tallymark --help`"),
        (&["help", "tables"], "see `tallymark --help`"),
        (&["help", "fetch", "check"], "see `tallymark --help`"),
        (&["fetch"], "for example `localhost:9464`"),
        (&["fetch", "a", "b"], "one page"),
        (&["fetch", "a", "--url", "b"], "one page"),
        (&["fetch", "ftp://a"], "`http://` or `https://`"),
        (&["fetch", ""], "`http://` or `https://`"),
        (&["fetch", "a", "--format", "xml"], "`text`, `text-1.0`, `openmetrics` or `protobuf`, or `random`"),
        (&["fetch", "a", "--format"], "see `tallymark help fetch`"),
        (&["fetch", "a", "--interval", "0"], "seconds above 0"),
        (&["fetch", "a", "--interval", "-1"], "see `tallymark help fetch`"),
        (&["fetch", "a", "--interval", "NaN"], "seconds above 0"),
        (&["fetch", "a", "--interval", "1e300"], "seconds above 0"),
        (&["fetch", "a", "--interval", "1e-300"], "seconds above 0"),
        (&["fetch", "a", "--timeout", "soon"], "seconds above 0"),
        (&["fetch", "a", "--count", "0"], "from 1 on"),
        (&["fetch", "a", "--count", "2"], "`--interval`"),
        (&["fetch", "a", "--header", "x"], "'Name: value'"),
        (&["fetch", "a", "--header", "x y: z"], "'Name: value'"),
        (&["fetch", "a", "--header", "x: y\nz"], "'Name: value'"),
        (&["fetch", "a", "--debug=x"], "see `tallymark help fetch`"),
        (&["fetch", "a", "--json"], "see `tallymark help fetch`"),
        (&["check"], "`-` for the standard input"),
        (&["check", "-", "-"], "one page"),
        (&["check", "-", "--format", "random"], "not `random`"),
        (&["convert", "-"], "`--to`"),
        (&["convert", "--to", "csv"], "not `csv`"),
        (&["convert", "--to", "text", "--from", ""], "not ``"),
        (&["convert", "--to", "text", "--escaping", "utf8"], "`allow-utf-8`"),
        (&["convert", "--to", "text", "-o", "a", "-o", "b"], "one output"),
        (&["convert", "--to", "text", "a", "b"], "one page"),
    ] {
        let said = run(arguments);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{arguments:?}");
        assert!(said.err.starts_with("tallymark: ") && said.err.contains(cure), "{arguments:?}: {}", said.err);
        assert_eq!(said.err.lines().count(), 1, "{arguments:?}: {}", said.err);
    }
}

#[test]
fn an_argument_does_nothing_to_the_terminal() {
    let said = run(&["\x1b[2Jfetch"]);
    assert!(said.err.contains("\\u{1b}[2Jfetch"), "{}", said.err);
    let said = run(&["fetch", "a", "--form\x1b[2J"]);
    assert!(!said.err.contains('\x1b'), "{}", said.err);
}

/// Linux has a file that is always full.
#[cfg(target_os = "linux")]
#[test]
fn output_that_cant_be_written_is_told() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command(&["check", &page("odd.prom")]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the output can't be written"));
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    for arguments in [&["--help"][..], &["check", &page("odd.prom")], &["convert", "--to", "text", &page("all.om")]] {
        let writer = writer.try_clone().unwrap();
        let output = command(arguments).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{arguments:?}");
    }
}
