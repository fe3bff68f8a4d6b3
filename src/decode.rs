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
    let prefix = decode_prefix(line)?;
    match line.get(prefix.end) {
        None => Ok(prefix.entry),
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
    /// Behind the entry and the blanks that follow it.
    pub end: usize,
}

/// Decodes the entry that `text` starts with, whatever follows it.
pub(crate) fn decode_prefix(text: &[u8]) -> Result<Prefix<'_>, Error> {
    let mut cursor = Cursor::new(text);
    let mut fields = Fields::default();
    match cursor.peek() {
        Some(b'n') => cursor.literal("null")?,
        Some(b'{') => object(&mut cursor, &mut fields, Fields::field)?,
        _ => return wrong(&mut cursor, "an entry", "an object"),
    }
    cursor.peek();
    let mut entry = fields.entry;
    entry.attempts.truncate(fields.attempts);
    Ok(Prefix {
        entry,
        has_required: fields.has_timestamp && fields.has_skill && fields.has_final_status,
        end: cursor.at(),
    })
}

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
    fn field(&mut self, cursor: &mut Cursor<'a>, key: &[u8]) -> Result<bool, Error> {
        let entry = &mut self.entry;
        match key {
            b"session_id" => text(cursor, "session_id", &mut entry.session_id)?,
            b"timestamp" => {
                if let Some(timestamp) = timestamp(cursor)? {
                    entry.timestamp = timestamp;
                    self.has_timestamp = true;
                }
                true
            }
            b"skill" => {
                self.has_skill |= text(cursor, "skill", &mut entry.skill)?;
                true
            }
            b"phase" => text(cursor, "phase", &mut entry.phase)?,
            b"project_root" => text(cursor, "project_root", &mut entry.project_root)?,
            b"input" => {
                entry.input = Some(cursor.value()?);
                true
            }
            b"attempts" => {
                self.attempts(cursor)?;
                true
            }
            b"final_status" => {
                self.has_final_status |= text(cursor, "final_status", &mut entry.final_status)?;
                true
            }
            b"file_path" => text(cursor, "file_path", &mut entry.file_path)?,
            b"model_used" => text(cursor, "model_used", &mut entry.model_used)?,
            b"duration_ms" => integer(cursor, "duration_ms", &mut entry.duration_ms)?,
            b"message" => text(cursor, "message", &mut entry.message)?,
            _ => return Ok(false),
        };
        Ok(true)
    }

    fn attempts(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Error> {
        let attempts = &mut self.entry.attempts;
        match cursor.peek() {
            Some(b'n') => cursor.literal("null")?,
            Some(b'[') => {
                cursor.open()?;
                if !cursor.take(b']') {
                    return self.elements(cursor);
                }
                cursor.close();
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
                Some(b'n') => cursor.literal("null")?,
                Some(b'{') => object(cursor, &mut attempts[count], attempt_field)?,
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
) -> Result<bool, Error> {
    match key {
        b"attempt" => integer(cursor, "attempts.attempt", &mut attempt.attempt)?,
        b"model" => text(cursor, "attempts.model", &mut attempt.model)?,
        b"output_summary" => text(
            cursor,
            "attempts.output_summary",
            &mut attempt.output_summary,
        )?,
        b"runner_output" => text(cursor, "attempts.runner_output", &mut attempt.runner_output)?,
        b"verified" => boolean(cursor, "attempts.verified", &mut attempt.verified)?,
        _ => return Ok(false),
    };
    Ok(true)
}

/// Reads an object's members into `target`: `field` takes the value of a key it knows.
fn object<'a, T>(
    cursor: &mut Cursor<'a>,
    target: &mut T,
    field: fn(&mut T, &mut Cursor<'a>, &[u8]) -> Result<bool, Error>,
) -> Result<(), Error> {
    cursor.open()?;
    if !cursor.take(b'}') {
        loop {
            let key = cursor.key()?;
            let known = field(target, cursor, key.bytes)?
                || match fold(key) {
                    Some(folded) => field(target, cursor, folded.as_bytes())?,
                    None => false,
                };
            if !known {
                cursor.value()?;
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
    Ok(())
}

/// Gives a key as the format spells it, if it could be one of the format's that is spelled otherwise.
fn fold(key: RawString<'_>) -> Option<String> {
    // No key of the format is longer, and six bytes (\u0073) are the most that one letter can take.
    if key.bytes.len() > 6 * "output_summary".len() {
        return None;
    }
    Some(
        key.decode()
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
            *slot = cursor.string()?.decode();
            Ok(true)
        }
        Some(b'n') => cursor.literal("null").map(|()| false),
        _ => wrong(cursor, field, "a string"),
    }
}

fn integer(cursor: &mut Cursor<'_>, field: &'static str, slot: &mut i64) -> Result<bool, Error> {
    match cursor.peek() {
        Some(b'-' | b'0'..=b'9') => {
            *slot = cursor.integer(field)?;
            Ok(true)
        }
        Some(b'n') => cursor.literal("null").map(|()| false),
        _ => wrong(cursor, field, "a whole number"),
    }
}

fn boolean(cursor: &mut Cursor<'_>, field: &'static str, slot: &mut bool) -> Result<bool, Error> {
    match cursor.peek() {
        Some(b't') => {
            cursor.literal("true")?;
            *slot = true;
            Ok(true)
        }
        Some(b'f') => {
            cursor.literal("false")?;
            *slot = false;
            Ok(true)
        }
        Some(b'n') => cursor.literal("null").map(|()| false),
        _ => wrong(cursor, field, "true or false"),
    }
}

/// Reads a timestamp from the bytes of a string as they are spelled.
fn timestamp(cursor: &mut Cursor<'_>) -> Result<Option<Timestamp>, Error> {
    match cursor.peek() {
        Some(b'"') => {}
        Some(b'n') => return cursor.literal("null").map(|()| None),
        _ => return wrong(cursor, "timestamp", "a string"),
    }
    let start = cursor.at() + 1;
    let invalid = |valid_prefix| Error::new(start + valid_prefix, ErrorKind::InvalidTimestamp);
    match cursor.string() {
        Ok(raw) => Timestamp::parse(raw.bytes)
            .map(Some)
            .map_err(|error| invalid(error.valid_prefix)),
        // The string does not end as it should: perhaps it went wrong before that.
        Err(error) => match Timestamp::parse(cursor.since(start)) {
            Err(earlier) if start + earlier.valid_prefix < error.offset => {
                Err(invalid(earlier.valid_prefix))
            }
            _ => Err(error),
        },
    }
}
