//! HTML forms, and JSON in their place.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| latchkey::fuzz::form(bytes));
