//! The bytes of a log, chunk by chunk → its entries and its damage.
//!
//! Lines end at 0x0A alone. A reader holds one chunk and one line in memory, and the entries of a
//! long line until it ends: up to 64 MiB, or the limit of a line if that is more.
//!
//! - This file splits chunks into lines and reads each line that decodes.
//! - `tail` judges the bytes after the last line end.
//! - `recover` reads a line that does not decode.
//! - `long_line` reads a line over the limit, or with NULs at its start, as its bytes come.

mod long_line;
mod recover;
mod tail;

use std::collections::TryReserveError;

use crate::Place;
use crate::byte_class::NEWLINE;
use crate::damage::Damage;
use crate::error::Error;
use crate::reader::long_line::LongLine;
use crate::scan::{Attempts, RawEntry, scan_into};

/// Bytes that a line may have, its line end counted, where reading is strict. The Go original stops
/// at a longer line, because the buffer of its `bufio.Scanner` has this size. `docs/limits.md`
/// lists all limits.
pub const STRICT_MAX_LINE_BYTES: u64 = 1 << 20;

/// Bytes of the buffer that are kept for the next chunk. Callers pass chunks of at most 1 MiB.
const KEPT_BYTES: usize = 4 << 20;

/// What a [`Sink`] is told of an entry: its place in the file, in bytes, and how it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Offset of its first byte.
    pub offset: u64,
    /// Its length, without the line end.
    pub length: u64,
    /// Offset of the next byte to read after the entry: after its line end, if it has one.
    pub end: u64,
    /// Whether it was recovered from a damaged line.
    pub recovered: bool,
    /// Whether it may be an object in another entry's `input`: see [`damage`](crate::damage).
    pub doubtful: bool,
}

/// Why reading stopped.
///
/// - Reading is strict, and the Go original refuses the line.
/// - The line has more attempts than [`MAX_ATTEMPTS`](crate::scan::MAX_ATTEMPTS), or there is no
///   memory for them. This says nothing about the line: see [`Error::is_out_of_memory`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Offset in the file of the line's first byte.
    pub offset: u64,
    /// Number of the line, counted from 1.
    pub line: u64,
    /// What the decoder reported. None when the line is too long.
    pub error: Option<Error>,
}

/// Takes what a [`Reader`] finds, in the order of the file.
pub trait Sink {
    /// Takes an entry, which is borrowed for this call.
    fn entry(&mut self, entry: &RawEntry<'_>, record: Record);
    /// Takes the damage of a line, after the entries recovered from it. Damage of a line that has
    /// not ended is reported again, with the same offset, when more of its bytes change it.
    fn damage(&mut self, damage: Damage);
}

/// How to read a log.
#[derive(Clone, Copy, Debug)]
pub struct ReadOptions {
    /// Offset in the file of the first byte that the reader gets.
    pub offset: u64,
    /// How many line ends stand before that byte.
    pub lines: u64,
    /// Bytes that a line may have, its line end counted. A longer line is damage.
    pub max_line_bytes: u64,
    /// Whether to stop at the first line that the Go original refuses.
    pub strict: bool,
    /// Whether the sink gets doubtful entries too.
    pub doubtful: bool,
    /// Whether attempts are held or counted.
    pub attempts: Attempts,
    /// Whether nobody is writing to the file, so that NULs are damage. Otherwise reading stops
    /// before a line with NULs, because a writer may still replace them.
    pub settled: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            offset: 0,
            lines: 0,
            max_line_bytes: 1 << 28,
            strict: false,
            doubtful: false,
            attempts: Attempts::Held,
            settled: true,
        }
    }
}

/// Reads a log that it gets chunk by chunk: [`space`](Self::space), then [`read`](Self::read), and
/// [`finish`](Self::finish) where the file ends.
#[derive(Debug)]
pub struct Reader {
    options: ReadOptions,
    /// Bytes that a line may have, its line end not counted.
    limit: u64,
    /// The bytes that are not read yet, then `self.length..` unused bytes, which are zeroed once
    /// and not for each chunk.
    buffer: Vec<u8>,
    /// Bytes of the buffer that are in use.
    length: usize,
    /// Bytes at the start of the buffer that were searched and have no line end.
    searched: usize,
    /// Offset in the file of the buffer's first byte.
    offset: u64,
    lines: u64,
    long_line: Option<LongLine>,
    /// Damage of the last lines. The damage of the next line joins it if the fault is the same.
    damaged_run: Option<Damage>,
    /// Damage that was reported for the last line, which has not ended.
    reported: Option<Damage>,
    /// Entries before this offset were recovered already, from the last line, which has not ended.
    recovered_to: u64,
    /// The pending bytes, where the bytes after the last line end were judged.
    pending: Option<Place>,
    is_unsettled: bool,
}

/// Returns whether readers skip a line, which comes without its line end.
fn is_blank_line(line: &[u8]) -> bool {
    matches!(line, b"" | b"\r")
}

/// How reading a line, or the bytes after the last line end, went.
enum Outcome {
    Done,
    /// There are NULs that a writer may still replace.
    Unsettled,
}

impl Reader {
    /// Makes a reader that has read nothing.
    pub fn new(options: ReadOptions) -> Self {
        let max_line_bytes = if options.strict {
            STRICT_MAX_LINE_BYTES
        } else {
            options.max_line_bytes
        };
        Self {
            options,
            limit: max_line_bytes.saturating_sub(1),
            buffer: Vec::new(),
            length: 0,
            searched: 0,
            offset: options.offset,
            lines: options.lines,
            long_line: None,
            damaged_run: None,
            reported: None,
            recovered_to: 0,
            pending: None,
            is_unsettled: false,
        }
    }

    /// Returns how many line ends were read, with those before the first byte.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Returns the place of the bytes after the last line end.
    pub fn rest(&self) -> Place {
        let end = self.offset + self.length as u64;
        let start = self
            .long_line
            .as_ref()
            .map_or(self.offset, |long| long.offset);
        (start, end - start)
    }

    /// Returns the place of the pending bytes: more bytes may make them an entry. Until
    /// [`finish`](Self::finish) judges the bytes after the last line end, all of them are pending.
    pub fn pending(&self) -> Place {
        self.pending.unwrap_or_else(|| self.rest())
    }

    /// Returns whether reading stopped before a line with NULs that a writer may still replace.
    /// Another reader reads that line later.
    pub fn is_unsettled(&self) -> bool {
        self.is_unsettled
    }

    /// Sets [`ReadOptions::settled`] from now on.
    pub fn settle(&mut self, settled: bool) {
        self.options.settled = settled;
        self.is_unsettled &= !settled;
    }

    /// Skips the entries of a damaged line that start before an offset, because another reader
    /// recovered them.
    pub fn skip_recovered(&mut self, offset: u64) {
        self.recovered_to = offset;
    }

    /// Returns doubtful entries to the sink too, from now on.
    pub fn with_doubtful(&mut self) {
        self.options.doubtful = true;
    }

    /// Makes room for a chunk of `length` bytes and returns it. The caller writes the chunk there.
    ///
    /// # Errors
    ///
    /// Occurs when there is not enough memory. The reader is unchanged then.
    pub fn space(&mut self, length: usize) -> Result<&mut [u8], TryReserveError> {
        let start = self.length;
        let missing = length.saturating_sub(self.buffer.len() - start);
        self.buffer.try_reserve(missing)?;
        self.buffer.resize(self.buffer.len() + missing, 0);
        self.length += length;
        Ok(&mut self.buffer[start..self.length])
    }

    /// Takes the memory of a reader that is not needed any more, because new memory must be zeroed.
    /// This reader must not have any yet.
    pub(crate) fn reuse(&mut self, other: Self) {
        self.buffer = other.buffer;
    }

    /// Returns the bytes that were not read yet, and the offset of their first byte.
    pub(crate) fn unread(&self) -> (u64, &[u8]) {
        (self.offset, &self.buffer[..self.length])
    }

    /// Reads every line that has its line end.
    ///
    /// # Errors
    ///
    /// Occurs in strict reading at the first line that the Go original refuses, and whenever there
    /// is not enough memory. The sink got every entry before that line.
    pub fn read(&mut self, sink: &mut dyn Sink) -> Result<(), Refused> {
        if self.is_unsettled {
            return Ok(());
        }
        self.pending = None;
        let mut all = std::mem::take(&mut self.buffer);
        let buffer = &all[..self.length];
        let mut at = 0;
        let mut result = Ok(());
        loop {
            let end = NEWLINE.find(buffer, at + self.searched);
            if end == buffer.len() {
                break;
            }
            let line = &buffer[at..end];
            if !self.join_run(line) {
                match self.line(line, sink) {
                    Ok(Outcome::Done) => {}
                    Ok(Outcome::Unsettled) => self.is_unsettled = true,
                    Err(refused) => result = Err(refused),
                }
            }
            if result.is_err() || self.is_unsettled {
                break;
            }
            self.searched = 0;
            self.lines += 1;
            // The first bytes of a long line may have left the buffer already.
            self.offset += (end - at + 1) as u64;
            at = end + 1;
        }
        if result.is_ok() && !self.is_unsettled {
            match self.unended_line(&buffer[at..], sink) {
                Ok(taken) => {
                    at += taken;
                    self.offset += taken as u64;
                }
                Err(refused) => result = Err(refused),
            }
            self.searched = buffer.len() - at;
        }
        all.copy_within(at..self.length, 0);
        self.length -= at;
        // The large line that needed this memory was read.
        if all.len() > KEPT_BYTES && self.length < KEPT_BYTES {
            all.truncate(KEPT_BYTES);
            all.shrink_to_fit();
        }
        self.buffer = all;
        result
    }

    /// Returns the error of the line here.
    fn refuse<T>(&self, error: Option<Error>) -> Result<T, Refused> {
        Err(Refused {
            offset: self.offset,
            line: self.lines + 1,
            error,
        })
    }

    /// Reads a line that has its line end. `line` comes without the line end.
    fn line(&mut self, line: &[u8], sink: &mut dyn Sink) -> Result<Outcome, Refused> {
        if self.long_line.is_some() || line.len() as u64 > self.limit {
            if self.options.strict {
                return self.refuse(None);
            }
            self.long_line(line, true, sink)?;
            return Ok(Outcome::Done);
        }
        if is_blank_line(line) {
            return Ok(Outcome::Done);
        }
        let mut entry = RawEntry::default();
        let error = match scan_into(&mut entry, line, self.options.attempts) {
            Ok(()) => {
                self.flush(sink);
                sink.entry(&entry, self.undamaged(line, 1));
                return Ok(Outcome::Done);
            }
            Err(error) if self.options.strict || error.is_out_of_memory() => {
                return self.refuse(Some(error));
            }
            Err(error) => error,
        };
        if self.is_unsettled_by(line) {
            return Ok(Outcome::Unsettled);
        }
        // Millions of attempts may have been read before the error.
        drop(entry);
        self.damaged_line(line, error, true, sink)
    }

    /// Reads the bytes of a line that has not ended, if it is a long line. Returns how many bytes
    /// at its start are not needed any more.
    fn unended_line(&mut self, line: &[u8], sink: &mut dyn Sink) -> Result<usize, Refused> {
        let is_too_long = line.len() as u64 > self.limit;
        if self.options.strict {
            return if is_too_long {
                self.refuse(None)
            } else {
                Ok(0)
            };
        }
        if self.long_line.is_none() {
            let starts_with_nul = line.first() == Some(&0);
            if starts_with_nul && !self.options.settled {
                self.is_unsettled = true;
                return Ok(0);
            }
            if !is_too_long && !starts_with_nul {
                return Ok(0);
            }
        }
        self.long_line(line, false, sink)
    }

    /// Returns the record of an undamaged line that starts here and has a line end of `line_end`
    /// bytes.
    fn undamaged(&self, line: &[u8], line_end: u64) -> Record {
        let length = line.len() as u64;
        Record {
            offset: self.offset,
            length,
            end: self.offset + length + line_end,
            recovered: false,
            doubtful: false,
        }
    }

    /// Returns whether a writer may still replace NULs of a text.
    fn is_unsettled_by(&self, text: &[u8]) -> bool {
        !self.options.settled && text.contains(&0)
    }
}
