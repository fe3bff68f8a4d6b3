//! Any line decodes or is refused as JSON requires, and what decodes can be written and read again.

use serde_json::Value;

use skill_log::{Entry, ErrorKind, InputSpelling, decode, encode, encode_as};

use crate::contract::START;

pub fn check(line: &[u8]) {
    let is_json = std::str::from_utf8(line)
        .ok()
        .map(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
    match decode(line) {
        Ok(entry) => {
            assert_ne!(is_json, Some(false), "this is not JSON");
            written(&entry);
        }
        Err(error) => {
            assert!(error.offset <= line.len());
            assert_eq!(error.is_incomplete(), error.offset == line.len());
            // The text before the offset is still the beginning of an entry.
            let before = decode(&line[..error.offset]);
            assert!(before.map_or_else(|error| error.is_incomplete(), |_| true));
            let is_grammar = matches!(
                error.kind,
                ErrorKind::UnexpectedEnd | ErrorKind::UnexpectedByte { .. }
            );
            if is_grammar && line.trim_ascii().starts_with(b"{") {
                assert_ne!(is_json, Some(true), "this is JSON: {error}");
            }
        }
    }
}

fn written(entry: &Entry<'_>) {
    let mut line = Vec::new();
    if encode(entry, &mut line).is_err() {
        return;
    }
    let again = decode(&line).expect("what was written is read");
    let mut twice = Vec::new();
    encode(&again, &mut twice).expect("what was written is written again");
    assert_eq!(line, twice);
    let mut safe = Vec::new();
    encode_as(entry, InputSpelling::Safe, &mut safe).expect("it was written the other way");
    let starts = safe.windows(START.len()).filter(|bytes| *bytes == START);
    assert_eq!(starts.count(), 1, "{}", safe.escape_ascii());
    let of_safe = decode(&safe).expect("what was written is read");
    let input = |entry: &Entry<'_>| {
        let input = entry.input?;
        // serde_json refuses lone surrogates, bytes that are not UTF-8, and deep or large values.
        serde_json::from_slice::<Value>(input.as_bytes()).ok()
    };
    if let Some(value) = input(&again) {
        assert_eq!(Some(value), input(&of_safe));
    }
    assert_eq!(texts(&again), texts(&of_safe));
}

fn texts<'a>(entry: &Entry<'a>) -> Entry<'a> {
    Entry {
        input: None,
        ..entry.clone()
    }
}
