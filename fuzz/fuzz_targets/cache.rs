#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| skill_log_fuzz::cache::check(bytes));
