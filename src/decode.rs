//! One line → one entry, exactly as leniently as Go's `json.Unmarshal` into the original's struct.
//!
//! [`scan`](crate::scan) says what that means, and finds the fields; here their texts are decoded.

use crate::entry::{Attempt, Entry};
use crate::error::Error;
pub use crate::json::MAX_DEPTH;
use crate::scan::{Attempts, RawEntry, scan};

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
    scan(line, Attempts::Held).map(|raw| raw.decode())
}

impl<'a> RawEntry<'a> {
    /// Decodes the texts: each byte that is not UTF-8, and each lone surrogate, becomes one U+FFFD.
    pub fn decode(&self) -> Entry<'a> {
        Entry {
            session_id: self.session_id.decode(),
            timestamp: self.timestamp,
            skill: self.skill.decode(),
            phase: self.phase.decode(),
            project_root: self.project_root.decode(),
            input: self.input,
            attempts: self
                .attempts
                .iter()
                .map(|attempt| Attempt {
                    attempt: attempt.attempt,
                    model: attempt.model.decode(),
                    output_summary: attempt.output_summary.decode(),
                    runner_output: attempt.runner_output.decode(),
                    verified: attempt.verified,
                })
                .collect(),
            final_status: self.final_status.decode(),
            file_path: self.file_path.decode(),
            model_used: self.model_used.decode(),
            duration_ms: self.duration_ms,
            message: self.message.decode(),
        }
    }
}
