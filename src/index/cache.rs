//! Rows of logs as bytes that a later process reads instead of the logs.
//!
//! The bytes are words of 64 bits, little-endian, and texts in UTF-8:
//!
//! ```text
//! "skill-log rows 1", hash of the bytes that follow
//! number of logs, length of the names in bytes, length of the notes in bytes
//! for skill, phase, status and model:
//!     0, number of texts
//!     for each text: its length in bytes, its bytes
//! for each log:
//!     8 words of the caller
//!     offset where its rows end, number of line ends, number of provisional rows, number of rows
//! names, notes: texts of the caller
//! for each row, log by log: 7 words, as `row_batch` has them
//! ```
//!
//! Bytes that are cut, changed or of another version are not opened. Bytes that someone forged may
//! say anything of a log, but are never read out of bounds.

use std::collections::{TryReserveError, VecDeque};
use std::ops::Range;

use twox_hash::XxHash64;

use crate::index::row_batch::{Bytes, ROW_BYTES, pack, read_texts, unpack, write, write_texts};
use crate::index::table::{MAX_OFFSET, PackedRow};
use crate::index::{Index, OutOfMemory, State};

const MAGIC: &[u8; 16] = b"skill-log rows 1";

/// Bytes before those that are hashed.
const HEAD_BYTES: usize = MAGIC.len() + size_of::<u64>();

/// The words that the caller keeps for each log.
pub const FACTS: usize = 8;

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
        let mut places: Vec<Option<usize>> = vec![None; self.logs.len()];
        let mut counts = vec![0; kept.logs.len()];
        for (at, &log) in kept.logs.iter().enumerate() {
            places[log as usize] = Some(at);
        }
        let rows = || {
            let exist = self.rows.iter().filter(|packed| !packed.is_removed());
            exist.filter_map(|packed| Some((places[packed.log as usize]?, packed)))
        };
        for (at, _) in rows() {
            counts[at] += 1;
        }
        let mut out = Vec::from(MAGIC);
        write(&mut out, &[0, kept.logs.len() as u64]);
        write(
            &mut out,
            &[kept.names.len() as u64, kept.notes.len() as u64],
        );
        for dictionary in &self.dictionaries {
            write_texts(&mut out, dictionary, 0);
        }
        for ((&log, facts), &count) in kept.logs.iter().zip(kept.facts.chunks(FACTS)).zip(&counts) {
            let State {
                position,
                lines,
                provisional,
            } = self.state(log);
            write(&mut out, facts);
            write(&mut out, &[position, lines, provisional, count as u64]);
        }
        out.extend_from_slice(kept.names.as_bytes());
        out.extend_from_slice(kept.notes.as_bytes());
        let start = out.len();
        let length = counts.iter().sum::<usize>() * ROW_BYTES;
        out.try_reserve_exact(length)?;
        out.resize(start + length, 0);
        // Where the next row of each log goes.
        let mut next = counts;
        let mut end = start;
        for next in &mut next {
            let count = std::mem::replace(next, end);
            end += count * ROW_BYTES;
        }
        for (at, packed) in rows() {
            let row = &mut out[next[at]..][..ROW_BYTES];
            for (bytes, word) in row.chunks_exact_mut(size_of::<u64>()).zip(pack(packed)) {
                bytes.copy_from_slice(&word.to_le_bytes());
            }
            next[at] += ROW_BYTES;
        }
        let hash = hash(&out[HEAD_BYTES..]);
        out[MAGIC.len()..HEAD_BYTES].copy_from_slice(&hash.to_le_bytes());
        Ok(out)
    }
}

/// Rows of logs that an earlier process kept.
#[derive(Debug)]
pub struct Cache {
    bytes: Vec<u8>,
    texts: [Vec<Range<usize>>; 4],
    /// For each text, its code in the index that gets rows, once a row has it.
    codes: [Vec<Option<u32>>; 4],
    logs: Vec<CachedLog>,
    facts: Vec<u64>,
    names: Range<usize>,
    notes: Range<usize>,
}

/// A log in a cache.
#[derive(Debug)]
struct CachedLog {
    state: State,
    /// Its rows, in the bytes.
    rows: Range<usize>,
}

impl Cache {
    /// Opens the bytes that [`Index::to_cache`] returned. None where they are other bytes.
    pub fn open(bytes: Vec<u8>) -> Option<Self> {
        let (head, body) = bytes.split_at_checked(HEAD_BYTES)?;
        if head[..MAGIC.len()] != *MAGIC || head[MAGIC.len()..] != hash(body).to_le_bytes() {
            return None;
        }
        let mut rest = Bytes(body);
        let [count, names, notes] = rest.words()?;
        let place = |text: &str| {
            let start = text.as_ptr().addr() - bytes.as_ptr().addr();
            start..start + text.len()
        };
        let texts = read_texts(&mut rest, [0; 4])?.map(|texts| {
            let places = texts.into_iter().map(place);
            places.collect::<Vec<_>>()
        });
        let mut facts = Vec::new();
        // Each log takes bytes, so that this ends soon even if the number is wrong.
        let states = (0..count)
            .map(|_| {
                facts.extend(rest.words::<FACTS>()?);
                rest.words()
            })
            .collect::<Option<Vec<[u64; 4]>>>()?;
        let names = place(std::str::from_utf8(rest.take(names)?).ok()?);
        let notes = place(std::str::from_utf8(rest.take(notes)?).ok()?);
        let mut logs = Vec::new();
        for [position, lines, provisional, rows] in states {
            let rows = rest.take(rows.checked_mul(ROW_BYTES as u64)?)?;
            let start = rows.as_ptr().addr() - bytes.as_ptr().addr();
            let is_valid = lines <= position && position <= MAX_OFFSET;
            if !is_valid || provisional > (rows.len() / ROW_BYTES) as u64 {
                return None;
            }
            logs.push(CachedLog {
                state: State {
                    position,
                    lines,
                    provisional,
                },
                rows: start..start + rows.len(),
            });
        }
        rest.0.is_empty().then(|| Self {
            codes: texts.each_ref().map(|texts| vec![None; texts.len()]),
            texts,
            logs,
            facts,
            names,
            notes,
            bytes,
        })
    }

    /// Returns the words that the caller kept: [`FACTS`] for each log.
    pub fn facts(&self) -> &[u64] {
        &self.facts
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
        // It was checked when the bytes were opened.
        std::str::from_utf8(&self.bytes[place.clone()]).unwrap_or_default()
    }

    /// Returns the rows of a log, whose codes are those of the cache. None where bytes are no rows.
    fn rows(&self, log: &CachedLog) -> Option<Vec<PackedRow>> {
        let mut next = 0;
        let rows = self.bytes[log.rows.clone()].chunks_exact(ROW_BYTES);
        rows.map(|row| {
            let packed = unpack(row)?;
            let mut codes = packed.codes.iter().zip(&self.codes);
            let is_known = codes.all(|(&code, known)| (code as usize) < known.len());
            let is_next = packed.offset() >= next;
            next = packed.offset() + 1;
            (is_known && is_next).then_some(packed)
        })
        .collect()
    }
}

impl Index {
    /// Adds the rows of a log that a cache has at a position. The log must exist, and not have been
    /// read. Returns false, and adds nothing, where the cache has no such log.
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
    ) -> Result<bool, OutOfMemory> {
        let known = self.logs.get(log as usize);
        let is_unread = known.is_some_and(|log| log.state() == State::default());
        let (true, Some(cached)) = (is_unread, cache.logs.get(at)) else {
            return Ok(false);
        };
        let Some(rows) = cache.rows(cached) else {
            return Ok(false);
        };
        let State {
            position,
            lines,
            provisional,
        } = cached.state;
        let complete = rows.len() - provisional as usize;
        let first = self.rows.len();
        let last = complete.checked_sub(1).map(|last| rows[last].offset());
        for mut packed in rows {
            packed.log = log;
            for (column, code) in packed.codes.iter_mut().enumerate() {
                let known = &mut cache.codes[column][*code as usize];
                *code = *known.get_or_insert_with(|| {
                    let text = &cache.bytes[cache.texts[column][*code as usize].clone()];
                    self.dictionaries[column]
                        .code_or_new(std::str::from_utf8(text).unwrap_or_default())
                });
            }
            self.rows.push(packed)?;
        }
        let log = &mut self.logs[log as usize];
        log.position = position;
        log.lines = lines;
        log.last = last;
        log.provisional =
            VecDeque::from_iter((first + complete..self.rows.len()).map(|row| row as u32));
        Ok(true)
    }
}
