//! One line → one entry, as leniently as the Go original reads it.
//!
//! [`scan`](crate::scan) finds the members and says what is accepted. Here their texts are decoded.

use crate::entry::{Attempt, Entry};
use crate::error::Error;
pub use crate::json::MAX_DEPTH;
use crate::scan::{Attempts, RawEntry, scan};

/// Decodes a line, with or without its line end.
///
/// Texts without escapes are borrowed from the line.
///
/// # Errors
///
/// Occurs when the Go original refuses the line. [`Error::offset`] is the first wrong byte.
/// [`Error::is_incomplete`] returns whether no byte is wrong, but some are missing.
///
/// Occurs also when the entry has more attempts than [`MAX_ATTEMPTS`](crate::scan::MAX_ATTEMPTS),
/// or there is no memory for them: see [`Error::is_out_of_memory`].
pub fn decode(line: &[u8]) -> Result<Entry<'_>, Error> {
    scan(line, Attempts::Held).map(|raw| raw.decode())
}

impl<'a> RawEntry<'a> {
    /// Decodes the texts. Each byte that is not UTF-8, and each lone surrogate, becomes one U+FFFD.
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
