//! Places to go on to, and tokens of forms.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| latchkey::fuzz::pages(bytes));
