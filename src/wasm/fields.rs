//! The fields of an entry as `js/entry/codec.js` passes them: one text, and the length of each
//! field.
//!
//! Lengths are in UTF-16 units, which JavaScript knows without looking at the text. A NUL stands
//! between two fields, so that a surrogate at the end of a field never pairs with a surrogate after
//! it.

use crate::timestamp::Timestamp;
use crate::{Attempt, Entry, Error, ErrorKind, RawJson};

/// The texts of an entry's fields, one after the other.
pub(crate) struct Fields<'a> {
    rest: &'a str,
    lengths: std::slice::Iter<'a, u32>,
    /// Whether each character is one byte and one UTF-16 unit.
    is_ascii: bool,
}

impl<'a> Fields<'a> {
    /// Takes the texts and their lengths in UTF-16 units. None where the texts are not UTF-8.
    pub fn new(text: &'a [u8], lengths: &'a [u32]) -> Option<Self> {
        let rest = std::str::from_utf8(text).ok()?;
        Some(Self {
            rest,
            lengths: lengths.iter(),
            is_ascii: rest.is_ascii(),
        })
    }

    /// Returns the text of the next field.
    fn next(&mut self) -> Option<&'a str> {
        let units = *self.lengths.next()? as usize;
        let length = if self.is_ascii {
            units
        } else {
            utf8_length(self.rest, units)
        };
        let (text, behind) = self.rest.split_at_checked(length)?;
        self.rest = behind.strip_prefix('\0').unwrap_or(behind);
        Some(text)
    }
}

/// Returns how many bytes the first `units` UTF-16 units of a text take.
fn utf8_length(text: &str, units: usize) -> usize {
    let mut counted = 0;
    text.char_indices()
        .find(|(_, char)| {
            let is_end = counted >= units;
            counted += char.len_utf16();
            is_end
        })
        .map_or(text.len(), |(at, _)| at)
}

/// Makes an entry of its fields, in the order in which `js/entry/input.js` lists them. None where
/// fields are missing or left over, or where an integer is not an integer.
pub(crate) fn entry_of<'a>(fields: &mut Fields<'a>) -> Option<Result<Entry<'a>, Error>> {
    fn integer(text: &str) -> Option<i64> {
        if text.is_empty() {
            Some(0)
        } else {
            text.parse().ok()
        }
    }
    let session_id = fields.next()?.into();
    let timestamp = match Timestamp::parse(fields.next()?.as_bytes()) {
        Ok(timestamp) => timestamp,
        Err(_) => return Some(Err(Error::new(0, ErrorKind::InvalidTimestamp))),
    };
    let skill = fields.next()?.into();
    let phase = fields.next()?.into();
    let project_root = fields.next()?.into();
    let input = match fields.next()? {
        "" => None,
        text => Some(RawJson::vouched(text)),
    };
    let mut entry = Entry {
        session_id,
        timestamp,
        skill,
        phase,
        project_root,
        input,
        attempts: Vec::new(),
        final_status: fields.next()?.into(),
        file_path: fields.next()?.into(),
        model_used: fields.next()?.into(),
        duration_ms: integer(fields.next()?)?,
        message: fields.next()?.into(),
    };
    while fields.lengths.len() > 0 {
        entry.attempts.push(Attempt {
            attempt: integer(fields.next()?)?,
            model: fields.next()?.into(),
            output_summary: fields.next()?.into(),
            runner_output: fields.next()?.into(),
            verified: fields.next()? == "true",
        });
    }
    fields.rest.is_empty().then_some(Ok(entry))
}
