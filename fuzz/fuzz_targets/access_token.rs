//! The access token of a cookie or a bearer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| latchkey::fuzz::access_token(bytes));
