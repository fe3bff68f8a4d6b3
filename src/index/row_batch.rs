//! Rows as bytes. They carry rows from the index that reads a log to the index that is asked, which
//! may be in another thread.
//!
//! A [`RowSender`] makes the index that reads. After each stretch of the file it takes the rows out
//! of that index, as bytes that the other index adds. The bytes are words of 64 bits,
//! little-endian, and texts in UTF-8:
//!
//! ```text
//! offset where the rows of the batch before end
//! position, lines, number of provisional rows, number of rows
//! for skill, phase, status and model:
//!     code of the first new text, number of new texts
//!     for each new text: its length in bytes, its bytes
//! for each row: 7 words, as `pack` writes them
//! ```
//!
//! `table` has the layout of the same row in memory. Codes are those of the index that reads. The
//! index that gets the rows drops its provisional rows, unless the batch has no rows and says that
//! those rows are still provisional.

use std::collections::TryReserveError;

use crate::index::dictionary::Dictionary;
use crate::index::table::{PackedRow, PackedTime};
use crate::index::{Index, State};
use crate::timestamp::Timestamp;

const WORD_BYTES: usize = 8;
const ROW_WORDS: usize = 7;
const ROW_BYTES: usize = ROW_WORDS * WORD_BYTES;

/// The largest integer that a 64-bit float holds exactly. No file is longer.
const MAX_OFFSET: u64 = (1 << 53) - 1;

/// Takes the rows of the index that reads, as bytes for the index that is asked.
#[derive(Debug)]
pub struct RowSender {
    /// How far the log was read into the index that is asked, before the first batch.
    start: State,
    /// Offset up to which rows were taken.
    position: u64,
    /// How many texts of each dictionary were taken.
    texts: [usize; 4],
}

/// For each code of the index that reads, the code in the index that gets its rows. Starts empty,
/// and serves one index that reads.
#[derive(Debug, Default)]
pub struct Codes([Vec<u32>; 4]);

/// Why rows were not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutError {
    /// The bytes are no rows, or not the rows that come next. The index is unchanged.
    Malformed,
    /// There is not enough memory. Provisional rows may be dropped, and some of the rows may have
    /// been added. Reading starts again at the same position, and sends the rows again.
    OutOfMemory,
}

/// A batch of rows whose bytes were checked.
struct Batch<'a> {
    /// Offset where the rows before ended.
    from: u64,
    state: State,
    /// The new texts of skill, phase, status and model.
    texts: [Vec<&'a str>; 4],
    rows: &'a [u8],
}

impl RowSender {
    /// Sends rows to an index that ends at `state`.
    pub fn new(state: State) -> Self {
        Self {
            start: state,
            position: state.position,
            texts: [0; 4],
        }
    }

    /// Makes the index that reads. It has no rows, and reading continues where the other index
    /// ends. Provisional rows stay in the other index.
    pub fn index(&self) -> Index {
        Index {
            state: self.start,
            ..Index::default()
        }
    }

    /// Takes the rows out of the index that this sender [made](Self::index). Returns them as bytes,
    /// with the new texts. The bytes also say how far the log was read, even where there are no
    /// rows.
    ///
    /// # Errors
    ///
    /// Occurs when there is not enough memory. The sender and the index are unchanged then.
    pub fn take_rows(&mut self, index: &mut Index) -> Result<Vec<u8>, TryReserveError> {
        let State {
            position,
            lines,
            provisional,
        } = index.state;
        let rows = index.len();
        let mut out = Vec::new();
        write(
            &mut out,
            &[self.position, position, lines, provisional, rows as u64],
        );
        for (dictionary, taken) in index.dictionaries.iter().zip(self.texts) {
            let new = taken.min(dictionary.len())..dictionary.len();
            write(&mut out, &[new.start as u64, new.len() as u64]);
            for code in new {
                let text = dictionary.text(code as u32);
                write(&mut out, &[text.len() as u64]);
                out.extend_from_slice(text.as_bytes());
            }
        }
        out.try_reserve_exact(rows * ROW_BYTES)?;
        for packed in index.rows.iter() {
            write(&mut out, &pack(packed));
        }
        index.rows.clear();
        self.position = position;
        self.texts = index.dictionaries.each_ref().map(Dictionary::len);
        Ok(out)
    }
}

impl Index {
    /// Adds the rows that a [`RowSender`] took, each batch in its turn. Rows that the index has
    /// already are left out, as when they are read again.
    ///
    /// # Errors
    ///
    /// Occurs when the bytes are not the next batch, and when there is not enough memory: see
    /// [`PutError`].
    pub fn put_rows(&mut self, codes: &mut Codes, bytes: &[u8]) -> Result<(), PutError> {
        let batch = Batch::read(bytes, codes)
            .filter(|batch| self.is_followed_by(batch))
            .ok_or(PutError::Malformed)?;
        let dictionaries = self.dictionaries.iter_mut();
        for ((dictionary, codes), texts) in dictionaries.zip(&mut codes.0).zip(&batch.texts) {
            codes.extend(texts.iter().map(|text| dictionary.code_or_new(text)));
        }
        if !(batch.rows.is_empty() && batch.state.provisional > 0) {
            self.drop_provisional();
        }
        for row in batch.rows.chunks_exact(ROW_BYTES) {
            let mut packed = unpack(row).ok_or(PutError::Malformed)?;
            if self.is_after_last(packed.offset) {
                for (code, codes) in packed.codes.iter_mut().zip(&codes.0) {
                    *code = codes[*code as usize];
                }
                self.rows.push(packed).map_err(|_| PutError::OutOfMemory)?;
            }
        }
        self.state = batch.state;
        Ok(())
    }

    /// Returns whether a batch is the next batch.
    fn is_followed_by(&self, batch: &Batch<'_>) -> bool {
        let State {
            position,
            lines,
            provisional,
        } = self.state;
        let rows = (batch.rows.len() / ROW_BYTES) as u64;
        batch.from == position
            && batch.state.position >= position
            && batch.state.lines >= lines
            // Only rows that exist can be provisional.
            && batch.state.provisional <= if rows > 0 { rows } else { provisional }
    }
}

impl<'a> Batch<'a> {
    /// Checks the bytes of a batch. None where they are no batch that can follow the codes so far.
    fn read(bytes: &'a [u8], codes: &Codes) -> Option<Self> {
        let mut bytes = Bytes(bytes);
        let [from, position, lines, provisional, rows] = bytes.words()?;
        let mut texts = [const { Vec::new() }; 4];
        for (texts, codes) in texts.iter_mut().zip(&codes.0) {
            let [first, count] = bytes.words()?;
            if first != codes.len() as u64 {
                return None;
            }
            // Each text takes bytes, so that this ends soon even if the number is wrong.
            for _ in 0..count {
                let [length] = bytes.words()?;
                texts.push(std::str::from_utf8(bytes.take(length)?).ok()?);
            }
        }
        let rows = bytes.take(rows.checked_mul(ROW_BYTES as u64)?)?;
        let mut next = 0;
        for row in rows.chunks_exact(ROW_BYTES) {
            let packed = unpack(row)?;
            let mut known = codes.0.iter().zip(&texts).zip(packed.codes);
            let is_known =
                known.all(|((codes, texts), code)| (code as usize) < codes.len() + texts.len());
            if !is_known || packed.offset < next {
                return None;
            }
            next = packed.offset + 1;
        }
        let is_valid = position <= MAX_OFFSET && lines <= position;
        (is_valid && bytes.0.is_empty()).then_some(Self {
            from,
            state: State {
                position,
                lines,
                provisional,
            },
            texts,
            rows,
        })
    }
}

/// The bytes that are still to be read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn words<const N: usize>(&mut self) -> Option<[u64; N]> {
        let mut words = [0; N];
        for word in &mut words {
            let (taken, rest) = self.0.split_first_chunk()?;
            *word = u64::from_le_bytes(*taken);
            self.0 = rest;
        }
        Some(words)
    }
}

fn write(out: &mut Vec<u8>, words: &[u64]) {
    for word in words {
        out.extend_from_slice(&word.to_le_bytes());
    }
}

/// Returns the words of a row.
fn pack(packed: &PackedRow) -> [u64; ROW_WORDS] {
    let two = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
    let [skill, phase, status, model] = packed.codes;
    let time = packed.time.timestamp();
    let [year_low, year_high] = time.year.to_le_bytes();
    let [offset_low, offset_high] = time.offset.to_le_bytes();
    [
        packed.offset,
        two(packed.length, packed.attempts),
        two(skill, phase),
        two(status, model),
        packed.duration_ms as u64,
        two(
            time.nanosecond,
            u32::from_le_bytes([time.second, packed.time.flags, 0, 0]),
        ),
        u64::from_le_bytes([
            year_low,
            year_high,
            offset_low,
            offset_high,
            time.month,
            time.day,
            time.hour,
            time.minute,
        ]),
    ]
}

/// Returns the row whose bytes these are. None where they are no row.
fn unpack(row: &[u8]) -> Option<PackedRow> {
    let [offset, sizes, names, ends, duration, fraction, time] = Bytes(row).words()?;
    let two = |word: u64| [word as u32, (word >> 32) as u32];
    let ([length, attempts], [skill, phase], [status, model]) = (two(sizes), two(names), two(ends));
    let [nanosecond, rest] = two(fraction);
    let [second, flags, ..] = rest.to_le_bytes();
    let [
        year_low,
        year_high,
        offset_low,
        offset_high,
        month,
        day,
        hour,
        minute,
    ] = time.to_le_bytes();
    let timestamp = Timestamp {
        year: u16::from_le_bytes([year_low, year_high]),
        month,
        day,
        hour,
        minute,
        second,
        nanosecond,
        offset: i16::from_le_bytes([offset_low, offset_high]),
    };
    (offset <= MAX_OFFSET && timestamp.is_valid()).then_some(PackedRow {
        offset,
        length,
        time: PackedTime::new(timestamp, flags),
        codes: [skill, phase, status, model],
        duration_ms: duration as i64,
        attempts,
    })
}
