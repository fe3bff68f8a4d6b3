//! The bytes of a log, chunk by chunk → its entries and its damage.
//!
//! Lines end at 0x0A alone. What is held in memory is one chunk and one line.

mod long_line;

use std::collections::TryReserveError;

use serde::{Serialize, Serializer};

use crate::byte_class::NEWLINE;
use crate::damage::{DamageKind, Piece, PieceKind, Tally, cut, junk};
use crate::error::{Error, ErrorKind};
use crate::reader::long_line::LongLine;
use crate::scan::{Attempts, RawEntry, scan};

/// Bytes that a line may have, its line end counted, where the original reads it: Go's
/// `bufio.Scanner` gives up when its buffer of this size is full and holds no line end.
pub const STRICT_MAX_LINE_BYTES: u64 = 1 << 20;

/// Bytes of the buffer that are kept: some more than whoever reads gives at once.
const KEPT_BYTES: usize = 4 << 20;

/// What some programs put at the start of a text file.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

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
    /// Whether it may be an object in another entry's `input`.
    pub doubtful: bool,
}

/// Why a line was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It does not decode.
    Error(Error),
    /// It has more bytes than this.
    TooLong(u64),
    /// It is the first line, and a byte order mark stands before the entry.
    ByteOrderMark,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Error(error) => write!(f, "{error}, at byte {} of the line", error.offset),
            Self::TooLong(limit) => write!(f, "the line has more than {limit} bytes"),
            Self::ByteOrderMark => f.write_str("a byte order mark stands before the entry"),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}

/// A line that does not decode, or is too long; or neighbouring lines with the same fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// What happened.
    pub kind: DamageKind,
    /// Why the line was refused, for people.
    pub reason: Reason,
    /// Of the line's first byte in the file.
    pub offset: u64,
    /// Of the line, in bytes, without its line end.
    pub length: u64,
    /// The line's number, counted from 1.
    pub line: u64,
    /// How many lines: more than one have the same kind and reason, and no entry.
    pub lines: u64,
    /// Offset and length of each whole entry in the line.
    pub whole: Vec<(u64, u64)>,
    /// Offset and length of each whole entry that may be an object in another one.
    pub doubtful: Vec<(u64, u64)>,
    /// Offset and length of each stretch that is neither.
    pub damaged: Vec<(u64, u64)>,
}

impl Damage {
    /// Takes the damage of the next line in, where it is of the same sort and neither has an entry.
    fn takes_in(&mut self, kind: DamageKind, reason: &Reason, offset: u64, length: u64) -> bool {
        let end = self.offset + self.length;
        if self.kind != kind || end + 1 != offset || self.reason != *reason {
            return false;
        }
        match &mut self.damaged[..] {
            [each] if *each == (self.offset, self.length) => {
                self.length = offset + length - self.offset;
                self.lines += 1;
                each.1 = self.length;
                true
            }
            _ => false,
        }
    }
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
    fn entry(&mut self, entry: &RawEntry<'_>, place: Place);
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
    told: Option<Damage>,
    /// Entries before this place were given, of the line that is not ended.
    given: u64,
    /// Of the bytes that may become an entry, where the last ones were judged.
    pending: Option<(u64, u64)>,
    is_unsettled: bool,
}

/// What the pieces of a damaged line are, as far as it was cut.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pieces {
    pub tally: Tally,
    pub whole: Vec<(u64, u64)>,
    pub doubtful: Vec<(u64, u64)>,
    pub damaged: Vec<(u64, u64)>,
}

impl Pieces {
    /// Takes the piece that stands at `offset`.
    pub fn add(&mut self, piece: &Piece<'_>, offset: u64) {
        let length = piece.length as u64;
        if piece.entry.is_some() {
            if piece.doubtful.is_empty() {
                self.tally.add(piece.kind);
                self.whole.push((offset, length));
            } else {
                self.doubtful.push((offset, length));
            }
            return;
        }
        self.tally.add(piece.kind);
        let place = |&(start, end): &(usize, usize)| (offset + start as u64, (end - start) as u64);
        self.add_damaged(offset, length, piece.doubtful.iter().map(place));
    }

    /// Takes a stretch that is no entry, but for the doubtful ones in it.
    pub fn add_damaged(
        &mut self,
        offset: u64,
        length: u64,
        doubtful: impl Iterator<Item = (u64, u64)>,
    ) {
        let mut at = offset;
        for (start, length) in doubtful {
            self.add_stretch(at, start - at);
            self.doubtful.push((start, length));
            at = start + length;
        }
        self.add_stretch(at, offset + length - at);
    }

    fn add_stretch(&mut self, offset: u64, length: u64) {
        match self.damaged.last_mut() {
            _ if length == 0 => {}
            Some((start, before)) if *start + *before == offset => *before += length,
            _ => self.damaged.push((offset, length)),
        }
    }
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
            told: None,
            given: 0,
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
    pub fn rest(&self) -> (u64, u64) {
        let end = self.offset + self.length as u64;
        let start = self
            .long_line
            .as_ref()
            .map_or(self.offset, |long| long.offset);
        (start, end - start)
    }

    /// Gives offset and length of the bytes read that more may make an entry. [`finish`](Self::finish)
    /// judges which they are; before that, all of the rest may.
    pub fn pending(&self) -> (u64, u64) {
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
    pub fn skip_given(&mut self, given: u64) {
        self.given = given;
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

    /// Reads what follows the last line end: an entry if it decodes. If some continuation could make it
    /// one, it is left [pending](Self::pending). Anything else is damaged as it stands; but its last
    /// piece, where that is the beginning of an entry, is pending.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn finish(&mut self, sink: &mut dyn Sink) -> Result<(), Refused> {
        self.flush(sink);
        if self.is_unsettled {
            return Ok(());
        }
        let all = std::mem::take(&mut self.buffer);
        let buffer = &all[..self.length];
        let mut is_done = false;
        let result = if self.options.strict {
            // The original reads the last line whether or not a line end follows it.
            self.line(buffer, sink).inspect(|_| is_done = true)
        } else if let Some(long) = self.long_line.take() {
            let judged = self.long_tail(&long, buffer, sink);
            self.long_line = Some(long);
            judged
        } else {
            self.tail(buffer, &mut is_done, sink)
        };
        if is_done {
            self.offset += self.length as u64;
            self.length = 0;
            self.searched = 0;
        }
        self.buffer = all;
        self.is_unsettled = matches!(result, Ok(Judged::Unsettled));
        result.map(|_| ())
    }

    /// Gives the damage of lines of which more with the same fault may follow.
    pub fn flush(&mut self, sink: &mut dyn Sink) {
        if let Some(run) = self.run.take() {
            sink.damage(run);
        }
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
    fn undamaged(&self, length: u64, line_end: u64) -> Place {
        Place {
            offset: self.offset,
            length,
            end: self.offset + length + line_end,
            recovered: false,
            doubtful: false,
        }
    }

    /// Takes a line of junk into the run that it follows, where it starts with the same byte: a file may
    /// have millions of such lines, each a few bytes long. Tells nothing of any other line.
    fn line_of_run(&mut self, line: &[u8]) -> Option<Judged> {
        let run = self.run.as_mut()?;
        let first = *line.first()?;
        let error = Error {
            offset: 0,
            kind: match &run.reason {
                Reason::Error(Error { offset: 0, kind }) => kind.clone(),
                _ => return None,
            },
        };
        let is_same = matches!(error.kind, ErrorKind::UnexpectedByte { found, .. } if found == first)
            && first != 0
            && line.len() as u64 <= self.limit
            && self.long_line.is_none()
            && junk(line) == line.len()
            && run.takes_in(
                DamageKind::Corrupt,
                &Reason::Error(error),
                self.offset,
                line.len() as u64,
            );
        is_same.then_some(Judged::Done)
    }

    /// Tells whether somebody may be writing over the NULs of a text.
    fn is_unsettled_by(&self, text: &[u8]) -> bool {
        !self.options.settled && text.contains(&0)
    }

    /// Reads what follows the last line end, and tells through `is_done` whether it is an entry.
    fn tail(
        &mut self,
        text: &[u8],
        is_done: &mut bool,
        sink: &mut dyn Sink,
    ) -> Result<Judged, Refused> {
        let error = match scan(text, self.options.attempts) {
            Ok(entry) => {
                sink.entry(&entry, self.undamaged(text.len() as u64, 0));
                *is_done = true;
                return Ok(Judged::Done);
            }
            Err(error) if error.is_incomplete() => return Ok(Judged::Done),
            Err(error) if error.is_out_of_memory() => return self.refuse(Some(error)),
            Err(error) => error,
        };
        if self.is_unsettled_by(text) {
            return Ok(Judged::Unsettled);
        }
        self.damaged_line(text, error, false, sink)
    }

    /// Cuts a line that does not decode, and gives what it holds.
    fn damaged_line(
        &mut self,
        line: &[u8],
        error: Error,
        is_ended: bool,
        sink: &mut dyn Sink,
    ) -> Result<Judged, Refused> {
        let is_first = self.offset == 0 && line.starts_with(BYTE_ORDER_MARK);
        if is_first {
            return self.marked_line(line, error, is_ended, sink);
        }
        let mut pieces = Pieces::default();
        self.pieces(line, self.offset, is_ended, &mut pieces, sink)?;
        let told = Told {
            pieces,
            reason: Reason::Error(error),
            offset: self.offset,
            end: self.offset + line.len() as u64,
        };
        self.tell(told, is_ended, sink);
        Ok(Judged::Done)
    }

    /// Reads a first line that a byte order mark stands before. What follows the mark is the entry if
    /// it decodes.
    fn marked_line(
        &mut self,
        line: &[u8],
        error: Error,
        is_ended: bool,
        sink: &mut dyn Sink,
    ) -> Result<Judged, Refused> {
        let (mark, text) = line.split_at(BYTE_ORDER_MARK.len());
        let start = mark.len() as u64;
        let mut pieces = Pieces::default();
        pieces.tally.add(PieceKind::Junk);
        pieces.add_damaged(0, start, std::iter::empty());
        let reason = match scan(text, self.options.attempts) {
            Ok(entry) => {
                let length = text.len() as u64;
                pieces.whole.push((start, length));
                self.recover(&entry, start, length, false, sink);
                Reason::ByteOrderMark
            }
            Err(other) if other.is_out_of_memory() => return self.refuse(Some(other)),
            Err(other) => {
                self.pieces(text, start, is_ended, &mut pieces, sink)?;
                let is_only_mark = text.is_empty() || other.is_incomplete() && !is_ended;
                if is_only_mark {
                    Reason::ByteOrderMark
                } else {
                    Reason::Error(error)
                }
            }
        };
        let told = Told {
            pieces,
            reason,
            offset: 0,
            end: line.len() as u64,
        };
        self.tell(told, is_ended, sink);
        Ok(Judged::Done)
    }

    /// Cuts a text into pieces, to the end of its line or of the file, and gives the entries among them.
    fn pieces(
        &mut self,
        text: &[u8],
        offset: u64,
        is_ended: bool,
        pieces: &mut Pieces,
        sink: &mut dyn Sink,
    ) -> Result<(), Refused> {
        let attempts = self.options.attempts;
        let end = offset + text.len() as u64;
        if !is_ended {
            self.pending = Some((end, 0));
        }
        let mut at = 0;
        while at < text.len() {
            let start = offset + at as u64;
            let piece = match cut(&text[at..], attempts) {
                Ok(piece) => piece,
                Err(error) => return self.refuse(Some(error)),
            };
            let is_last = at + piece.length == text.len();
            if is_last && piece.is_open && !is_ended {
                // A piece of the line all the same: what stands before it shares the line.
                pieces.tally.add(piece.kind);
                self.pending = Some((start, end - start));
                return Ok(());
            }
            pieces.add(&piece, start);
            match &piece.entry {
                Some(entry) => {
                    let is_doubtful = !piece.doubtful.is_empty();
                    self.recover(entry, start, piece.length as u64, is_doubtful, sink);
                }
                None => {
                    for &(from, to) in &piece.doubtful {
                        // Whole when it was found among the others.
                        if self.options.doubtful
                            && let Ok(entry) = scan(&text[at + from..at + to], attempts)
                        {
                            let start = start + from as u64;
                            self.recover(&entry, start, (to - from) as u64, true, sink);
                        }
                    }
                }
            }
            at += piece.length;
        }
        Ok(())
    }

    /// Gives an entry of a damaged line, unless it was given before the line ended.
    pub(crate) fn recover(
        &mut self,
        entry: &RawEntry<'_>,
        offset: u64,
        length: u64,
        doubtful: bool,
        sink: &mut dyn Sink,
    ) {
        if offset < self.given || doubtful && !self.options.doubtful {
            return;
        }
        let end = offset + length;
        self.given = end;
        let place = Place {
            offset,
            length,
            end,
            recovered: true,
            doubtful,
        };
        sink.entry(entry, place);
    }

    /// Gives the damage of a line, unless the same was told before the line ended.
    fn tell(&mut self, damage: Told, is_ended: bool, sink: &mut dyn Sink) {
        let Told {
            pieces,
            reason,
            offset,
            end,
        } = damage;
        let kind = match reason {
            Reason::TooLong(_) => DamageKind::TooLong,
            _ => pieces.tally.kind(),
        };
        let is_plain = pieces.whole.is_empty() && pieces.doubtful.is_empty();
        if is_ended && is_plain && self.told.is_none() {
            let run = self.run.as_mut();
            if run.is_some_and(|run| run.takes_in(kind, &reason, offset, end - offset)) {
                return;
            }
        }
        self.flush(sink);
        // Of what is pending nothing is told yet.
        let end = match self.pending {
            Some((start, _)) if !is_ended => start,
            _ => end,
        };
        let damage = Damage {
            kind,
            reason,
            offset,
            length: end - offset,
            line: self.lines + 1,
            lines: 1,
            whole: pieces.whole,
            doubtful: pieces.doubtful,
            damaged: pieces.damaged,
        };
        if is_ended {
            if self.told.take().as_ref() != Some(&damage) {
                self.run = Some(damage);
            }
        } else if self.told.as_ref() != Some(&damage) {
            self.told = Some(damage.clone());
            sink.damage(damage);
        }
    }

    /// Looks at a line piece by piece as its bytes come, and gives how many of those in the buffer are
    /// done with.
    fn long_line(
        &mut self,
        text: &[u8],
        is_ended: bool,
        sink: &mut dyn Sink,
    ) -> Result<usize, Refused> {
        let (offset, limit) = (self.offset, self.limit);
        let long = self.long_line.take();
        let mut long = long.unwrap_or_else(|| LongLine::new(offset));
        let mut at = 0;
        if !long.is_followed() {
            at = long.take_nuls(text, offset);
            let rest = &text[at..];
            if rest.len() as u64 > limit {
                long.follow(offset + at as u64);
            } else if is_ended {
                self.pieces(rest, offset + at as u64, true, &mut long.pieces, sink)?;
                at = text.len();
            }
        }
        if long.is_followed() {
            let keeps_doubtful = self.options.doubtful;
            at = long.read(text, offset, limit, keeps_doubtful);
            if is_ended {
                long.end(offset + text.len() as u64);
            }
        }
        if is_ended || long.holds_too_much(limit) {
            self.give_held(&mut long, sink)?;
        }
        if is_ended {
            self.tell_long_line(long, offset + text.len() as u64, true, sink);
        } else {
            self.long_line = Some(long);
        }
        Ok(at)
    }

    /// Judges a long line that has not ended, as it stands.
    fn long_tail(
        &mut self,
        long: &LongLine,
        text: &[u8],
        sink: &mut dyn Sink,
    ) -> Result<Judged, Refused> {
        let end = self.offset + text.len() as u64;
        let mut now = long.clone();
        if now.is_followed() {
            if now.is_one_beginning() {
                return Ok(Judged::Done);
            }
            let open = now.stop();
            self.pending = Some(open.map_or((end, 0), |start| (start, end - start)));
        } else {
            self.pieces(text, self.offset, false, &mut now.pieces, sink)?;
        }
        self.give_held(&mut now, sink)?;
        self.tell_long_line(now, end, false, sink);
        Ok(Judged::Done)
    }

    fn give_held(&mut self, long: &mut LongLine, sink: &mut dyn Sink) -> Result<(), Refused> {
        for held in long.take_held() {
            match scan(&held.text, self.options.attempts) {
                Ok(entry) => {
                    self.recover(&entry, held.offset, held.length, held.is_doubtful, sink);
                }
                // It was whole when it was held.
                Err(error) => return self.refuse(Some(error)),
            }
        }
        Ok(())
    }

    fn tell_long_line(&mut self, long: LongLine, end: u64, is_ended: bool, sink: &mut dyn Sink) {
        let offset = long.offset;
        let reason = if end - offset > self.limit {
            Reason::TooLong(self.limit + 1)
        } else {
            Reason::Error(nul_at_start())
        };
        let told = Told {
            pieces: long.pieces,
            reason,
            offset,
            end,
        };
        self.tell(told, is_ended, sink);
    }
}

/// The damage of a line, as it is to be told.
struct Told {
    pieces: Pieces,
    reason: Reason,
    offset: u64,
    end: u64,
}

/// What the scanner says of a line that begins with a NUL.
fn nul_at_start() -> Error {
    match scan(b"\0", Attempts::Counted) {
        Err(error) => error,
        Ok(_) => Error::new(0, ErrorKind::UnexpectedEnd),
    }
}
