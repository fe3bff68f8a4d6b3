//! Generates entries, and the pieces of damaged lines, for property tests.

use std::borrow::Cow;

use proptest::prelude::*;
use skill_log::timestamp::Timestamp;
use skill_log::{Attempt, Entry, RawJson, encode};

/// Text that needs care: escapes, characters that Go escapes, and quoted entries.
pub fn text() -> impl Strategy<Value = Cow<'static, str>> {
    let part = prop_oneof![
        8 => "[a-z ]{1,12}".boxed(),
        2 => any::<String>().boxed(),
        1 => prop::sample::select(vec!["\"", "\\", "{", "}", "<&>", "\u{2028}", "\u{0}\u{1f}\n", "é", "漢", "😀"])
            .prop_map(String::from).boxed(),
        1 => Just(r#"{"session_id":"q","timestamp":"2026-01-02T03:04:05Z","skill":"q","final_status":"q"}"#.to_string()).boxed(),
    ];
    prop::collection::vec(part, 0..4).prop_map(|parts| Cow::Owned(parts.concat()))
}

prop_compose! {
    pub fn timestamp()(
        year in 0u16..=9999, month in 1u8..=12, day in 1u8..=28, hour in 0u8..24, minute in 0u8..60,
        second in 0u8..60,
        nanosecond in prop_oneof![Just(0), Just(120_000_000), 0u32..1_000_000_000],
        offset in prop_oneof![Just(0), -1439i16..1440],
    ) -> Timestamp {
        Timestamp { year, month, day, hour, minute, second, nanosecond, offset }
    }
}

/// JSON values as encoding writes them: without blanks or characters that Go escapes.
pub fn input() -> impl Strategy<Value = RawJson<'static>> {
    prop::sample::select(vec![
        &b"null"[..],
        b"{}",
        b"[1,-2.5e+10,123456789012345678901234567890]",
        br#"{"a":{"b":[true,false,null]},"a":"again"}"#,
        br#""{\"session_id\":\"q\",\"timestamp\":\"2026-01-02T03:04:05Z\"}""#,
        b"\"not UTF-8: \xff\xc3\xed\xa0\x80\"",
        br#"["\ud800","\u003c","\/"]"#,
    ])
    .prop_map(|bytes| RawJson::new(bytes).unwrap())
}

prop_compose! {
    fn attempt()(
        attempt in any::<i64>(), model in text(), output_summary in text(), runner_output in text(),
        verified in any::<bool>(),
    ) -> Attempt<'static> {
        Attempt { attempt, model, output_summary, runner_output, verified }
    }
}

prop_compose! {
    pub fn entry()(
        texts in prop::array::uniform8(text()),
        timestamp in timestamp(),
        input in prop::option::of(input()),
        attempts in prop::collection::vec(attempt(), 0..3),
        duration_ms in prop_oneof![Just(0), any::<i64>()],
    ) -> Entry<'static> {
        let [session_id, skill, phase, project_root, final_status, file_path, model_used, message] = texts;
        Entry {
            session_id, timestamp, skill, phase, project_root, input, attempts, final_status, file_path,
            model_used, duration_ms, message,
        }
    }
}

pub fn line(entry: &Entry<'_>) -> Vec<u8> {
    let mut line = Vec::new();
    encode(entry, &mut line).unwrap();
    line
}

/// A piece of a damaged line.
#[derive(Clone, Debug)]
pub enum Piece {
    Whole(Vec<u8>),
    Torn(Vec<u8>),
    Nul(Vec<u8>),
    Junk(Vec<u8>),
}

impl Piece {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Piece::Whole(bytes) | Piece::Torn(bytes) | Piece::Nul(bytes) | Piece::Junk(bytes) => {
                bytes
            }
        }
    }
}

pub fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        3 => entry().prop_map(|entry| Piece::Whole(line(&entry))),
        3 => (entry(), any::<prop::sample::Index>()).prop_map(|(entry, cut)| {
            let mut line = line(&entry);
            line.truncate(1 + cut.index(line.len() - 1));
            Piece::Torn(line)
        }),
        1 => (1usize..40).prop_map(|length| Piece::Nul(vec![0; length])),
        // A control character continues no entry's text, and a brace would start another entry.
        1 => prop::collection::vec(prop::num::u8::ANY, 0..20).prop_map(|mut bytes| {
            bytes.retain(|byte| !matches!(byte, 0 | b'\n' | b'{'));
            bytes.insert(0, 1);
            Piece::Junk(bytes)
        }),
    ]
}
