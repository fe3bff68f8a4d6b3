//! One line → one entry, exactly as leniently as Go's `json.Unmarshal` into the original's struct.
//!
//! What that means, beyond JSON's grammar:
//!
//! - Keys match when they are equal but for ASCII case, with `ſ` for `s` and `K` (the Kelvin sign)
//!   for `k`; unknown keys are skipped.
//! - A key given again replaces a value, but `attempts` are merged element by element.
//! - `null` leaves a field as it is, but clears `attempts`, and is a value of `input`.
//! - A whole number must be spelled as one: `1.0` and `1e3` are of another type.
//! - The timestamp is read from the string as it is spelled: an escape in it is an error.

use std::borrow::Cow;

use crate::entry::{Attempt, Entry};
use crate::error::{Error, ErrorKind};
pub use crate::json::MAX_DEPTH;
use crate::json::{Cursor, RawString};
use crate::timestamp::Timestamp;

/// Decodes a line, without its line end or with it.
///
/// Text without escapes is borrowed from the line; nothing else is kept of it.
///
/// # Errors
///
/// Occurs exactly when Go's `json.Unmarshal` fails. [`Error::offset`] is the first byte that could
/// not stand where it does, and [`Error::is_incomplete`] tells that none is wrong but some are
/// missing.
pub fn decode(line: &[u8]) -> Result<Entry<'_>, Error> {
    decode_line(line).map(|prefix| prefix.entry)
}

/// Decodes a line that holds an entry and nothing else.
pub(crate) fn decode_line(line: &[u8]) -> Result<Prefix<'_>, Error> {
    let prefix = decode_prefix(line)?;
    match line.get(prefix.end) {
        None => Ok(prefix),
        Some(&found) => Err(Error::new(
            prefix.end,
            ErrorKind::UnexpectedByte {
                found,
                expected: "the end of the line",
            },
        )),
    }
}

/// An entry at the start of a text, and where it ends there.
pub(crate) struct Prefix<'a> {
    pub entry: Entry<'a>,
    /// Whether `timestamp`, `skill` and `final_status` were given and not null.
    pub has_required: bool,
    /// Whether any JSON parser makes the same entry of the text: each member that the canonical line
    /// has is there once, in its place and under its own name, and none besides; and no text has what
    /// Go would make U+FFFD of. Integers may be too large for JavaScript all the same.
    pub is_plain: bool,
    /// Behind the entry and the blanks that follow it.
    pub end: usize,
}

/// Decodes the entry that `text` starts with, whatever follows it.
pub(crate) fn decode_prefix(text: &[u8]) -> Result<Prefix<'_>, Error> {
    let mut cursor = Cursor::new(text);
    let mut fields = Fields::default();
    match cursor.peek() {
        Some(b'n') => null(&mut cursor)?,
        Some(b'{') => object(&mut cursor, &mut fields, Fields::field, REQUIRED)?,
        _ => return wrong(&mut cursor, "an entry", "an object"),
    }
    cursor.peek();
    let mut entry = fields.entry;
    entry.attempts.truncate(fields.attempts);
    Ok(Prefix {
        entry,
        has_required: fields.has_timestamp && fields.has_skill && fields.has_final_status,
        is_plain: cursor.is_plain,
        end: cursor.at(),
    })
}

/// A member of the format, by its place among the members of a canonical line: one bit.
type Member = u16;

/// Reads the value of a key that the format knows into a target; none where it does not know the key.
type ReadMember<'a, T> = fn(&mut T, &mut Cursor<'a>, &[u8]) -> Result<Option<Member>, Error>;

/// The members that every canonical entry has.
const REQUIRED: Member = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 7;
/// The members that every canonical attempt has.
const REQUIRED_OF_ATTEMPT: Member = 1 << 0 | 1 << 1 | 1 << 4;

/// What has been read of an entry.
#[derive(Default)]
struct Fields<'a> {
    /// `attempts` may hold more than the entry has: Go's slice keeps the elements that a shorter
    /// array given again leaves behind, and a longer one given after that finds them there.
    entry: Entry<'a>,
    attempts: usize,
    has_timestamp: bool,
    has_skill: bool,
    has_final_status: bool,
}

impl<'a> Fields<'a> {
    fn field(&mut self, cursor: &mut Cursor<'a>, key: &[u8]) -> Result<Option<Member>, Error> {
        let entry = &mut self.entry;
        Ok(Some(match key {
            b"session_id" => {
                text(cursor, "session_id", &mut entry.session_id)?;
                1 << 0
            }
            b"timestamp" => {
                if let Some(timestamp) = timestamp(cursor)? {
                    entry.timestamp = timestamp;
                    self.has_timestamp = true;
                }
                1 << 1
            }
            b"skill" => {
                self.has_skill |= text(cursor, "skill", &mut entry.skill)?;
                1 << 2
            }
            b"phase" => {
                optional(cursor, "phase", &mut entry.phase)?;
                1 << 3
            }
            b"project_root" => {
                optional(cursor, "project_root", &mut entry.project_root)?;
                1 << 4
            }
            b"input" => {
                let input = cursor.value()?;
                cursor.is_plain &= std::str::from_utf8(input.as_bytes()).is_ok();
                entry.input = Some(input);
                1 << 5
            }
            b"attempts" => {
                self.attempts(cursor)?;
                1 << 6
            }
            b"final_status" => {
                self.has_final_status |= text(cursor, "final_status", &mut entry.final_status)?;
                1 << 7
            }
            b"file_path" => {
                optional(cursor, "file_path", &mut entry.file_path)?;
                1 << 8
            }
            b"model_used" => {
                optional(cursor, "model_used", &mut entry.model_used)?;
                1 << 9
            }
            b"duration_ms" => {
                integer(cursor, "duration_ms", &mut entry.duration_ms)?;
                cursor.is_plain &= entry.duration_ms != 0;
                1 << 10
            }
            b"message" => {
                optional(cursor, "message", &mut entry.message)?;
                1 << 11
            }
            _ => return Ok(None),
        }))
    }

    fn attempts(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Error> {
        let attempts = &mut self.entry.attempts;
        match cursor.peek() {
            Some(b'n') => null(cursor)?,
            Some(b'[') => {
                cursor.open()?;
                if !cursor.take(b']') {
                    return self.elements(cursor);
                }
                cursor.close();
                cursor.is_plain = false;
            }
            _ => return wrong(cursor, "attempts", "an array of objects"),
        }
        attempts.clear();
        self.attempts = 0;
        Ok(())
    }

    /// Reads the elements of an array that is open and not empty into those that are there.
    fn elements(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Error> {
        let attempts = &mut self.entry.attempts;
        let mut count = 0;
        loop {
            if count == attempts.len() {
                attempts.push(Attempt::default());
            }
            match cursor.peek() {
                Some(b'n') => null(cursor)?,
                Some(b'{') => {
                    let attempt = &mut attempts[count];
                    object(cursor, attempt, attempt_field, REQUIRED_OF_ATTEMPT)?;
                }
                _ => return wrong(cursor, "attempts", "an array of objects"),
            }
            count += 1;
            if cursor.take(b']') {
                cursor.close();
                self.attempts = count;
                return Ok(());
            }
            if !cursor.take(b',') {
                return cursor.unexpected("',' or ']'");
            }
        }
    }
}

fn attempt_field<'a>(
    attempt: &mut Attempt<'a>,
    cursor: &mut Cursor<'a>,
    key: &[u8],
) -> Result<Option<Member>, Error> {
    Ok(Some(match key {
        b"attempt" => {
            integer(cursor, "attempts.attempt", &mut attempt.attempt)?;
            1 << 0
        }
        b"model" => {
            text(cursor, "attempts.model", &mut attempt.model)?;
            1 << 1
        }
        b"output_summary" => {
            let summary = &mut attempt.output_summary;
            optional(cursor, "attempts.output_summary", summary)?;
            1 << 2
        }
        b"runner_output" => {
            optional(cursor, "attempts.runner_output", &mut attempt.runner_output)?;
            1 << 3
        }
        b"verified" => {
            boolean(cursor, "attempts.verified", &mut attempt.verified)?;
            1 << 4
        }
        _ => return Ok(None),
    }))
}

/// Reads an object's members into `target`. `required` are those without which it is not plain.
fn object<'a, T>(
    cursor: &mut Cursor<'a>,
    target: &mut T,
    field: ReadMember<'a, T>,
    required: Member,
) -> Result<(), Error> {
    let mut seen = 0;
    cursor.open()?;
    if !cursor.take(b'}') {
        loop {
            let key = cursor.key()?;
            match field(target, cursor, key.bytes)? {
                Some(member) => {
                    // Neither seen before nor in another order than the canonical one.
                    cursor.is_plain &= seen < member;
                    seen |= member;
                }
                None => {
                    cursor.is_plain = false;
                    let known = match fold(key) {
                        Some(folded) => field(target, cursor, folded.as_bytes())?.is_some(),
                        None => false,
                    };
                    if !known {
                        cursor.value()?;
                    }
                }
            }
            if cursor.take(b'}') {
                break;
            }
            if !cursor.take(b',') {
                return cursor.unexpected("',' or '}'");
            }
        }
    }
    cursor.close();
    cursor.is_plain &= seen & required == required;
    Ok(())
}

/// Gives a key as the format spells it, if it could be one of the format's that is spelled otherwise.
fn fold(key: RawString<'_>) -> Option<String> {
    // No key of the format is longer, and six bytes (\u0073) are the most that one letter can take.
    if key.bytes.len() > 6 * "output_summary".len() {
        return None;
    }
    Some(
        key.decode(&mut true)
            .chars()
            .map(|char| match char {
                'ſ' => 's',
                '\u{212a}' => 'k',
                _ => char.to_ascii_lowercase(),
            })
            .collect(),
    )
}

/// Says that the value here is of the wrong type, or that there is none.
fn wrong<T>(
    cursor: &mut Cursor<'_>,
    field: &'static str,
    expected: &'static str,
) -> Result<T, Error> {
    match cursor.peek() {
        Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
            cursor.error(ErrorKind::WrongType { field, expected })
        }
        _ => cursor.unexpected("a value"),
    }
}

/// Reads a string into `slot`; `null` leaves it. Tells whether it was a string.
fn text<'a>(
    cursor: &mut Cursor<'a>,
    field: &'static str,
    slot: &mut Cow<'a, str>,
) -> Result<bool, Error> {
    match cursor.peek() {
        Some(b'"') => {
            *slot = cursor.string()?.decode(&mut cursor.is_plain);
            Ok(true)
        }
        Some(b'n') => null(cursor).map(|()| false),
        _ => wrong(cursor, field, "a string"),
    }
}

/// Reads a string that is left out where it is empty.
fn optional<'a>(
    cursor: &mut Cursor<'a>,
    field: &'static str,
    slot: &mut Cow<'a, str>,
) -> Result<(), Error> {
    text(cursor, field, slot)?;
    cursor.is_plain &= !slot.is_empty();
    Ok(())
}

fn null(cursor: &mut Cursor<'_>) -> Result<(), Error> {
    cursor.is_plain = false;
    cursor.literal("null")
}

fn integer(cursor: &mut Cursor<'_>, field: &'static str, slot: &mut i64) -> Result<(), Error> {
    match cursor.peek() {
        Some(first @ (b'-' | b'0'..=b'9')) => {
            *slot = cursor.integer(field)?;
            // To JavaScript, -0 is another number than 0.
            cursor.is_plain &= *slot != 0 || first != b'-';
            Ok(())
        }
        Some(b'n') => null(cursor),
        _ => wrong(cursor, field, "a whole number"),
    }
}

fn boolean(cursor: &mut Cursor<'_>, field: &'static str, slot: &mut bool) -> Result<(), Error> {
    match cursor.peek() {
        Some(b't') => {
            cursor.literal("true")?;
            *slot = true;
            Ok(())
        }
        Some(b'f') => {
            cursor.literal("false")?;
            *slot = false;
            Ok(())
        }
        Some(b'n') => null(cursor),
        _ => wrong(cursor, field, "true or false"),
    }
}

/// Reads a timestamp from the bytes of a string as they are spelled.
fn timestamp(cursor: &mut Cursor<'_>) -> Result<Option<Timestamp>, Error> {
    match cursor.peek() {
        Some(b'"') => {}
        Some(b'n') => return null(cursor).map(|()| None),
        _ => return wrong(cursor, "timestamp", "a string"),
    }
    let start = cursor.at() + 1;
    let invalid = |valid_prefix| Error::new(start + valid_prefix, ErrorKind::InvalidTimestamp);
    match cursor.string() {
        Ok(raw) => match Timestamp::parse(raw.bytes) {
            Ok(timestamp) => {
                let mut canonical = Vec::with_capacity(35);
                timestamp.write(&mut canonical);
                cursor.is_plain &= canonical == raw.bytes;
                Ok(Some(timestamp))
            }
            Err(error) => Err(invalid(error.valid_prefix)),
        },
        // The string does not end as it should: perhaps it went wrong before that.
        Err(error) => match Timestamp::parse(cursor.since(start)) {
            Err(earlier) if start + earlier.valid_prefix < error.offset => {
                Err(invalid(earlier.valid_prefix))
            }
            _ => Err(error),
        },
    }
}
