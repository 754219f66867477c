//! Any bytes as a page in protobuf.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tallymark_fuzz::pages;

fuzz_target!(|page: &[u8]| pages::check(&pages::PROTOBUF, page));
