//! Compares the core with the recorded outcomes of the Go original, byte for byte.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;
use skill_log::damage::Damage;
use skill_log::reader::{ReadOptions, Reader, Record, Sink};
use skill_log::scan::RawEntry;
use skill_log::{Entry, decode, encode};

/// Compiled in, because WebAssembly has no files.
const CANONICALIZE: &str = include_str!("../conformance/canonicalize.jsonl");
const READ: &str = include_str!("../conformance/read.jsonl");

fn vectors(file: &str) -> Vec<Value> {
    file.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Returns the bytes that a base64 string or a list of parts stands for.
fn bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::String(base64) => BASE64_STANDARD.decode(base64).unwrap(),
        Value::Array(parts) => parts
            .iter()
            .flat_map(|part| match part.get("repeat_b64") {
                Some(repeated) => bytes(repeated).repeat(part["times"].as_u64().unwrap() as usize),
                None => bytes(&part["b64"]),
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn either(vector: &Value, plain: &str, parts: &str) -> Vec<u8> {
    bytes(
        vector
            .get(plain)
            .or(vector.get(parts))
            .unwrap_or(&Value::Null),
    )
}

fn canonical(entry: &Entry<'_>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    encode(entry, &mut out).ok().map(|()| out)
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn encodes_each_recorded_line_as_go_does() {
    let vectors = vectors(CANONICALIZE);
    assert_eq!(vectors.len(), 2512);
    let failed: Vec<_> = vectors
        .iter()
        .filter(|vector| {
            let line = either(vector, "line_b64", "parts");
            let error = vector["error"].as_str().unwrap();
            let decoded = decode(&line);
            if vector["ok"].as_bool().unwrap() {
                let expected = either(vector, "out_b64", "out_parts");
                decoded.ok().and_then(|entry| canonical(&entry)) != Some(expected)
            } else if error.starts_with("json: error calling MarshalJSON") {
                decoded.map_or(true, |entry| canonical(&entry).is_some())
            } else {
                decoded.is_ok()
            }
        })
        .map(|vector| vector["id"].as_str().unwrap())
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[derive(Default)]
struct Canonical(Vec<Option<Vec<u8>>>);

impl Sink for Canonical {
    fn entry(&mut self, entry: &RawEntry<'_>, _: Record) {
        self.0.push(canonical(&entry.decode()));
    }

    fn damage(&mut self, damage: Damage) {
        panic!("strict reading stops at damage: {damage:?}");
    }
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn reads_each_recorded_file_as_go_does_when_strict() {
    let vectors = vectors(READ);
    assert_eq!(vectors.len(), 224);
    for vector in &vectors {
        for chunk in [1 << 30, 1 << 16, 997] {
            let id = vector["id"].as_str().unwrap();
            let mut reader = Reader::new(ReadOptions {
                strict: true,
                ..ReadOptions::default()
            });
            let mut found = Canonical::default();
            let mut result = Ok(());
            for chunk in either(vector, "file_b64", "parts").chunks(chunk) {
                reader.space(chunk.len()).unwrap().copy_from_slice(chunk);
                result = result.and_then(|()| reader.read(&mut found));
            }
            let result = result.and_then(|()| reader.finish(&mut found));
            let error = vector["error"].as_str().unwrap();
            match result {
                Ok(()) => assert_eq!(error, "", "{id}"),
                Err(refused) if refused.error.is_none() => {
                    assert_eq!(error, "bufio.Scanner: token too long", "{id}");
                }
                Err(_) => {
                    assert!(error.starts_with("parse entry: "), "{id}: {error}");
                    // Go returns no entries here; this reader keeps those before the bad line.
                    continue;
                }
            }
            let expected: Vec<_> = vector["entries_b64"]
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| (!entry.is_null()).then(|| bytes(entry)))
                .collect();
            assert!(found.0 == expected, "{id}");
        }
    }
}
