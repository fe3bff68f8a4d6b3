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

use std::collections::{TryReserveError, VecDeque};

use crate::index::dictionary::Dictionary;
use crate::index::logs::Log;
use crate::index::table::{MAX_OFFSET, PackedRow, PackedTime, row_flag};
use crate::index::{Index, State};
use crate::timestamp::Timestamp;

const WORD_BYTES: usize = 8;
const ROW_WORDS: usize = 7;
pub(super) const ROW_BYTES: usize = ROW_WORDS * WORD_BYTES;

/// Takes the rows of the index that reads, as bytes for the index that is asked.
#[derive(Debug, Default)]
pub struct RowSender {
    /// The logs that are read, in the order of the index that reads.
    logs: Vec<Sent>,
    /// How many texts of each dictionary were taken.
    texts: [usize; 4],
}

/// How much of a log was taken.
#[derive(Debug)]
struct Sent {
    /// The number of the log in the index that is asked.
    log: u32,
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
struct Batch<'a> {
    logs: Vec<Section>,
    /// The new texts of skill, phase, status and model.
    texts: [Vec<&'a str>; 4],
    rows: &'a [u8],
}

/// What a batch says of a log.
struct Section {
    log: u64,
    from: u64,
    position: u64,
    lines: u64,
    provisional: u64,
    rows: u64,
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
            provisional: (0..state.provisional).map(|_| u32::MAX).collect(),
            ..Log::default()
        });
        self.logs.len() as u32 - 1
    }

    /// Takes the rows out of the index that reads. Returns them as bytes, with the new texts. The
    /// bytes also say how far each log was read, even where it has no rows.
    ///
    /// The rows of each log must stand together.
    ///
    /// # Errors
    ///
    /// Occurs when there is not enough memory. The sender and the index are unchanged then.
    pub fn take_rows(&mut self, index: &mut Index) -> Result<Vec<u8>, TryReserveError> {
        let mut counts = vec![0; self.logs.len()];
        let rows = || index.rows.iter().filter(|packed| !packed.is_removed());
        for packed in rows() {
            counts[packed.log as usize] += 1;
        }
        let mut out = Vec::new();
        write(&mut out, &[self.logs.len() as u64]);
        for (dictionary, taken) in index.dictionaries.iter().zip(self.texts) {
            write_texts(&mut out, dictionary, taken);
        }
        for ((sent, log), count) in self.logs.iter().zip(&index.logs).zip(&counts) {
            let State {
                position,
                lines,
                provisional,
            } = log.state();
            let (log, from, lines) = (sent.log.into(), sent.position, lines - sent.lines);
            write(&mut out, &[log, from, position, lines, provisional, *count]);
        }
        out.try_reserve_exact(rows().count() * ROW_BYTES)?;
        for packed in rows() {
            write(&mut out, &pack(packed));
        }
        index.rows.clear();
        index.holes = 0;
        for (sent, log) in self.logs.iter_mut().zip(&mut index.logs) {
            sent.position = log.position;
            sent.lines = log.lines;
            // Those rows are in the other index now.
            log.provisional.iter_mut().for_each(|row| *row = u32::MAX);
        }
        self.texts = index.dictionaries.each_ref().map(Dictionary::len);
        Ok(out)
    }

    /// Forgets the logs, whose rows were taken. The texts stay.
    pub fn clear_logs(&mut self, index: &mut Index) {
        self.logs.clear();
        index.logs.clear();
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
            .filter(|batch| batch.logs.iter().all(|section| self.is_next(section)))
            .ok_or(PutError::Malformed)?;
        codes.add(&mut self.dictionaries, &batch.texts);
        let mut rows = batch.rows.chunks_exact(ROW_BYTES);
        for section in batch.logs {
            let log = section.log as u32;
            let of_log = (&mut rows).take(section.rows as usize);
            self.put_section(&section, of_log, codes)?;
            let log = &mut self.logs[log as usize];
            log.position = section.position;
            log.lines += section.lines;
        }
        Ok(())
    }

    /// Adds the rows of a log.
    fn put_section<'a>(
        &mut self,
        section: &Section,
        rows: impl Iterator<Item = &'a [u8]>,
        codes: &Codes,
    ) -> Result<(), PutError> {
        let log = section.log as u32;
        if section.rows == 0 && section.provisional > 0 {
            return Ok(());
        }
        let first_provisional = section.rows - section.provisional;
        let mut provisional = VecDeque::new();
        let mut last = self.logs[log as usize].last;
        for (at, row) in (0..).zip(rows) {
            let packed = unpack(row).ok_or(PutError::Malformed)?;
            let packed = PackedRow {
                log,
                codes: codes.of(packed.codes),
                ..packed
            };
            let put = self.put(packed).map_err(|_| PutError::OutOfMemory)?;
            if at >= first_provisional {
                provisional.extend(put);
            } else {
                last = self.logs[log as usize].last;
            }
        }
        self.drop_provisional(log);
        let log = &mut self.logs[log as usize];
        log.provisional = provisional;
        log.last = last;
        Ok(())
    }

    /// Returns whether a batch continues a log.
    fn is_next(&self, section: &Section) -> bool {
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

impl<'a> Batch<'a> {
    /// Checks the bytes of a batch. None where they are no batch that can follow the codes so far.
    fn read(bytes: &'a [u8], codes: &Codes) -> Option<Self> {
        let mut bytes = Bytes(bytes);
        let [logs] = bytes.words()?;
        let known = codes.0.each_ref().map(Vec::len);
        let texts = read_texts(&mut bytes, known)?;
        // Each log takes bytes, so that this ends soon even if the number is wrong.
        let logs = (0..logs)
            .map(|_| {
                let [log, from, position, lines, provisional, rows] = bytes.words()?;
                Some(Section {
                    log,
                    from,
                    position,
                    lines,
                    provisional,
                    rows,
                })
            })
            .collect::<Option<Vec<Section>>>()?;
        // Signed, so that the code that sorts durations is used again.
        let mut numbers: Vec<i64> = logs.iter().map(|section| section.log as i64).collect();
        numbers.sort_unstable();
        if numbers.windows(2).any(|two| two[0] == two[1]) {
            return None;
        }
        let rows = bytes.0;
        let mut each = rows.chunks_exact(ROW_BYTES);
        for section in &logs {
            let mut next = 0;
            for _ in 0..section.rows {
                let packed = unpack(each.next()?)?;
                let is_known = (0..4).all(|column| {
                    (packed.codes[column] as usize) < known[column] + texts[column].len()
                });
                if !is_known || packed.offset() < next {
                    return None;
                }
                next = packed.offset() + 1;
            }
        }
        let is_whole = each.next().is_none() && each.remainder().is_empty();
        is_whole.then_some(Self { logs, texts, rows })
    }
}

/// Writes the texts of a dictionary that follow the first `taken`.
pub(super) fn write_texts(out: &mut Vec<u8>, dictionary: &Dictionary, taken: usize) {
    let new = taken.min(dictionary.len())..dictionary.len();
    write(out, &[new.start as u64, new.len() as u64]);
    for code in new {
        let text = dictionary.text(code as u32);
        write(out, &[text.len() as u64]);
        out.extend_from_slice(text.as_bytes());
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

pub(super) fn write(out: &mut Vec<u8>, words: &[u64]) {
    for word in words {
        out.extend_from_slice(&word.to_le_bytes());
    }
}

/// Returns the words of a row.
pub(super) fn pack(packed: &PackedRow) -> [u64; ROW_WORDS] {
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
pub(super) fn unpack(row: &[u8]) -> Option<PackedRow> {
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
