//! One entry → one line: the bytes that the Go original writes.

pub mod portable;
mod safe_spelling;

use crate::byte_class::{self, Class, GO_STRING};
use crate::entry::{Attempt, Entry};
use crate::error::{Error, ErrorKind};
use crate::json::{self, RawJson, characters, raw_string};
use crate::timestamp::Timestamp;

/// How `input` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputSpelling {
    /// As it was, without blanks outside its strings, and with Go's escapes.
    Kept,
    /// As `Kept`, but a first key `session_id` of an object is written `session\u005fid`. So no
    /// object in `input` can be taken for an entry when the line is damaged. A lone surrogate
    /// becomes U+FFFD, because many JSON parsers refuse it.
    Safe,
    /// As `Kept`, but U+FFFD replaces lone surrogates, and bytes that are not UTF-8.
    WellFormed,
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
    let attempt = |index| entry.attempts.get(index).map(AttemptMembers::from);
    Line::new(out, false, spelling).write(&entry.into(), &attempt);
    Ok(())
}

/// The members of an entry without its attempts. Texts stand in the order of the format.
struct Members<'a> {
    texts: [&'a [u8]; 8],
    timestamp: Timestamp,
    input: Option<RawJson<'a>>,
    duration_ms: i64,
}

/// The members of an attempt. Texts stand in the order of the format.
struct AttemptMembers<'a> {
    attempt: i64,
    texts: [&'a [u8]; 3],
    verified: bool,
}

impl<'a> From<&'a Entry<'_>> for Members<'a> {
    fn from(entry: &'a Entry<'_>) -> Self {
        Self {
            texts: [
                &entry.session_id,
                &entry.skill,
                &entry.phase,
                &entry.project_root,
                &entry.final_status,
                &entry.file_path,
                &entry.model_used,
                &entry.message,
            ]
            .map(|text| text.as_bytes()),
            timestamp: entry.timestamp,
            input: entry.input,
            duration_ms: entry.duration_ms,
        }
    }
}

impl<'a> From<&'a Attempt<'_>> for AttemptMembers<'a> {
    fn from(attempt: &'a Attempt<'_>) -> Self {
        Self {
            attempt: attempt.attempt,
            texts: [
                attempt.model.as_bytes(),
                attempt.output_summary.as_bytes(),
                attempt.runner_output.as_bytes(),
            ],
            verified: attempt.verified,
        }
    }
}

/// A line that is being written.
struct Line<'o> {
    out: &'o mut Vec<u8>,
    /// Whether texts are spelled as in JSON, with escapes. Otherwise they are decoded.
    is_spelled: bool,
    spelling: InputSpelling,
    /// Whether `input` was not UTF-8.
    had_invalid_utf8: bool,
    /// Whether `input` had lone surrogates.
    had_lone_surrogates: bool,
}

impl<'o> Line<'o> {
    fn new(out: &'o mut Vec<u8>, is_spelled: bool, spelling: InputSpelling) -> Self {
        Self {
            out,
            is_spelled,
            spelling,
            had_invalid_utf8: false,
            had_lone_surrogates: false,
        }
    }

    /// Appends an entry. `attempt` returns the attempt of a number, counted from 0.
    fn write<'a>(
        &mut self,
        members: &Members<'_>,
        attempt: &dyn Fn(usize) -> Option<AttemptMembers<'a>>,
    ) {
        let [
            session_id,
            skill,
            phase,
            project_root,
            final_status,
            file_path,
            model_used,
            message,
        ] = members.texts;
        self.out.reserve(512);
        self.text("{\"session_id\":\"", session_id);
        self.key(",\"timestamp\":\"");
        members.timestamp.write(self.out);
        self.text("\",\"skill\":\"", skill);
        self.optional(",\"phase\":\"", phase);
        self.optional(",\"project_root\":\"", project_root);
        if let Some(raw) = &members.input {
            self.key(",\"input\":");
            self.input(raw);
        }
        let mut count = 0;
        while let Some(attempt) = attempt(count) {
            let [model, output_summary, runner_output] = attempt.texts;
            let start = if count == 0 {
                ",\"attempts\":[{\"attempt\":"
            } else {
                ",{\"attempt\":"
            };
            self.integer(start, attempt.attempt);
            self.text(",\"model\":\"", model);
            self.optional(",\"output_summary\":\"", output_summary);
            self.optional(",\"runner_output\":\"", runner_output);
            self.key(if attempt.verified {
                ",\"verified\":true}"
            } else {
                ",\"verified\":false}"
            });
            count += 1;
        }
        if count > 0 {
            self.out.push(b']');
        }
        self.text(",\"final_status\":\"", final_status);
        self.optional(",\"file_path\":\"", file_path);
        self.optional(",\"model_used\":\"", model_used);
        if members.duration_ms != 0 {
            self.integer(",\"duration_ms\":", members.duration_ms);
        }
        self.optional(",\"message\":\"", message);
        self.out.push(b'}');
    }

    /// Appends the bytes before a value.
    #[inline(never)]
    fn key(&mut self, key: &str) {
        self.out.extend_from_slice(key.as_bytes());
    }

    /// Appends a member, unless its text is empty.
    fn optional(&mut self, key: &str, text: &[u8]) {
        if !text.is_empty() {
            self.text(key, text);
        }
    }

    /// Appends a key with an opening quote, a text and its closing quote.
    #[inline(never)]
    fn text(&mut self, key: &str, text: &[u8]) {
        self.key(key);
        let mut text = text;
        let mut valid = Vec::new();
        if self.is_spelled && !is_utf8(text) {
            raw_string::push_lossy(&mut valid, text);
            text = &valid;
        }
        let mut at = 0;
        loop {
            at += GO_STRING.copy_until(&text[at..], self.out);
            let rest = &text[at..];
            at += match rest {
                [] => break,
                // A spelled text has none but escaped quotes and control characters.
                [b'\\', ..] if self.is_spelled => respell(rest, self.out),
                _ => escape_first(rest, self.out),
            };
        }
        self.out.push(b'"');
    }

    /// Appends a JSON value as Go's `json.Compact` does: escapes stay as they are.
    fn input(&mut self, raw: &RawJson<'_>) {
        let mut bytes = raw.as_bytes();
        let mut compact = Vec::new();
        if raw.has_blanks {
            without_blanks(bytes, &mut compact);
            bytes = &compact;
        }
        let lossy;
        if self.spelling == InputSpelling::WellFormed && !is_utf8(bytes) {
            self.had_invalid_utf8 = true;
            lossy = String::from_utf8_lossy(bytes);
            bytes = lossy.as_bytes();
        }
        if self.spelling == InputSpelling::Kept || !byte_class::may_be_unsafe(bytes) {
            escape(bytes, self.out, &byte_class::GO_JSON);
        } else {
            let respells_keys = self.spelling == InputSpelling::Safe;
            self.had_lone_surrogates = safe_spelling::write(bytes, respells_keys, self.out);
        }
    }

    #[inline(never)]
    fn integer(&mut self, key: &str, number: i64) {
        self.key(key);
        integer(number, self.out);
    }
}

fn is_utf8(bytes: &[u8]) -> bool {
    byte_class::is_ascii(bytes) || std::str::from_utf8(bytes).is_ok()
}

/// Appends the canonical spelling of the escape that a text starts with. Returns how many bytes
/// were taken.
fn respell(spelled: &[u8], out: &mut Vec<u8>) -> usize {
    if let [
        _,
        letter @ (b'n' | b'"' | b'\\' | b't' | b'r' | b'b' | b'f'),
        ..,
    ] = *spelled
    {
        out.extend_from_slice(&[b'\\', letter]);
        return 2;
    }
    // The escape is whole, because the grammar was checked.
    let Some((char, end)) = characters::read_escape(spelled, 0) else {
        return spelled.len();
    };
    let mut utf8 = [0; 4];
    let char = char.unwrap_or(char::REPLACEMENT_CHARACTER);
    let utf8 = char.encode_utf8(&mut utf8).as_bytes();
    let taken = if GO_STRING.contains(utf8[0]) {
        escape_first(utf8, out)
    } else {
        0
    };
    out.extend_from_slice(&utf8[taken..]);
    end
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
// Not inlined, because copies would make the wasm larger and nothing faster.
#[inline(never)]
fn escape_first(bytes: &[u8], out: &mut Vec<u8>) -> usize {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let (code, taken) = match *bytes {
        [0xe2, 0x80, last @ (0xa8 | 0xa9), ..] => (0x2020 | u16::from(last & 0xf), 3),
        [byte, ..] => (u16::from(byte), 1),
        [] => return 0,
    };
    let letter = match code {
        0xe2 => {
            out.push(0xe2);
            return 1;
        }
        0x08 => b'b',
        0x0c => b'f',
        0x0a => b'n',
        0x0d => b'r',
        0x09 => b't',
        0x22 => b'"',
        0x5c => b'\\',
        _ => {
            let digit = |shift: u16| HEX[usize::from(code >> shift & 0xf)];
            out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
            return taken;
        }
    };
    out.extend_from_slice(&[b'\\', letter]);
    taken
}
