//! Any bytes as `Accept`, as `Accept-Encoding` and as a query.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tallymark_fuzz::headers;

fuzz_target!(|headers: &[u8]| headers::check(headers));
