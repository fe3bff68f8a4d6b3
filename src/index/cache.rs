//! Rows of logs as bytes that a later process reads instead of the logs.
//!
//! The bytes are words of 64 bits, little-endian, and texts in UTF-8:
//!
//! ```text
//! "skill-log rows 1", hash of the bytes that follow
//! number of logs, length of the names in bytes, length of the notes in bytes
//! for each log: 8 words of the caller
//! names, notes: texts of the caller
//! a batch of all rows, as `row_batch` has it
//! ```
//!
//! Bytes that are cut, changed or of another version are not opened. Bytes that someone forged may
//! say anything of a log, but are never read out of bounds.

use std::collections::TryReserveError;
use std::ops::Range;

use twox_hash::XxHash64;

use crate::index::row_batch::{Batch, Bytes, Codes, PutError, Section, Sent, write};
use crate::index::{Index, OutOfMemory, State};

const MAGIC: &[u8; 16] = b"skill-log rows 1";

/// Bytes before those that are hashed.
const HEAD_BYTES: usize = MAGIC.len() + size_of::<u64>();

/// The words that the caller keeps for each log.
pub const FACTS: usize = 8;

const FACTS_BYTES: u64 = (FACTS * size_of::<u64>()) as u64;

/// Returns a hash of bytes: XXH64, which finds every accident and resists nobody's intent.
pub fn hash(bytes: &[u8]) -> u64 {
    XxHash64::oneshot(0, bytes)
}

/// What to keep of an index.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// The numbers of the logs.
    pub logs: &'a [u32],
    /// [`FACTS`] words for each log.
    pub facts: &'a [u64],
    /// The names of the logs.
    pub names: &'a str,
    /// Anything else.
    pub notes: &'a str,
}

impl Index {
    /// Returns the rows of some logs as bytes for a [`Cache`].
    ///
    /// # Errors
    ///
    /// Occurs when there is not enough memory.
    pub fn to_cache(&self, kept: Kept<'_>) -> Result<Vec<u8>, TryReserveError> {
        let mut out = Vec::from(MAGIC);
        write(&mut out, &[0, kept.logs.len() as u64]);
        write(
            &mut out,
            &[kept.names.len() as u64, kept.notes.len() as u64],
        );
        write(&mut out, kept.facts);
        out.extend_from_slice(kept.names.as_bytes());
        out.extend_from_slice(kept.notes.as_bytes());
        let sent: Vec<Sent> = (0..kept.logs.len() as u32).map(Sent::whole).collect();
        self.write_batch(&mut out, [0; 4], kept.logs, &sent)?;
        let hash = hash(&out[HEAD_BYTES..]);
        out[MAGIC.len()..HEAD_BYTES].copy_from_slice(&hash.to_le_bytes());
        Ok(out)
    }
}

/// Rows of logs that an earlier process kept.
#[derive(Debug)]
pub struct Cache {
    bytes: Vec<u8>,
    batch: Batch,
    /// The codes in the index that gets the rows.
    codes: Codes,
    facts: Range<usize>,
    names: Range<usize>,
    notes: Range<usize>,
}

impl Cache {
    /// Opens the bytes that [`Index::to_cache`] returned, for the index that gets the rows. None where
    /// they are other bytes.
    pub fn open(bytes: Vec<u8>, index: &mut Index) -> Option<Self> {
        let (head, body) = bytes.split_at_checked(HEAD_BYTES)?;
        if head[..MAGIC.len()] != *MAGIC || head[MAGIC.len()..] != hash(body).to_le_bytes() {
            return None;
        }
        let mut rest = Bytes(body);
        let [logs, names, notes] = rest.words()?;
        let mut place = |length| {
            let start = bytes.len() - rest.0.len();
            Some(start..start + rest.take(length)?.len())
        };
        let facts = place(logs.checked_mul(FACTS_BYTES)?)?;
        let (names, notes) = (place(names)?, place(notes)?);
        let start = notes.end;
        let (batch, texts) = Batch::read(&bytes, start, [0; 4])?;
        if batch.sections.len() as u64 != logs {
            return None;
        }
        let mut codes = Codes::default();
        codes.add(&mut index.dictionaries, &texts);
        Some(Self {
            batch,
            codes,
            facts,
            names,
            notes,
            bytes,
        })
    }

    /// Returns how far the log at a position was read. A log that the cache does not have was not
    /// read.
    pub fn state(&self, at: usize) -> State {
        let section = self.batch.sections.get(at);
        section.map_or_else(State::default, Section::state)
    }

    /// Returns the words that the caller kept: [`FACTS`] for each log.
    pub fn facts(&self) -> Vec<u64> {
        let (words, _) = self.bytes[self.facts.clone()].as_chunks();
        words.iter().map(|&word| u64::from_le_bytes(word)).collect()
    }

    /// Returns the names of the logs, as the caller kept them.
    pub fn names(&self) -> &str {
        self.text(&self.names)
    }

    /// Returns what else the caller kept.
    pub fn notes(&self) -> &str {
        self.text(&self.notes)
    }

    fn text(&self, place: &Range<usize>) -> &str {
        // Forged bytes may be no text.
        std::str::from_utf8(&self.bytes[place.clone()]).unwrap_or_default()
    }

    /// Forgets all logs but the first `left` ones, and frees the memory of their rows.
    fn keep(&mut self, left: usize) {
        if let Some(section) = self.batch.sections.get(left) {
            let end = self.batch.start_of(section);
            self.batch.sections.truncate(left);
            self.bytes.truncate(end);
            self.bytes.shrink_to_fit();
        }
    }
}

impl Index {
    /// Adds the rows of a log that a cache has at a position. The log must not have been read.
    /// Returns false, and adds nothing, where the cache has no such log. The index must be the one
    /// that the cache was opened for. Then the cache keeps its first `left` logs only, so that an
    /// index whose logs are taken from the last one to the first needs little more memory than its
    /// rows.
    ///
    /// # Errors
    ///
    /// Occurs when there is not enough memory. Some rows may have been added; the log must be
    /// cleared then.
    pub fn put_cached(
        &mut self,
        log: u32,
        cache: &mut Cache,
        at: usize,
        left: usize,
    ) -> Result<bool, OutOfMemory> {
        let Some(section) = cache.batch.sections.get(at) else {
            return Ok(false);
        };
        let section = Section {
            log: log.into(),
            ..*section
        };
        if self.state(log) != State::default() || !self.is_next(&section) {
            return Ok(false);
        }
        let rows = cache.batch.rows_of(&section, &cache.bytes);
        match self.put_section(&section, rows, &cache.codes) {
            Ok(()) => {
                cache.keep(left);
                Ok(true)
            }
            Err(PutError::Malformed) => Ok(false),
            Err(PutError::OutOfMemory) => Err(OutOfMemory),
        }
    }
}
