//! Programs that don't compile, and what the compiler says of each: `fail/` has one rule a file, named after it, with the expected
//! message beside it. `pass/` has what looks like misuse and is none.
//!
//! After a change of a message, `TRYBUILD=overwrite cargo test -p tallymark-ui-tests` writes the new ones; read each as a stranger would. It
//! names the thing, points at the user's own token, says the rule and what to write instead, and nothing follows it.
