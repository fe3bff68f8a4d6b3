//! One line → the members of an entry, as the line spells them: nothing is decoded or copied.
//!
//! [`scan`] accepts the lines that the Go original accepts, and no others. It fails also at an
//! entry with more attempts than [`MAX_ATTEMPTS`], or without memory for them. Beyond JSON's
//! grammar:
//!
//! - A key matches a name of the format in any ASCII case. `ſ` counts as `s`, and `K` (the Kelvin
//!   sign) as `k`. Unknown keys are skipped.
//! - A second value of the same key replaces the first, but `attempts` are merged element by
//!   element.
//! - `null` leaves a member as it is, but clears `attempts`, and is a value of `input`.
//! - A whole number has neither a fraction nor an exponent: `1.0` and `1e3` have the wrong type.
//! - A timestamp with an escape is an error.

use std::collections::TryReserveError;

use crate::error::{Error, ErrorKind};
use crate::json::Cursor;
use crate::json::RawJson;
use crate::json::name::Name;
use crate::json::raw_string::RawString;
use crate::timestamp::Timestamp;

/// An [`Entry`](crate::Entry) with its texts as the line spells them.
#[derive(Clone, Debug, Default)]
pub struct RawEntry<'a> {
    pub(crate) session_id: RawString<'a>,
    pub(crate) timestamp: Timestamp,
    pub(crate) skill: RawString<'a>,
    pub(crate) phase: RawString<'a>,
    pub(crate) project_root: RawString<'a>,
    pub(crate) input: Option<RawJson<'a>>,
    /// Empty where attempts were only counted.
    pub(crate) attempts: Vec<RawAttempt<'a>>,
    pub(crate) attempt_count: usize,
    pub(crate) first_verified: bool,
    pub(crate) last_verified: bool,
    pub(crate) final_status: RawString<'a>,
    pub(crate) file_path: RawString<'a>,
    pub(crate) model_used: RawString<'a>,
    pub(crate) duration_ms: i64,
    pub(crate) message: RawString<'a>,
    /// Which of the [required members](present) the line has, with another value than null.
    pub(crate) present: u8,
}

/// A bit for each required member: every writer of the format writes these.
mod present {
    pub const SESSION_ID: u8 = 1 << 0;
    pub const TIMESTAMP: u8 = 1 << 1;
    pub const SKILL: u8 = 1 << 2;
    pub const FINAL_STATUS: u8 = 1 << 3;
    /// What makes an entry of a damaged line whole. [`START`](crate::damage::piece::START) stands
    /// for `session_id`.
    pub const WHOLE: u8 = TIMESTAMP | SKILL | FINAL_STATUS;
    pub const ALL: u8 = WHOLE | SESSION_ID;
}

impl<'a> RawEntry<'a> {
    /// Returns the texts of the entry and of its attempts, without the timestamp and `input`.
    pub(crate) fn texts(&self) -> impl Iterator<Item = RawString<'a>> + Clone {
        let of_attempt = |attempt: &RawAttempt<'a>| {
            [attempt.model, attempt.output_summary, attempt.runner_output]
        };
        let texts = [
            self.session_id,
            self.skill,
            self.phase,
            self.project_root,
            self.final_status,
            self.file_path,
            self.model_used,
            self.message,
        ];
        texts
            .into_iter()
            .chain(self.attempts.iter().flat_map(of_attempt))
    }

    /// Returns whether the entry lacks `session_id`, `timestamp`, `skill` or `final_status`. Such
    /// JSON was not written by a writer of the format.
    pub fn is_foreign(&self) -> bool {
        self.present != present::ALL
    }
}

/// The most attempts of an entry that [`Attempts::Held`] allows: each takes some 50 bytes. Counting
/// has no limit. `docs/limits.md` lists all limits.
pub const MAX_ATTEMPTS: usize = 1 << 22;

/// Whether a scan holds an entry's attempts or counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempts {
    /// Attempts are held, with their members.
    Held,
    /// Attempts are counted. Each takes one bit.
    Counted,
}

/// An [`Attempt`](crate::Attempt) with its texts as the line spells them.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawAttempt<'a> {
    pub attempt: i64,
    pub model: RawString<'a>,
    pub output_summary: RawString<'a>,
    pub runner_output: RawString<'a>,
    pub verified: bool,
}

/// Scans a line, with or without its line end, that has one entry and nothing else.
///
/// # Errors
///
/// As for [`decode`](crate::decode()).
pub fn scan(line: &[u8], attempts: Attempts) -> Result<RawEntry<'_>, Error> {
    let mut entry = RawEntry::default();
    scan_into(&mut entry, line, attempts)?;
    Ok(entry)
}

/// As [`scan`], into an empty entry: an entry that is returned would be copied.
pub(crate) fn scan_into<'a>(
    entry: &mut RawEntry<'a>,
    line: &'a [u8],
    attempts: Attempts,
) -> Result<(), Error> {
    whole(entry, &mut Cursor::new(line), attempts)
}

/// Scans a line again that had an entry, as [`scan`] does. With `trusts_strings` it does not check the
/// insides of strings, so that an entry which was changed there meanwhile is still an entry.
///
/// # Errors
///
/// Occurs when the line is no entry for any other reason.
pub(crate) fn rescan(line: &[u8], trusts_strings: bool) -> Result<RawEntry<'_>, Error> {
    let mut cursor = if trusts_strings {
        Cursor::trusting(line)
    } else {
        Cursor::new(line)
    };
    let mut entry = RawEntry::default();
    whole(&mut entry, &mut cursor, Attempts::Held)?;
    Ok(entry)
}

/// Scans the entry at a cursor, which nothing may follow.
fn whole<'a>(
    entry: &mut RawEntry<'a>,
    cursor: &mut Cursor<'a>,
    attempts: Attempts,
) -> Result<(), Error> {
    scan_at(entry, cursor, attempts)?;
    match cursor.peek() {
        None => Ok(()),
        Some(_) => cursor.unexpected("the end of the line"),
    }
}

/// An entry at the start of a text.
pub(crate) struct Prefix<'a> {
    pub entry: RawEntry<'a>,
    /// Offset in the text after the entry and the blanks that follow.
    pub end: usize,
}

impl Prefix<'_> {
    /// Returns whether the entry has `timestamp`, `skill` and `final_status`, as every whole entry
    /// of a damaged line has.
    pub fn has_whole_members(&self) -> bool {
        self.entry.present & present::WHOLE == present::WHOLE
    }
}

/// Scans the entry at a cursor at the start of a text, whatever follows.
#[inline(never)]
pub(crate) fn scan_prefix<'a>(
    mut cursor: Cursor<'a>,
    attempts: Attempts,
) -> Result<Prefix<'a>, Error> {
    let mut entry = RawEntry::default();
    scan_at(&mut entry, &mut cursor, attempts)?;
    Ok(Prefix {
        entry,
        end: cursor.at(),
    })
}

/// Scans the entry at a cursor and the blanks that follow into an empty entry, whatever follows.
fn scan_at<'a>(
    entry: &mut RawEntry<'a>,
    cursor: &mut Cursor<'a>,
    attempts: Attempts,
) -> Result<(), Error> {
    // First, because a file may have millions of lines that are no entries.
    let Some(first @ (b'n' | b'{')) = cursor.peek() else {
        return wrong(cursor, "an entry", "an object");
    };
    let mut fields = PartialEntry {
        entry,
        holds_attempts: attempts == Attempts::Held,
        attempt_count: 0,
        verified: Bits::default(),
    };
    if first == b'n' {
        cursor.literal("null")?;
    } else {
        object(cursor, &mut fields)?;
    }
    cursor.peek();
    let PartialEntry {
        attempt_count: count,
        verified,
        ..
    } = fields;
    entry.attempts.truncate(count);
    entry.attempt_count = count;
    if let Some(last) = count.checked_sub(1) {
        entry.first_verified = verified.get(0);
        entry.last_verified = verified.get(last);
    }
    Ok(())
}

/// A member of an entry.
#[derive(Clone, Copy)]
enum Member {
    SessionId,
    Timestamp,
    Skill,
    Phase,
    ProjectRoot,
    Input,
    Attempts,
    FinalStatus,
    FilePath,
    ModelUsed,
    DurationMs,
    Message,
}

/// A member of an attempt.
#[derive(Clone, Copy)]
enum AttemptMember {
    Attempt,
    Model,
    OutputSummary,
    RunnerOutput,
    Verified,
}

/// An object of the format, whose members are being read.
trait Object<'a> {
    type Member: 'static;

    /// The members, in the order in which writers write them.
    const MEMBERS: &'static [Name<Self::Member>];

    /// Reads the value of the member of a name.
    fn member(&mut self, cursor: &mut Cursor<'a>, name: &Name<Self::Member>) -> Result<(), Error>;
}

/// An entry whose members are being read.
struct PartialEntry<'e, 'a> {
    /// Its `attempts` may hold more elements than the entry has, because Go's slice keeps those
    /// that a shorter second array drops. A longer third array is merged into them.
    entry: &'e mut RawEntry<'a>,
    holds_attempts: bool,
    attempt_count: usize,
    /// `verified` of each attempt, also of those that a shorter second array dropped.
    verified: Bits,
}

/// Bits, each by its number.
#[derive(Default)]
struct Bits {
    /// The first 64 bits, apart, because few entries have more attempts.
    first: u64,
    rest: Vec<u64>,
}

impl Bits {
    fn get(&self, bit: usize) -> bool {
        let word = match (bit / 64).checked_sub(1) {
            None => self.first,
            Some(at) => self.rest.get(at).copied().unwrap_or_default(),
        };
        word >> (bit % 64) & 1 == 1
    }

    /// Sets a bit that is at most one after the last that was set.
    fn set(&mut self, bit: usize, is_set: bool) -> Result<(), TryReserveError> {
        let word = match (bit / 64).checked_sub(1) {
            None => &mut self.first,
            Some(at) => {
                if at >= self.rest.len() {
                    self.rest.try_reserve(1)?;
                    self.rest.push(0);
                }
                &mut self.rest[at]
            }
        };
        *word = *word & !(1 << (bit % 64)) | u64::from(is_set) << (bit % 64);
        Ok(())
    }
}

impl<'a> Object<'a> for PartialEntry<'_, 'a> {
    type Member = Member;

    const MEMBERS: &'static [Name<Member>] = &[
        Name::new(Member::SessionId, "session_id"),
        Name::new(Member::Timestamp, "timestamp"),
        Name::new(Member::Skill, "skill"),
        Name::new(Member::Phase, "phase"),
        Name::new(Member::ProjectRoot, "project_root"),
        Name::new(Member::Input, "input"),
        Name::new(Member::Attempts, "attempts"),
        Name::new(Member::FinalStatus, "final_status"),
        Name::new(Member::FilePath, "file_path"),
        Name::new(Member::ModelUsed, "model_used"),
        Name::new(Member::DurationMs, "duration_ms"),
        Name::new(Member::Message, "message"),
    ];

    fn member(&mut self, cursor: &mut Cursor<'a>, name: &Name<Member>) -> Result<(), Error> {
        let field = name.field;
        let entry = &mut *self.entry;
        let (slot, present) = match name.member {
            Member::Timestamp => {
                if let Some(timestamp) = timestamp(cursor)? {
                    entry.timestamp = timestamp;
                    entry.present |= present::TIMESTAMP;
                }
                return Ok(());
            }
            Member::Input => {
                entry.input = Some(cursor.value()?);
                return Ok(());
            }
            Member::Attempts => return self.attempts(cursor),
            Member::DurationMs => return integer(cursor, field, &mut entry.duration_ms),
            Member::SessionId => (&mut entry.session_id, present::SESSION_ID),
            Member::Skill => (&mut entry.skill, present::SKILL),
            Member::Phase => (&mut entry.phase, 0),
            Member::ProjectRoot => (&mut entry.project_root, 0),
            Member::FinalStatus => (&mut entry.final_status, present::FINAL_STATUS),
            Member::FilePath => (&mut entry.file_path, 0),
            Member::ModelUsed => (&mut entry.model_used, 0),
            Member::Message => (&mut entry.message, 0),
        };
        if text(cursor, field, slot)? {
            entry.present |= present;
        }
        Ok(())
    }
}

impl<'a> PartialEntry<'_, 'a> {
    fn attempts(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Error> {
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
        self.entry.attempts.clear();
        self.verified = Bits::default();
        self.attempt_count = 0;
        Ok(())
    }

    /// Reads the elements of an open, non-empty array, and merges each into the attempt of its
    /// number.
    fn elements(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Error> {
        let mut count = 0;
        loop {
            match cursor.peek() {
                Some(b'n' | b'{') => self.element(cursor, count)?,
                _ => return wrong(cursor, "attempts", "an array of objects"),
            }
            count += 1;
            if cursor.take(b']') {
                cursor.close();
                self.attempt_count = count;
                return Ok(());
            }
            if !cursor.take(b',') {
                return cursor.unexpected("',' or ']'");
            }
        }
    }

    /// Reads an object or null, and merges it into the attempt of that number.
    fn element(&mut self, cursor: &mut Cursor<'a>, number: usize) -> Result<(), Error> {
        let mut counted = RawAttempt {
            verified: self.verified.get(number),
            ..RawAttempt::default()
        };
        let attempt = if self.holds_attempts {
            let attempts = &mut self.entry.attempts;
            if number == attempts.len() {
                if number == MAX_ATTEMPTS || attempts.try_reserve(1).is_err() {
                    return cursor.error(ErrorKind::OutOfMemory);
                }
                attempts.push(RawAttempt::default());
            }
            &mut attempts[number]
        } else {
            &mut counted
        };
        if cursor.peek() == Some(b'n') {
            cursor.literal("null")?;
        } else {
            object(cursor, attempt)?;
        }
        let is_verified = attempt.verified;
        match self.verified.set(number, is_verified) {
            Ok(()) => Ok(()),
            Err(_) => cursor.error(ErrorKind::OutOfMemory),
        }
    }
}

impl<'a> Object<'a> for RawAttempt<'a> {
    type Member = AttemptMember;

    const MEMBERS: &'static [Name<AttemptMember>] = &[
        Name::new(AttemptMember::Attempt, "attempts.attempt"),
        Name::new(AttemptMember::Model, "attempts.model"),
        Name::new(AttemptMember::OutputSummary, "attempts.output_summary"),
        Name::new(AttemptMember::RunnerOutput, "attempts.runner_output"),
        Name::new(AttemptMember::Verified, "attempts.verified"),
    ];

    fn member(&mut self, cursor: &mut Cursor<'a>, name: &Name<AttemptMember>) -> Result<(), Error> {
        let field = name.field;
        let slot = match name.member {
            AttemptMember::Attempt => return integer(cursor, field, &mut self.attempt),
            AttemptMember::Verified => return boolean(cursor, field, &mut self.verified),
            AttemptMember::Model => &mut self.model,
            AttemptMember::OutputSummary => &mut self.output_summary,
            AttemptMember::RunnerOutput => &mut self.runner_output,
        };
        text(cursor, field, slot)?;
        Ok(())
    }
}

/// Reads the members of an object into `target`.
fn object<'a, T: Object<'a>>(cursor: &mut Cursor<'a>, target: &mut T) -> Result<(), Error> {
    cursor.open()?;
    if !cursor.take(b'}') {
        // The place in `MEMBERS` of the member that a writer may write next.
        let mut next = 0;
        loop {
            let place = match cursor.known_key(T::MEMBERS, next)? {
                None => other_key(cursor, T::MEMBERS)?,
                known => known,
            };
            match place {
                Some(place) => {
                    target.member(cursor, &T::MEMBERS[place])?;
                    next = place + 1;
                }
                None => {
                    cursor.value()?;
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
    Ok(())
}

/// Takes a key and the colon after it. Returns the place of its name in `names`, whatever the case
/// and the escapes of the key. Returns none where the key is unknown.
#[inline(never)]
fn other_key<M>(cursor: &mut Cursor<'_>, names: &[Name<M>]) -> Result<Option<usize>, Error> {
    let key = known_key(cursor.key()?);
    Ok(key.and_then(|key| names.iter().position(|name| name.key == key)))
}

/// Returns a key as the format spells it, in lower case and without escapes. None where the key is
/// too long for a name of the format.
pub(crate) fn known_key(key: RawString<'_>) -> Option<String> {
    // The longest name of the format, with six bytes for each letter, as in `\u0073`.
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

/// Returns the error of a value of the wrong type, or of a missing value.
fn wrong<T>(
    cursor: &mut Cursor<'_>,
    field: &'static str,
    expected: &'static str,
) -> Result<T, Error> {
    Err(wrong_value(cursor, field, expected))
}

#[cold]
#[inline(never)]
fn wrong_value(cursor: &mut Cursor<'_>, field: &'static str, expected: &'static str) -> Error {
    match cursor.peek() {
        Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
            Error::new(cursor.at(), ErrorKind::WrongType { field, expected })
        }
        _ => cursor.unexpected_byte("a value"),
    }
}

/// Reads a string into `slot`. `null` leaves `slot` as it is. Returns whether the value was a
/// string.
fn text<'a>(
    cursor: &mut Cursor<'a>,
    field: &'static str,
    slot: &mut RawString<'a>,
) -> Result<bool, Error> {
    match cursor.peek() {
        Some(b'"') => {
            *slot = cursor.string()?;
            Ok(true)
        }
        Some(b'n') => cursor.literal("null").map(|()| false),
        _ => wrong(cursor, field, "a string"),
    }
}

fn integer(cursor: &mut Cursor<'_>, field: &'static str, slot: &mut i64) -> Result<(), Error> {
    match cursor.peek() {
        Some(b'-' | b'0'..=b'9') => {
            *slot = cursor.integer(field)?;
            Ok(())
        }
        Some(b'n') => cursor.literal("null"),
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
        Some(b'n') => cursor.literal("null"),
        _ => wrong(cursor, field, "true or false"),
    }
}

/// Reads a timestamp, which must be spelled without escapes. Returns none for `null`.
fn timestamp(cursor: &mut Cursor<'_>) -> Result<Option<Timestamp>, Error> {
    match cursor.peek() {
        Some(b'"') => {}
        Some(b'n') => return cursor.literal("null").map(|()| None),
        _ => return wrong(cursor, "timestamp", "a string"),
    }
    let start = cursor.at() + 1;
    let invalid = |valid_prefix| Error::new(start + valid_prefix, ErrorKind::InvalidTimestamp);
    match cursor.string() {
        Ok(raw) => match Timestamp::parse(raw.bytes) {
            Ok(timestamp) => Ok(Some(timestamp)),
            Err(error) => Err(invalid(error.valid_prefix)),
        },
        // The string is wrong. Report its error, unless the timestamp is wrong before that.
        Err(error) => match Timestamp::parse(cursor.since(start)) {
            Err(earlier) if start + earlier.valid_prefix < error.offset => {
                Err(invalid(earlier.valid_prefix))
            }
            _ => Err(error),
        },
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::{Attempts, scan};

    /// Several arrays of attempts are merged, and may have more than 64 elements.
    #[test]
    fn counts_attempts_as_it_holds_them() {
        let mut state = 1u32;
        let mut array = |length: usize| {
            let mut element = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                match (state >> 16) % 3 {
                    0 => r#"{"verified":true}"#,
                    1 => r#"{"verified":false}"#,
                    _ => "null",
                }
            };
            let elements: Vec<&str> = (0..length).map(|_| element()).collect();
            format!(r#""attempts":[{}]"#, elements.join(","))
        };
        let lengths = [0, 1, 2, 63, 64, 65, 127, 128, 129, 200];
        for first in lengths {
            for second in lengths {
                for third in [1, 64, 65, 129] {
                    let [first, second, third] = [first, second, third].map(&mut array);
                    let line = format!("{{{first},{second},{third}}}");
                    let held = scan(line.as_bytes(), Attempts::Held).unwrap();
                    let counted = scan(line.as_bytes(), Attempts::Counted).unwrap();
                    let verified = held.attempts.first().zip(held.attempts.last());
                    let verified = verified.map(|(first, last)| (first.verified, last.verified));
                    for entry in [&held, &counted] {
                        assert_eq!(entry.attempt_count, held.attempts.len());
                        assert_eq!(Some((entry.first_verified, entry.last_verified)), verified);
                    }
                }
            }
        }
    }
}
