//! Pages that nobody writes, but for accidents and attacks.

use crate::parse;

#[test]
fn what_is_not_utf8_is_refused_but_in_comments() {
    for page in [&b"\xff\n"[..], b"\xff=\"1\" 2\n", b" \t\xffa 1\n", b"a{b=\"\xff\"} 1\n", b"# HELP a \xff\n"] {
        let error = parse::text(page).unwrap_err();
        assert!(error.to_string().contains("isn't UTF-8"), "{error}");
    }
    assert_eq!(parse::text(b"# \xff\n#\xff\n\t # TYPES \xff\n").unwrap(), []);
}

/// As Prometheus' Go library reads it.
#[test]
fn a_type_that_isnt_said_is_none() {
    let families = parse::text("# TYPE a \n# HELP a\na 1\n").unwrap();
    assert_eq!((families[0].kind(), families[0].help()), (crate::MetricKind::Unknown, ""));
    assert!(parse::text("# TYPE a b\n").is_err());
}
