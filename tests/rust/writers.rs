//! Writes lines that hold all that a reader could mistake for another entry.

use std::borrow::Cow;

use skill_log::timestamp::Timestamp;
use skill_log::{Attempt, Entry, InputSpelling, RawJson, encode, encode_as};

use crate::choices::Choices;

/// Who wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// This package's `append`: no object in `input` looks like an entry.
    Ours,
    /// The Go original: canonical lines, `input` spelled as it came.
    Go,
    /// Any other program: blanks, members in any order, unknown members.
    Other,
}

/// All writers.
pub const WRITERS: [Writer; 3] = [Writer::Ours, Writer::Go, Writer::Other];

/// Writes the line of some entry, without a line end.
pub fn line(choices: &mut Choices<'_>, writer: Writer) -> Vec<u8> {
    let mut line = Vec::new();
    match writer {
        Writer::Ours | Writer::Go => {
            let raw = input(choices);
            let entry = entry(choices, &raw);
            let spelling = match writer {
                Writer::Ours => InputSpelling::Safe,
                _ => InputSpelling::Kept,
            };
            encode_as(&entry, spelling, &mut line).expect("the offset is below a day");
        }
        Writer::Other => other_line(choices, &mut line),
    }
    line
}

/// Returns the canonical line of a line that decodes. The canonical line is empty when the offset
/// from UTC is too large for RFC 3339.
pub fn canonical(line: &[u8]) -> Option<Vec<u8>> {
    let entry = skill_log::decode(line).ok()?;
    let mut canonical = Vec::new();
    encode(&entry, &mut canonical).unwrap_or(());
    Some(canonical)
}

fn entry<'a>(choices: &mut Choices<'_>, input: &'a [u8]) -> Entry<'a> {
    let nanosecond = choices.of(&[0, 5, 120_000_000]);
    Entry {
        session_id: text(choices),
        timestamp: Timestamp {
            year: 2026,
            month: 1,
            day: 2,
            hour: 3,
            minute: 4,
            second: 5,
            nanosecond,
            offset: choices.of(&[0, 60, -1439]),
        },
        skill: text(choices),
        phase: text(choices),
        project_root: text(choices),
        input: (!input.is_empty()).then(|| RawJson::new(input).expect("a value is JSON")),
        attempts: (0..choices.of(&[0, 0, 1, 2]))
            .map(|attempt| Attempt {
                attempt,
                model: text(choices),
                output_summary: text(choices),
                runner_output: text(choices),
                verified: choices.is(128),
            })
            .collect(),
        final_status: text(choices),
        file_path: text(choices),
        model_used: text(choices),
        duration_ms: choices.of(&[0, 7, -12, i64::MAX]),
        message: text(choices),
    }
}

/// Returns the value of `input`, or no bytes for none.
fn input(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    match choices.below(4) {
        0 => {}
        1 => lookalike(choices, 0, &mut out),
        _ => value(choices, 0, &mut out),
    }
    out
}

/// Texts that hold what the reader looks for in a damaged line.
const TEXTS: [&str; 16] = [
    "",
    "a",
    "ok",
    "a text of some length, as people write",
    "{",
    "}",
    "\"",
    "\\",
    "{\"session_id\":\"",
    "{\"session_id\":\"q\",\"timestamp\":\"2026-01-02T03:04:05Z\",\"skill\":\"q\",\"final_status\":\"q\"}",
    "\",\"final_status\":\"",
    "\0",
    "\u{1f}\n\r\u{2028}<&>",
    "é漢😀",
    "],[{}]",
    "\",\"input\":",
];

fn text(choices: &mut Choices<'_>) -> Cow<'static, str> {
    if choices.is(64) {
        return Cow::Owned([choices.of(&TEXTS), choices.of(&TEXTS)].concat());
    }
    Cow::Borrowed(choices.of(&TEXTS))
}

fn string(text: &str, out: &mut Vec<u8>) {
    serde_json::to_writer(out, text).expect("a text is written to memory");
}

fn blanks(choices: &mut Choices<'_>, out: &mut Vec<u8>) {
    let blanks: &[u8] = choices.of(&[&b""[..], b"", b"", b" ", b"  ", b"\t", b"\r"]);
    out.extend_from_slice(blanks);
}

/// Spellings of the first key. An entry starts with the first spelling alone.
const KEYS: [&str; 6] = [
    "session_id",
    "session_id",
    "session\\u005fid",
    "SESSION_ID",
    "\u{17f}ession_id",
    "session_id ",
];

/// Writes a JSON value that holds objects which look like entries.
fn value(choices: &mut Choices<'_>, depth: usize, out: &mut Vec<u8>) {
    let kinds = if depth > 3 { 3 } else { 8 };
    match choices.below(kinds) {
        0 => out.extend_from_slice(choices.of(&[
            &b"null"[..],
            b"true",
            b"-1.5e+10",
            b"{}",
            b"[]",
            b"0",
        ])),
        1 | 2 => string(&text(choices), out),
        3 | 4 => {
            out.push(b'[');
            for index in 0..choices.below(4) {
                if index > 0 {
                    out.push(b',');
                }
                blanks(choices, out);
                value(choices, depth + 1, out);
                blanks(choices, out);
            }
            out.push(b']');
        }
        5 => {
            out.push(b'{');
            for index in 0..choices.below(4) {
                if index > 0 {
                    out.push(b',');
                }
                blanks(choices, out);
                let key = if choices.is(64) {
                    choices.of(&TEXTS)
                } else {
                    choices.of(&KEYS[..1])
                };
                string(key, out);
                out.push(b':');
                blanks(choices, out);
                value(choices, depth + 1, out);
                blanks(choices, out);
            }
            out.push(b'}');
        }
        _ => lookalike(choices, depth, out),
    }
}

/// Writes an object that has, for the most part, all members of an entry.
fn lookalike(choices: &mut Choices<'_>, depth: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"");
    out.extend_from_slice(choices.of(&KEYS).as_bytes());
    out.extend_from_slice(b"\":\"n");
    let last = if choices.is(16) { 3 } else { 4 };
    let members = [
        "\"",
        ",\"timestamp\":\"2026-01-02T03:04:05Z\"",
        ",\"skill\":\"n\"",
        ",\"final_status\":\"ok\"",
    ];
    let rest_at = choices.below(4);
    for (index, member) in members[..last].iter().enumerate() {
        out.extend_from_slice(member.as_bytes());
        if index == rest_at && choices.is(128) {
            let key = choices.of(&[",\"input\":", ",\"x\":", ",\"attempts\":"]);
            out.extend_from_slice(key.as_bytes());
            if key.contains("attempts") {
                attempts(choices, depth + 1, out);
            } else {
                value(choices, depth + 1, out);
            }
        }
    }
    if choices.is(32) {
        out.extend_from_slice(b",\"session_id\":\"again\"");
    }
    blanks(choices, out);
    out.push(b'}');
}

/// Writes attempts with members that the format does not know.
fn attempts(choices: &mut Choices<'_>, depth: usize, out: &mut Vec<u8>) {
    out.push(b'[');
    for index in 0..choices.below(3) {
        if index > 0 {
            out.push(b',');
        }
        blanks(choices, out);
        if depth < 4 && choices.is(128) {
            lookalike(choices, depth, out);
        } else {
            out.extend_from_slice(b"{\"attempt\":1,\"model\":\"m\",\"x\":");
            value(choices, depth.max(3), out);
            out.extend_from_slice(b",\"verified\":true}");
        }
        blanks(choices, out);
    }
    out.push(b']');
}

/// Writes a line that decodes but is spelled in an unusual way.
fn other_line(choices: &mut Choices<'_>, out: &mut Vec<u8>) {
    const MEMBERS: [&str; 6] = [
        "\"timestamp\":\"2026-01-02T03:04:05Z\"",
        "\"skill\":\"f\"",
        "\"final_status\":\"ok\"",
        "\"duration_ms\":12",
        "\"Message\":\"m\"",
        "\"session_id\":\"f\"",
    ];
    let mut left = MEMBERS.to_vec();
    if choices.is(32) {
        blanks(choices, out);
    }
    out.push(b'{');
    if !choices.is(64) {
        out.extend_from_slice(b"\"session_id\":\"f\"");
        left.pop();
    } else {
        out.extend_from_slice(b"\"y\":[ ]");
    }
    for _ in 0..2 + choices.below(6) {
        blanks(choices, out);
        out.push(b',');
        blanks(choices, out);
        match choices.below(5) {
            0 => {
                out.extend_from_slice(b"\"attempts\" :");
                attempts(choices, 0, out);
            }
            kind @ 1..3 => {
                out.extend_from_slice(if kind == 1 {
                    b"\"input\":"
                } else {
                    b"\"x\" : "
                });
                value(choices, 0, out);
            }
            _ if left.is_empty() => out.extend_from_slice(b"\"skill\":\"again\""),
            _ => {
                let member = left.remove(choices.below(left.len()));
                out.extend_from_slice(member.as_bytes());
            }
        }
    }
    blanks(choices, out);
    out.push(b'}');
    if choices.is(32) {
        blanks(choices, out);
    }
}
