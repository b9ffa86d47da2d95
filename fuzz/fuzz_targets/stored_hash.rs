//! What may stand in the column of stored passwords.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| latchkey::fuzz::stored_hash(bytes));
