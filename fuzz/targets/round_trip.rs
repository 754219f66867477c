//! Families of every type, written in each format and read back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tallymark_fuzz::families::Page;

fuzz_target!(|page: Page<'_>| page.check());
