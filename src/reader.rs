//! The bytes of a log, chunk by chunk → its entries and its damage.
//!
//! Lines end at 0x0A alone. What is held in memory is one chunk and one line.

use std::collections::TryReserveError;

use serde::Serialize;

use crate::damage::{DamageKind, Piece, PieceKind, Tally, cut};
use crate::error::{Error, ErrorKind};
use crate::find::NEWLINE;
use crate::scan::{RawEntry, scan, scan_prefix};

/// Bytes that a line may have, its line end counted, where the original reads it: Go's
/// `bufio.Scanner` gives up when its buffer of this size is full and holds no line end.
pub const STRICT_MAX_LINE_BYTES: u64 = 1 << 20;

/// Bytes of entries in a line over the limit that are held until the line ends, or as many as the
/// limit where that is more. Entries beyond are given before it is known whether the line ends.
const MAX_HELD_BYTES: usize = 64 << 20;

/// Bytes of the buffer that are kept: some more than whoever reads gives at once.
const KEPT_BYTES: usize = 4 << 20;

/// Where in the file an entry stands, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Of its first byte.
    pub offset: u64,
    /// Without the line end.
    pub length: u64,
    /// Where reading goes on behind it.
    pub end: u64,
    /// Whether it was saved from a damaged line.
    pub recovered: bool,
}

/// A line that does not decode, or is too long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// What happened.
    pub kind: DamageKind,
    /// Why the line was refused, for people.
    pub reason: String,
    /// Of the line's first byte in the file.
    pub offset: u64,
    /// Of the line, in bytes, without its line end.
    pub length: u64,
    /// The line's number, counted from 1.
    pub line: u64,
    /// Offset and length of each whole entry in the line.
    pub whole: Vec<(u64, u64)>,
    /// Offset and length of each stretch that is no whole entry. What follows a
    /// piece over the limit was not looked at, and is in neither list.
    pub damaged: Vec<(u64, u64)>,
}

/// Why reading stopped, where every line must be one that the original reads.
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
    fn entry(&mut self, entry: &RawEntry<'_>, place: Place);
    /// Takes a damaged line, behind the entries recovered from it.
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
}

/// Reads a log that is given to it chunk by chunk.
#[derive(Debug)]
pub struct Reader {
    /// Bytes that a line may have, its line end not counted.
    limit: u64,
    strict: bool,
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
}

/// What the pieces of a damaged line are, as far as it was cut.
#[derive(Debug, Default)]
struct Pieces {
    tally: Tally,
    whole: Vec<(u64, u64)>,
    damaged: Vec<(u64, u64)>,
}

impl Pieces {
    /// Takes the piece that stands at `offset`.
    fn add(&mut self, piece: &Piece<'_>, offset: u64) {
        let length = piece.length as u64;
        self.tally.add(piece.kind);
        if piece.entry.is_some() {
            self.whole.push((offset, length));
            return;
        }
        match self.damaged.last_mut() {
            Some((start, before)) if *start + *before == offset => *before += length,
            _ => self.damaged.push((offset, length)),
        }
    }
}

/// A line that is looked at piece by piece, as its bytes come: it is over the limit, or begins with a
/// NUL, as the hole does that a loss of power or a sparse file leaves, and so is damaged whatever follows.
#[derive(Debug)]
struct LongLine {
    offset: u64,
    pieces: Pieces,
    /// The whole entries in it, with their offsets: they are given when the line ends, because until
    /// then its bytes are pending.
    held: Vec<(u64, Vec<u8>)>,
    held_bytes: usize,
    /// Whether a piece over the limit was met: nothing behind it is looked at.
    given_up: bool,
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
            limit: max_line_bytes.saturating_sub(1),
            strict: options.strict,
            buffer: Vec::new(),
            length: 0,
            searched: 0,
            offset: options.offset,
            lines: options.lines,
            long_line: None,
        }
    }

    /// Counts the line ends up to here.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Gives offset and length of the bytes read that no line end follows.
    pub fn rest(&self) -> (u64, u64) {
        let end = self.offset + self.length as u64;
        let start = self
            .long_line
            .as_ref()
            .map_or(self.offset, |long| long.offset);
        (start, end - start)
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
    /// Occurs at the first line that the original refuses, in strict reading alone. The sink has
    /// been given every entry before it.
    pub fn read(&mut self, sink: &mut dyn Sink) -> Result<(), Refused> {
        let mut all = std::mem::take(&mut self.buffer);
        let buffer = &all[..self.length];
        let mut at = 0;
        let mut result = Ok(());
        loop {
            let end = NEWLINE.find(buffer, at + self.searched);
            if end == buffer.len() {
                break;
            }
            self.searched = 0;
            result = self.line(&buffer[at..end], sink);
            if result.is_err() {
                break;
            }
            self.lines += 1;
            self.offset += (end - at + 1) as u64;
            at = end + 1;
        }
        if result.is_ok() {
            let rest = &buffer[at..];
            let mut done = 0;
            let is_over = rest.len() as u64 > self.limit;
            if self.strict {
                if is_over {
                    result = self.refuse(None);
                }
            } else if is_over || self.long_line.is_some() || rest.first() == Some(&0) {
                done = self.long_line(rest, false, sink);
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

    /// Reads what follows the last line end: an entry if it decodes.
    ///
    /// What does not decode is left pending, where it is not refused: [`rest`](Self::rest) gives it.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn finish(&mut self, sink: &mut dyn Sink) -> Result<(), Refused> {
        let all = std::mem::take(&mut self.buffer);
        let buffer = &all[..self.length];
        let mut result = Ok(());
        let mut done = false;
        if self.strict {
            // The original reads the last line whether or not a line end follows it.
            result = self.line(buffer, sink);
            done = result.is_ok();
        } else if self.long_line.is_none()
            && buffer.len() as u64 <= self.limit
            && let Ok(entry) = scan(buffer)
        {
            let length = buffer.len() as u64;
            sink.entry(
                &entry,
                Place {
                    offset: self.offset,
                    length,
                    end: self.offset + length,
                    recovered: false,
                },
            );
            done = true;
        }
        if done {
            self.offset += self.length as u64;
            self.length = 0;
            self.searched = 0;
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
    fn line(&mut self, line: &[u8], sink: &mut dyn Sink) -> Result<(), Refused> {
        if self.long_line.is_some() || line.len() as u64 > self.limit {
            if self.strict {
                return self.refuse(None);
            }
            self.long_line(line, true, sink);
            return Ok(());
        }
        if line.is_empty() || line == b"\r" {
            return Ok(());
        }
        let length = line.len() as u64;
        match scan(line) {
            Ok(entry) => sink.entry(
                &entry,
                Place {
                    offset: self.offset,
                    length,
                    end: self.offset + length + 1,
                    recovered: false,
                },
            ),
            Err(error) if self.strict => return self.refuse(Some(error)),
            Err(error) => {
                let mut pieces = Pieces::default();
                let mut at = 0;
                while at < line.len() {
                    let piece = cut(&line[at..]);
                    let offset = self.offset + at as u64;
                    pieces.add(&piece, offset);
                    if let Some(entry) = &piece.entry {
                        recover(entry, offset, piece.length, sink);
                    }
                    at += piece.length;
                }
                sink.damage(Damage {
                    kind: pieces.tally.kind(),
                    reason: reason_of(&error),
                    offset: self.offset,
                    length,
                    line: self.lines + 1,
                    whole: pieces.whole,
                    damaged: pieces.damaged,
                });
            }
        }
        Ok(())
    }

    /// Cuts pieces off a line and gives how many bytes are done with. What is cut
    /// does not depend on how the line's bytes were split into chunks: a piece is judged by as
    /// many bytes as a line may have and one more, or by all there are.
    fn long_line(&mut self, text: &[u8], is_end: bool, sink: &mut dyn Sink) -> usize {
        let line_offset = self.offset;
        let mut long = self.long_line.take().unwrap_or_else(|| LongLine {
            offset: line_offset,
            pieces: Pieces::default(),
            held: Vec::new(),
            held_bytes: 0,
            given_up: false,
        });
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let mut at = 0;
        while at < text.len() && !long.given_up {
            let rest = &text[at..];
            let is_over = rest.len() > limit;
            if rest[0] != 0 && !is_over && !is_end {
                break;
            }
            let piece = cut(&rest[..rest.len().min(limit.saturating_add(1))]);
            let is_entry = matches!(piece.kind, PieceKind::Whole | PieceKind::Torn);
            long.given_up = is_entry && piece.length > limit;
            if !long.given_up {
                let offset = line_offset + at as u64;
                long.pieces.add(&piece, offset);
                if piece.entry.is_some() {
                    long.held.push((offset, rest[..piece.length].to_vec()));
                    long.held_bytes += piece.length;
                }
                at += piece.length;
                if long.held_bytes > limit.max(MAX_HELD_BYTES) {
                    long.give(sink);
                }
            }
        }
        if long.given_up {
            at = text.len();
        }
        if is_end {
            long.give(sink);
            let length = line_offset + text.len() as u64 - long.offset;
            let (kind, reason) = if length > self.limit {
                let reason = format!("the line has more than {} bytes", self.limit + 1);
                (DamageKind::TooLong, reason)
            } else {
                (long.pieces.tally.kind(), reason_of(&nul_at_start()))
            };
            sink.damage(Damage {
                kind,
                reason,
                offset: long.offset,
                length,
                line: self.lines + 1,
                whole: long.pieces.whole,
                damaged: long.pieces.damaged,
            });
        } else {
            self.long_line = Some(long);
        }
        at
    }
}

impl LongLine {
    fn give(&mut self, sink: &mut dyn Sink) {
        for (offset, text) in self.held.drain(..) {
            if let Ok(prefix) = scan_prefix(&text) {
                recover(&prefix.entry, offset, text.len(), sink);
            }
        }
        self.held_bytes = 0;
    }
}

fn reason_of(error: &Error) -> String {
    format!("{error}, at byte {} of the line", error.offset)
}

/// What the scanner says of a line that begins with a NUL.
fn nul_at_start() -> Error {
    match scan(b"\0") {
        Err(error) => error,
        Ok(_) => Error::new(0, ErrorKind::UnexpectedEnd),
    }
}

fn recover(entry: &RawEntry<'_>, offset: u64, length: usize, sink: &mut dyn Sink) {
    let length = length as u64;
    let place = Place {
        offset,
        length,
        end: offset + length,
        recovered: true,
    };
    sink.entry(entry, place);
}
