//! The bytes of a log, chunk by chunk → its entries and its damage.
//!
//! Lines end at 0x0A alone. What is held in memory is one chunk and one line.

mod long_line;
mod recover;
mod tail;

use std::collections::TryReserveError;

use crate::Place;
use crate::byte_class::NEWLINE;
use crate::damage::Damage;
use crate::error::Error;
use crate::reader::long_line::LongLine;
use crate::scan::{Attempts, RawEntry, scan};

/// Bytes that a line may have, its line end counted, where the original reads it: Go's
/// `bufio.Scanner` gives up when its buffer of this size is full and holds no line end.
pub const STRICT_MAX_LINE_BYTES: u64 = 1 << 20;

/// Bytes of the buffer that are kept: some more than whoever reads gives at once.
const KEPT_BYTES: usize = 4 << 20;

/// Where in the file an entry stands, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Of its first byte.
    pub offset: u64,
    /// Without the line end.
    pub length: u64,
    /// Where reading goes on behind it.
    pub end: u64,
    /// Whether it was saved from a damaged line.
    pub recovered: bool,
    /// Whether it may be an object in another entry's `input`.
    pub doubtful: bool,
}

/// Why reading stopped: a line is not one that the original reads, where each must be; or memory did
/// not suffice, which says nothing about the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Of the line's first byte in the file.
    pub offset: u64,
    /// The line's number, counted from 1.
    pub line: u64,
    /// What the decoder said; none when the line is too long.
    pub error: Option<Error>,
}

/// Takes what a [`Reader`] finds, in the order of the file.
pub trait Sink {
    /// Takes an entry, which lives no longer than the call.
    fn entry(&mut self, entry: &RawEntry<'_>, record: Record);
    /// Takes a damaged line, behind the entries recovered from it. One without a line end is given
    /// again, with the same offset, where more of it came to light.
    fn damage(&mut self, damage: Damage);
}

/// How to read.
#[derive(Clone, Copy, Debug)]
pub struct ReadOptions {
    /// Where in the file the first byte stands.
    pub offset: u64,
    /// The line ends before it.
    pub lines: u64,
    /// Bytes that a line may have, its line end counted.
    pub max_line_bytes: u64,
    /// Whether to stop at the first line that the original refuses.
    pub strict: bool,
    /// Whether to give doubtful entries as well.
    pub doubtful: bool,
    /// What becomes of attempts.
    pub attempts: Attempts,
    /// Whether nobody is writing to the file: NULs are what they are. Where somebody may be, reading
    /// stops before a line that has some, for it may be read anew when it is written.
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

/// Reads a log that is given to it chunk by chunk.
#[derive(Debug)]
pub struct Reader {
    options: ReadOptions,
    /// Bytes that a line may have, its line end not counted.
    limit: u64,
    /// Starts with the first byte that is not done with. May be longer than what it holds: bytes are
    /// zeroed once, not for each chunk.
    buffer: Vec<u8>,
    /// Bytes that it holds.
    length: usize,
    /// Bytes of the buffer that are known to hold no line end.
    searched: usize,
    /// Where in the file the buffer starts.
    offset: u64,
    lines: u64,
    long_line: Option<LongLine>,
    /// Lines with the same fault, of which more may follow.
    run: Option<Damage>,
    /// What was told of the line that is not ended.
    reported: Option<Damage>,
    /// Entries before this place were given, of the line that is not ended.
    recovered_to: u64,
    /// Of the bytes that may become an entry, where the last ones were judged.
    pending: Option<Place>,
    is_unsettled: bool,
}

/// What a line, or the bytes behind the last one, came to.
enum Judged {
    Done,
    /// NULs may yet be overwritten by whoever writes.
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
            run: None,
            reported: None,
            recovered_to: 0,
            pending: None,
            is_unsettled: false,
        }
    }

    /// Counts the line ends up to here.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Gives offset and length of the bytes read that are done with only when more come: from the
    /// start of their line.
    pub fn rest(&self) -> Place {
        let end = self.offset + self.length as u64;
        let start = self
            .long_line
            .as_ref()
            .map_or(self.offset, |long| long.offset);
        (start, end - start)
    }

    /// Gives offset and length of the bytes read that more may make an entry. [`finish`](Self::finish)
    /// judges which they are; before that, all of the rest may.
    pub fn pending(&self) -> Place {
        self.pending.unwrap_or_else(|| self.rest())
    }

    /// Tells whether reading stopped before a line with NULs that somebody may be writing: it is to be
    /// read anew, by another reader.
    pub fn is_unsettled(&self) -> bool {
        self.is_unsettled
    }

    /// Says whether nobody is writing to the file, from now on: see [`ReadOptions::settled`].
    pub fn settle(&mut self, settled: bool) {
        self.options.settled = settled;
        self.is_unsettled &= !settled;
    }

    /// Says that another reader gave the entries of a damaged line that begin before a place: they are
    /// not given again.
    pub fn skip_recovered(&mut self, offset: u64) {
        self.recovered_to = offset;
    }

    /// Gives doubtful entries as well, from now on.
    pub fn give_doubtful(&mut self) {
        self.options.doubtful = true;
    }

    /// Makes room for a chunk of `length` bytes and gives it, to be written to.
    ///
    /// # Errors
    ///
    /// Occurs when memory does not suffice; nothing has changed then.
    pub fn space(&mut self, length: usize) -> Result<&mut [u8], TryReserveError> {
        let start = self.length;
        let missing = length.saturating_sub(self.buffer.len() - start);
        self.buffer.try_reserve(missing)?;
        self.buffer.resize(self.buffer.len() + missing, 0);
        self.length += length;
        Ok(&mut self.buffer[start..self.length])
    }

    /// Reads every line that is complete.
    ///
    /// # Errors
    ///
    /// Occurs at the first line that the original refuses, in strict reading alone, and where memory
    /// does not suffice. The sink has been given every entry before it.
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
            match self
                .line_of_run(line)
                .map_or_else(|| self.line(line, sink), Ok)
            {
                Ok(Judged::Done) => {}
                Ok(Judged::Unsettled) => self.is_unsettled = true,
                Err(refused) => result = Err(refused),
            }
            if result.is_err() || self.is_unsettled {
                break;
            }
            self.searched = 0;
            self.lines += 1;
            // Of a long line some bytes may be done with already.
            self.offset += (end - at + 1) as u64;
            at = end + 1;
        }
        if result.is_ok() && !self.is_unsettled {
            let rest = &buffer[at..];
            let mut done = 0;
            let is_over = rest.len() as u64 > self.limit;
            if self.options.strict {
                if is_over {
                    result = self.refuse(None);
                }
            } else if is_over || self.long_line.is_some() || rest.first() == Some(&0) {
                if !self.options.settled && self.long_line.is_none() && rest.first() == Some(&0) {
                    self.is_unsettled = true;
                } else {
                    match self.long_line(rest, false, sink) {
                        Ok(bytes) => done = bytes,
                        Err(refused) => result = Err(refused),
                    }
                }
            }
            at += done;
            self.offset += done as u64;
            self.searched = buffer.len() - at;
        }
        all.copy_within(at..self.length, 0);
        self.length -= at;
        // A line that was large is done with.
        if all.len() > KEPT_BYTES && self.length < KEPT_BYTES {
            all.truncate(KEPT_BYTES);
            all.shrink_to_fit();
        }
        self.buffer = all;
        result
    }
    fn refuse<T>(&self, error: Option<Error>) -> Result<T, Refused> {
        Err(Refused {
            offset: self.offset,
            line: self.lines + 1,
            error,
        })
    }

    /// Reads one line, given without its line end.
    fn line(&mut self, line: &[u8], sink: &mut dyn Sink) -> Result<Judged, Refused> {
        if self.long_line.is_some() || line.len() as u64 > self.limit {
            if self.options.strict {
                return self.refuse(None);
            }
            self.long_line(line, true, sink)?;
            return Ok(Judged::Done);
        }
        if line.is_empty() || line == b"\r" {
            return Ok(Judged::Done);
        }
        let length = line.len() as u64;
        let error = match scan(line, self.options.attempts) {
            Ok(entry) => {
                self.flush(sink);
                sink.entry(&entry, self.undamaged(length, 1));
                return Ok(Judged::Done);
            }
            Err(error) if self.options.strict || error.is_out_of_memory() => {
                return self.refuse(Some(error));
            }
            Err(error) => error,
        };
        if self.is_unsettled_by(line) {
            return Ok(Judged::Unsettled);
        }
        self.damaged_line(line, error, true, sink)
    }

    /// Gives the place of an entry that starts here, with so many bytes of a line end behind it.
    fn undamaged(&self, length: u64, line_end: u64) -> Record {
        Record {
            offset: self.offset,
            length,
            end: self.offset + length + line_end,
            recovered: false,
            doubtful: false,
        }
    }

    /// Tells whether somebody may be writing over the NULs of a text.
    fn is_unsettled_by(&self, text: &[u8]) -> bool {
        !self.options.settled && text.contains(&0)
    }
}
