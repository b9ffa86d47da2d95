//! The `url` that somebody asks a reset for.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| latchkey::fuzz::url_rule(bytes));
