//! `multipart/form-data` bodies.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| latchkey::fuzz::multipart(bytes));
