//! One entry → one line: the bytes that the Go original writes.

mod safe_spelling;

use crate::byte_class::{self, Class};
use crate::entry::{Attempt, Entry};
use crate::error::{Error, ErrorKind};
use crate::json;
use crate::json::RawJson;

/// How `input` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputSpelling {
    /// As it was, without blanks outside its strings, and with Go's escapes.
    Kept,
    /// As `Kept`, but a first key `session_id` of an object is written `session\u005fid`. So no
    /// object in `input` can be taken for an entry when the line is damaged. A lone surrogate
    /// becomes U+FFFD, because many JSON parsers refuse it.
    Safe,
}

/// Appends the canonical line of an entry to `out`, without a line end.
///
/// Leaves out optional members that are empty or 0. Escapes `<`, `>`, `&`, U+2028 and U+2029.
/// Writes `input` with [`InputSpelling::Kept`].
///
/// # Errors
///
/// Occurs when the timestamp's offset from UTC is 24 hours or more, which
/// [`decode`](crate::decode()) accepts but RFC 3339 does not. Nothing is appended then.
pub fn encode(entry: &Entry<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
    encode_as(entry, InputSpelling::Kept, out)
}

/// Appends the canonical line of an entry as [`encode`] does, with `input` in the given spelling.
///
/// # Errors
///
/// As for [`encode`].
pub fn encode_as(
    entry: &Entry<'_>,
    spelling: InputSpelling,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    if !entry.timestamp.is_encodable() {
        return Err(Error::new(0, ErrorKind::UnencodableTimestamp));
    }
    write(entry, spelling, out);
    Ok(())
}

fn write(entry: &Entry<'_>, spelling: InputSpelling, out: &mut Vec<u8>) {
    out.reserve(512);
    out.extend_from_slice(b"{\"session_id\":\"");
    string(&entry.session_id, out);
    out.extend_from_slice(b",\"timestamp\":\"");
    entry.timestamp.write(out);
    out.extend_from_slice(b"\",\"skill\":\"");
    string(&entry.skill, out);
    optional(b",\"phase\":\"", &entry.phase, out);
    optional(b",\"project_root\":\"", &entry.project_root, out);
    if let Some(raw) = &entry.input {
        out.extend_from_slice(b",\"input\":");
        input(raw, spelling, out);
    }
    for (index, each) in entry.attempts.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b",\"attempts\":[" } else { b"," });
        attempt(each, out);
    }
    if !entry.attempts.is_empty() {
        out.push(b']');
    }
    out.extend_from_slice(b",\"final_status\":\"");
    string(&entry.final_status, out);
    optional(b",\"file_path\":\"", &entry.file_path, out);
    optional(b",\"model_used\":\"", &entry.model_used, out);
    if entry.duration_ms != 0 {
        out.extend_from_slice(b",\"duration_ms\":");
        integer(entry.duration_ms, out);
    }
    optional(b",\"message\":\"", &entry.message, out);
    out.push(b'}');
}

fn attempt(attempt: &Attempt<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"attempt\":");
    integer(attempt.attempt, out);
    out.extend_from_slice(b",\"model\":\"");
    string(&attempt.model, out);
    optional(b",\"output_summary\":\"", &attempt.output_summary, out);
    optional(b",\"runner_output\":\"", &attempt.runner_output, out);
    out.extend_from_slice(if attempt.verified {
        b",\"verified\":true}"
    } else {
        b",\"verified\":false}"
    });
}

/// Appends a member, unless its text is empty.
#[inline]
fn optional(key: &[u8], text: &str, out: &mut Vec<u8>) {
    if !text.is_empty() {
        out.extend_from_slice(key);
        string(text, out);
    }
}

fn integer(number: i64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = number.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends a text and its closing quote. The opening quote was appended with the key.
fn string(text: &str, out: &mut Vec<u8>) {
    escape(text.as_bytes(), out, &byte_class::GO_STRING);
    out.push(b'"');
}

/// Appends a JSON value as Go's `json.Compact` does: escapes stay as they are.
fn input(raw: &RawJson<'_>, spelling: InputSpelling, out: &mut Vec<u8>) {
    let mut bytes = raw.as_bytes();
    let mut compact = Vec::new();
    if raw.has_blanks {
        without_blanks(bytes, &mut compact);
        bytes = &compact;
    }
    match spelling {
        InputSpelling::Safe if byte_class::may_be_unsafe(bytes) => safe_spelling::write(bytes, out),
        InputSpelling::Kept | InputSpelling::Safe => escape(bytes, out, &byte_class::GO_JSON),
    }
}

/// Appends a JSON value, without the blanks outside its strings.
fn without_blanks(value: &[u8], out: &mut Vec<u8>) {
    let mut in_string = false;
    let mut is_escaped = false;
    out.reserve(value.len());
    for &byte in value {
        if in_string || !json::is_blank(byte) {
            out.push(byte);
        }
        in_string ^= byte == b'"' && !is_escaped;
        is_escaped = in_string && byte == b'\\' && !is_escaped;
    }
}

/// Appends bytes. A byte of the class `escaped` is appended as its escape.
#[inline(always)]
fn escape<const N: usize, const CONTROLS: bool>(
    bytes: &[u8],
    out: &mut Vec<u8>,
    escaped: &Class<N, CONTROLS>,
) {
    let mut at = 0;
    loop {
        at += escaped.copy_until(&bytes[at..], out);
        if at == bytes.len() {
            return;
        }
        at += escape_first(&bytes[at..], out);
    }
}

/// Appends the escape of the first character, or its first byte where it needs no escape. Returns
/// how many bytes were taken.
fn escape_first(bytes: &[u8], out: &mut Vec<u8>) -> usize {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match *bytes {
        [0xe2, 0x80, last @ (0xa8 | 0xa9), ..] => {
            out.extend_from_slice(b"\\u202");
            out.push(HEX[usize::from(last & 0xf)]);
            return 3;
        }
        [0xe2, ..] => out.push(0xe2),
        [b'"', ..] => out.extend_from_slice(b"\\\""),
        [b'\\', ..] => out.extend_from_slice(b"\\\\"),
        [0x08, ..] => out.extend_from_slice(b"\\b"),
        [0x0c, ..] => out.extend_from_slice(b"\\f"),
        [b'\n', ..] => out.extend_from_slice(b"\\n"),
        [b'\r', ..] => out.extend_from_slice(b"\\r"),
        [b'\t', ..] => out.extend_from_slice(b"\\t"),
        [byte, ..] => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 0xf)]);
        }
        [] => return 0,
    }
    1
}
