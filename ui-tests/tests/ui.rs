//! Misuse does not compile, and says what to write.

#[test]
fn misuse_says_what_to_write() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("fail/*.rs");
    cases.pass("pass/*.rs");
}
