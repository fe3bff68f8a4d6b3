//! The entries of a log → canonical lines that every JSON parser reads, without decoding a text.

use super::{AttemptMembers, InputSpelling, Line, Members};
use crate::scan::{RawAttempt, RawEntry};

/// Canonical lines, each with its line end, and what was changed so that every JSON parser reads
/// them.
#[derive(Debug, Default)]
pub struct PortableLines {
    /// The lines, one after the other.
    pub bytes: Vec<u8>,
    /// How many lines there are.
    pub count: usize,
    /// How many timestamps had an offset from UTC of a day or more, and are written in UTC.
    pub changed_timestamps: usize,
    /// How many values of `input` were not UTF-8. U+FFFD replaces what was not.
    pub invalid_utf8: usize,
    /// How many values of `input` had lone surrogates, which U+FFFD replaces.
    pub lone_surrogates: usize,
}

impl PortableLines {
    /// Removes all lines, and frees memory beyond `kept_bytes`.
    pub fn clear(&mut self, kept_bytes: usize) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        bytes.shrink_to(kept_bytes);
        *self = Self {
            bytes,
            ..Self::default()
        };
    }

    /// Appends the line that [`encode`](crate::encode()) appends for the decoded entry, and a line
    /// end. Changes what the counts name.
    pub fn push(&mut self, entry: &RawEntry<'_>) {
        let mut timestamp = entry.timestamp;
        if !timestamp.is_encodable() {
            timestamp = timestamp.in_utc();
            self.changed_timestamps += 1;
        }
        let members = Members {
            timestamp,
            ..entry.into()
        };
        let mut line = Line::new(&mut self.bytes, true, InputSpelling::WellFormed);
        line.write(&members, &|index| {
            entry.attempts.get(index).map(AttemptMembers::from)
        });
        self.invalid_utf8 += usize::from(line.had_invalid_utf8);
        self.lone_surrogates += usize::from(line.had_lone_surrogates);
        self.bytes.push(b'\n');
        self.count += 1;
    }
}

impl<'a> From<&RawEntry<'a>> for Members<'a> {
    fn from(entry: &RawEntry<'a>) -> Self {
        Self {
            texts: [
                entry.session_id,
                entry.skill,
                entry.phase,
                entry.project_root,
                entry.final_status,
                entry.file_path,
                entry.model_used,
                entry.message,
            ]
            .map(|text| text.bytes),
            timestamp: entry.timestamp,
            input: entry.input,
            duration_ms: entry.duration_ms,
        }
    }
}

impl<'a> From<&RawAttempt<'a>> for AttemptMembers<'a> {
    fn from(attempt: &RawAttempt<'a>) -> Self {
        Self {
            attempt: attempt.attempt,
            texts: [attempt.model, attempt.output_summary, attempt.runner_output]
                .map(|text| text.bytes),
            verified: attempt.verified,
        }
    }
}
