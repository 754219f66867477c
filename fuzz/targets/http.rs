//! Any bytes on a connection to the server.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tallymark_fuzz::conversation;

fuzz_target!(|request: &[u8]| conversation::check(request));
