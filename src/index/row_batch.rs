//! Rows as bytes. They carry rows of one log or many from the index that reads them to the index that
//! is asked, which may be in another thread.
//!
//! A [`RowSender`] takes the rows out of the index that reads, as bytes that the other index adds.
//! The bytes are words of 64 bits, little-endian, and texts in UTF-8:
//!
//! ```text
//! number of logs
//! for skill, phase, status and model:
//!     code of the first new text, number of new texts
//!     for each new text: its length in bytes, its bytes
//! for each log:
//!     its number, offset where its rows in the batch before end, offset where these rows end,
//!     number of line ends between the two, number of provisional rows, number of rows
//! for each row, log by log: 7 words, as `pack` writes them
//! ```
//!
//! `table` has the layout of the same row in memory. Codes are those of the index that reads. The
//! index that gets the rows removes the provisional rows of a log that are not among the rows,
//! unless the log has no rows and says that its rows are still provisional.

use std::collections::TryReserveError;
use std::ops::Range;

use crate::index::dictionary::Dictionary;
use crate::index::logs::{Log, NO_ROW};
use crate::index::table::{MAX_OFFSET, PackedRow, PackedTime, row_flag};
use crate::index::{Index, State};
use crate::timestamp::Timestamp;

const WORD_BYTES: usize = 8;
const ROW_WORDS: usize = 7;
const ROW_BYTES: usize = ROW_WORDS * WORD_BYTES;
const SECTION_BYTES: usize = 6 * WORD_BYTES;

/// Takes the rows of the index that reads, as bytes for the index that is asked.
#[derive(Debug, Default)]
pub struct RowSender {
    /// The logs that are read, in the order of the index that reads.
    logs: Vec<Sent>,
    /// How many texts of each dictionary were taken.
    texts: [usize; 4],
}

/// How much of a log was taken.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// The number of the log in the index that is asked.
    pub log: u32,
    position: u64,
    lines: u64,
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
#[derive(Debug)]
pub(super) struct Batch {
    pub sections: Vec<Section>,
    /// Where the rows start in the bytes that were read.
    start: usize,
}

/// What a batch says of a log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Section {
    pub log: u64,
    pub from: u64,
    pub position: u64,
    pub lines: u64,
    pub provisional: u64,
    pub rows: u64,
    /// How many rows of the batch come before.
    pub first: u64,
}

impl Sent {
    /// A log that was not taken yet.
    pub fn whole(log: u32) -> Self {
        Self {
            log,
            ..Self::default()
        }
    }
}

impl Section {
    /// Returns how far the log was read, if the batch has all of it.
    pub fn state(&self) -> State {
        State {
            position: self.position,
            lines: self.lines,
            provisional: self.provisional,
        }
    }
}

impl RowSender {
    /// Adds a log to the index that reads. Reading it continues at `state`, where the log `log` of
    /// the other index ends. Its provisional rows stay in the other index. Returns the log's number
    /// in the index that reads.
    pub fn add_log(&mut self, index: &mut Index, log: u32, state: State) -> u32 {
        let State {
            position, lines, ..
        } = state;
        self.logs.push(Sent {
            log,
            position,
            lines,
        });
        index.logs.push(Log {
            position,
            lines,
            // There is no such row here.
            provisional: vec![NO_ROW; state.provisional as usize],
            ..Log::default()
        });
        self.logs.len() as u32 - 1
    }

    /// Takes the rows out of the index that reads. Returns them as bytes, with the new texts. The
    /// bytes also say how far each log was read, even where it has no rows.
    ///
    /// # Errors
    ///
    /// Occurs when there is not enough memory. The sender and the index are unchanged then.
    pub fn take_rows(&mut self, index: &mut Index) -> Result<Vec<u8>, TryReserveError> {
        let mut out = Vec::new();
        let logs: Vec<u32> = (0..self.logs.len() as u32).collect();
        index.write_batch(&mut out, self.texts, &logs, &self.logs)?;
        // They are in the other index now.
        index.drop_rows();
        for (sent, log) in self.logs.iter_mut().zip(&index.logs) {
            sent.position = log.position;
            sent.lines = log.lines;
        }
        self.texts = index.dictionaries.each_ref().map(Dictionary::len);
        Ok(out)
    }
}

impl Index {
    /// Writes the rows of some logs as a batch, with the texts that follow the first `taken` of each
    /// dictionary.
    #[inline(never)]
    pub(super) fn write_batch(
        &self,
        out: &mut Vec<u8>,
        taken: [usize; 4],
        logs: &[u32],
        sent: &[Sent],
    ) -> Result<(), TryReserveError> {
        // Of each log first the number of its rows, then where its next row goes.
        let mut next: Vec<Option<usize>> = vec![None; self.logs.len()];
        for &log in logs {
            next[log as usize] = Some(0);
        }
        let rows = || self.rows.iter().filter(|packed| !packed.is_removed());
        for packed in rows() {
            if let Some(count) = &mut next[packed.log as usize] {
                *count += 1;
            }
        }
        write(out, &[logs.len() as u64]);
        for (dictionary, taken) in self.dictionaries.iter().zip(taken) {
            let new = taken.min(dictionary.len())..dictionary.len();
            write(out, &[new.start as u64, new.len() as u64]);
            for code in new {
                let text = dictionary.text(code as u32);
                write(out, &[text.len() as u64]);
                out.extend_from_slice(text.as_bytes());
            }
        }
        let mut length = 0;
        for (&log, sent) in logs.iter().zip(sent) {
            let State {
                position,
                lines,
                provisional,
            } = self.logs[log as usize].state();
            let rows = next[log as usize].replace(length).unwrap_or_default();
            let (log, from, lines) = (sent.log.into(), sent.position, lines - sent.lines);
            write(out, &[log, from, position, lines, provisional, rows as u64]);
            length += rows * ROW_BYTES;
        }
        let start = out.len();
        out.try_reserve_exact(length)?;
        out.resize(start + length, 0);
        for packed in rows() {
            if let Some(next) = &mut next[packed.log as usize] {
                let words = out[start + *next..].chunks_exact_mut(WORD_BYTES);
                for (bytes, word) in words.zip(pack(packed)) {
                    bytes.copy_from_slice(&word.to_le_bytes());
                }
                *next += ROW_BYTES;
            }
        }
        Ok(())
    }

    /// Returns rows as a batch for an index that has none: their logs get numbers from 0, in the order
    /// of the rows, which stand log by log.
    ///
    /// # Errors
    ///
    /// Occurs when there is not enough memory.
    pub fn rows_as_batch(&self, rows: &[u32]) -> Result<Vec<u8>, TryReserveError> {
        let mut part = Self::default();
        let mut sent: Vec<Sent> = Vec::new();
        let mut log = None;
        // Of each column the last code here and there, because rows repeat their texts.
        let mut known = [(0, 0); 4];
        for packed in rows.iter().filter_map(|&row| self.packed_row(row as usize)) {
            if log != Some(packed.log) {
                log = Some(packed.log);
                sent.push(Sent::whole(sent.len() as u32));
                part.logs.push(Log {
                    position: MAX_OFFSET,
                    ..Log::default()
                });
            }
            for (column, known) in known.iter_mut().enumerate() {
                let code = packed.codes[column];
                if known.0 != code {
                    let text = self.dictionaries[column].text(code);
                    *known = (code, part.dictionaries[column].code_or_new(text));
                }
            }
            part.rows.push(PackedRow {
                log: sent.len() as u32 - 1,
                codes: known.map(|(_, code)| code),
                ..*packed
            })?;
        }
        let mut out = Vec::new();
        let logs: Vec<u32> = (0..sent.len() as u32).collect();
        part.write_batch(&mut out, [0; 4], &logs, &sent)?;
        Ok(out)
    }

    /// Adds the rows that a [`RowSender`] took, each batch in its turn: those of `logs`, by their
    /// positions in the batch. Rows that the index has already are left out, as when they are read
    /// again.
    ///
    /// # Errors
    ///
    /// Occurs when the bytes are not the next batch, and when there is not enough memory: see
    /// [`PutError`].
    pub fn put_rows(
        &mut self,
        codes: &mut Codes,
        bytes: &[u8],
        logs: Range<usize>,
    ) -> Result<(), PutError> {
        let known = codes.0.each_ref().map(Vec::len);
        let (batch, texts) = Batch::read(bytes, 0, known).ok_or(PutError::Malformed)?;
        let end = logs.end.min(batch.sections.len());
        let sections = batch.sections.get(logs.start..end).unwrap_or_default();
        if !sections.iter().all(|section| self.is_next(section)) {
            return Err(PutError::Malformed);
        }
        codes.add(&mut self.dictionaries, &texts);
        for section in sections {
            self.put_section(section, batch.rows_of(section, bytes), codes)?;
        }
        Ok(())
    }

    /// Adds the rows of a log, which [continue](Self::is_next) it.
    pub(super) fn put_section(
        &mut self,
        section: &Section,
        rows: &[u8],
        codes: &Codes,
    ) -> Result<(), PutError> {
        let number = section.log as u32;
        if section.rows > 0 || section.provisional == 0 {
            let complete = (section.rows - section.provisional) as usize;
            let mut provisional = Vec::new();
            let mut next = self.logs[number as usize].next;
            for (at, row) in rows.chunks_exact(ROW_BYTES).enumerate() {
                let packed = unpack(row).ok_or(PutError::Malformed)?;
                let packed = PackedRow {
                    log: number,
                    codes: codes.of(packed.codes),
                    ..packed
                };
                let put = self.put(packed).map_err(|_| PutError::OutOfMemory)?;
                if at < complete {
                    next = self.logs[number as usize].next;
                } else {
                    provisional.extend(put);
                }
            }
            self.drop_provisional(number);
            self.logs[number as usize].expect(provisional, next);
        }
        let log = &mut self.logs[number as usize];
        log.position = section.position;
        log.lines += section.lines;
        Ok(())
    }

    /// Returns whether a batch continues a log.
    pub(super) fn is_next(&self, section: &Section) -> bool {
        let number = usize::try_from(section.log).unwrap_or(usize::MAX);
        self.logs.get(number).is_some_and(|log| {
            let provisional = log.provisional.len() as u64;
            section.from == log.position
                && section.position >= section.from
                && section.position <= MAX_OFFSET
                && section.lines <= section.position - section.from
                // Only rows that exist can be provisional.
                && section.provisional <= if section.rows > 0 { section.rows } else { provisional }
        })
    }
}

impl Codes {
    /// Adds new texts, in the order of their codes.
    pub(super) fn add(&mut self, dictionaries: &mut [Dictionary; 4], texts: &[Vec<&str>; 4]) {
        for ((dictionary, codes), texts) in dictionaries.iter_mut().zip(&mut self.0).zip(texts) {
            codes.extend(texts.iter().map(|text| dictionary.code_or_new(text)));
        }
    }

    /// Returns the codes in the index that gets the rows. The codes must be known.
    fn of(&self, codes: [u32; 4]) -> [u32; 4] {
        std::array::from_fn(|column| self.0[column][codes[column] as usize])
    }
}

impl Batch {
    /// Checks the bytes of a batch, from `start` to their end, and returns the new texts. None where
    /// they are no batch that can follow the `known` texts.
    pub fn read(bytes: &[u8], start: usize, known: [usize; 4]) -> Option<(Self, [Vec<&str>; 4])> {
        let mut rest = Bytes(bytes.get(start..)?);
        let [logs] = rest.words()?;
        let texts = read_texts(&mut rest, known)?;
        // Each log takes bytes, so that this is little even if the number is wrong.
        let most = (rest.0.len() / SECTION_BYTES).min(usize::try_from(logs).ok()?);
        let mut sections = Vec::with_capacity(most);
        let mut numbers = Vec::with_capacity(most);
        let mut first = 0u64;
        for _ in 0..logs {
            let [log, from, position, lines, provisional, rows] = rest.words()?;
            sections.push(Section {
                log,
                from,
                position,
                lines,
                provisional,
                rows,
                first,
            });
            first = first.checked_add(rows)?;
            // Signed, so that the code that sorts durations is used again.
            numbers.push(log as i64);
        }
        numbers.sort_unstable();
        let is_twice = numbers.windows(2).any(|two| two[0] == two[1]);
        if is_twice || first.checked_mul(ROW_BYTES as u64)? != rest.0.len() as u64 {
            return None;
        }
        let start = bytes.len() - rest.0.len();
        let batch = Self { sections, start };
        for section in &batch.sections {
            let mut next = 0;
            for row in batch.rows_of(section, bytes).chunks_exact(ROW_BYTES) {
                let packed = unpack(row)?;
                let is_known = (0..4).all(|column| {
                    (packed.codes[column] as usize) < known[column] + texts[column].len()
                });
                if !is_known || packed.offset() < next {
                    return None;
                }
                next = packed.offset() + 1;
            }
        }
        Some((batch, texts))
    }

    /// Returns the rows of a section, which was checked.
    pub fn rows_of<'a>(&self, section: &Section, bytes: &'a [u8]) -> &'a [u8] {
        let start = self.start_of(section);
        &bytes[start..start + section.rows as usize * ROW_BYTES]
    }

    /// Returns where the rows of a section start in the bytes that were read.
    pub fn start_of(&self, section: &Section) -> usize {
        self.start + section.first as usize * ROW_BYTES
    }
}

/// Reads the new texts of the four dictionaries. None where they do not follow the `known` texts.
pub(super) fn read_texts<'a>(
    bytes: &mut Bytes<'a>,
    known: [usize; 4],
) -> Option<[Vec<&'a str>; 4]> {
    let mut texts = [const { Vec::new() }; 4];
    for (texts, known) in texts.iter_mut().zip(known) {
        let [first, count] = bytes.words()?;
        if first != known as u64 {
            return None;
        }
        // Each text takes bytes, so that this ends soon even if the number is wrong.
        for _ in 0..count {
            let [length] = bytes.words()?;
            texts.push(std::str::from_utf8(bytes.take(length)?).ok()?);
        }
    }
    Some(texts)
}

/// The bytes that are still to be read.
pub(super) struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    #[inline(never)]
    pub fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    pub fn words<const N: usize>(&mut self) -> Option<[u64; N]> {
        let mut words = [0; N];
        for word in &mut words {
            let (taken, rest) = self.0.split_first_chunk()?;
            *word = u64::from_le_bytes(*taken);
            self.0 = rest;
        }
        Some(words)
    }
}

#[inline(never)]
pub(super) fn write(out: &mut Vec<u8>, words: &[u64]) {
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
        packed.offset(),
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
    let packed = PackedRow {
        length,
        time: PackedTime::new(timestamp, flags & !row_flag::REMOVED),
        codes: [skill, phase, status, model],
        duration_ms: duration as i64,
        attempts,
        ..PackedRow::default()
    };
    (offset <= MAX_OFFSET && timestamp.is_valid()).then(|| packed.at(offset))
}
