//! A damaged line → the entries recovered from it, and its damage.

use crate::damage::damaged_line::{DamagedLine, LinePieces};
use crate::damage::piece::{PieceKind, cut_first, junk_length};
use crate::damage::{Damage, DamageKind, Reason};
use crate::error::{Error, ErrorKind};
use crate::reader::{Outcome, Reader, Record, Refused, Sink};
use crate::scan::{RawEntry, scan};

/// The UTF-8 byte order mark, which some programs write at the start of a text file.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Reader {
    /// Cuts a line that does not decode, recovers its entries and reports its damage.
    pub(super) fn damaged_line(
        &mut self,
        line: &[u8],
        error: Error,
        is_ended: bool,
        sink: &mut dyn Sink,
    ) -> Result<Outcome, Refused> {
        let is_first = self.offset == 0 && line.starts_with(BYTE_ORDER_MARK);
        if is_first {
            return self.line_with_byte_order_mark(line, error, is_ended, sink);
        }
        let mut pieces = LinePieces::default();
        self.cut_pieces(line, self.offset, is_ended, &mut pieces, sink)?;
        let line = DamagedLine {
            pieces,
            reason: Reason::Error(error),
            offset: self.offset,
            end: self.offset + line.len() as u64,
        };
        self.report(line, is_ended, sink);
        Ok(Outcome::Done)
    }

    /// Does what [`damaged_line`](Self::damaged_line) does, for a first line with a byte order
    /// mark. What follows the mark is an entry if it decodes.
    fn line_with_byte_order_mark(
        &mut self,
        line: &[u8],
        error: Error,
        is_ended: bool,
        sink: &mut dyn Sink,
    ) -> Result<Outcome, Refused> {
        let (mark, text) = line.split_at(BYTE_ORDER_MARK.len());
        let start = mark.len() as u64;
        let mut pieces = LinePieces::default();
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
                self.cut_pieces(text, start, is_ended, &mut pieces, sink)?;
                let is_only_mark = text.is_empty() || other.is_incomplete() && !is_ended;
                if is_only_mark {
                    Reason::ByteOrderMark
                } else {
                    Reason::Error(error)
                }
            }
        };
        let line = DamagedLine {
            pieces,
            reason,
            offset: 0,
            end: line.len() as u64,
        };
        self.report(line, is_ended, sink);
        Ok(Outcome::Done)
    }

    /// Cuts a text, up to the end of its line or of the file, and recovers the entries among the
    /// pieces.
    pub(super) fn cut_pieces(
        &mut self,
        text: &[u8],
        offset: u64,
        is_ended: bool,
        pieces: &mut LinePieces,
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
            let piece = match cut_first(&text[at..], attempts) {
                Ok(piece) => piece,
                Err(error) => return self.refuse(Some(error)),
            };
            let is_last = at + piece.length == text.len();
            if is_last && piece.is_open && !is_ended {
                // It is pending, and still counts: the pieces before it share their line with it.
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
                        // It decoded when it was found.
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

    /// Returns an entry of a damaged line to the sink, unless the sink got it before the line
    /// ended.
    pub(super) fn recover(
        &mut self,
        entry: &RawEntry<'_>,
        offset: u64,
        length: u64,
        doubtful: bool,
        sink: &mut dyn Sink,
    ) {
        if offset < self.recovered_to || doubtful && !self.options.doubtful {
            return;
        }
        let end = offset + length;
        self.recovered_to = end;
        let record = Record {
            offset,
            length,
            end,
            recovered: true,
            doubtful,
        };
        sink.entry(entry, record);
    }

    /// Reports the damage of a line, unless the same damage was reported before the line ended.
    pub(super) fn report(&mut self, damage: DamagedLine, is_ended: bool, sink: &mut dyn Sink) {
        let DamagedLine {
            pieces,
            reason,
            offset,
            end,
        } = damage;
        let kind = match reason {
            Reason::TooLong(_) => DamageKind::TooLong,
            _ => pieces.tally.kind(),
        };
        let has_no_entries = pieces.whole.is_empty() && pieces.doubtful.is_empty();
        if is_ended && has_no_entries && self.reported.is_none() {
            let run = self.damaged_run.as_mut();
            if run.is_some_and(|run| run.join(kind, &reason, offset, end - offset)) {
                return;
            }
        }
        self.flush(sink);
        // Pending bytes are not reported yet.
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
            if self.reported.take().as_ref() != Some(&damage) {
                self.damaged_run = Some(damage);
            }
        } else if self.reported.as_ref() != Some(&damage) {
            self.reported = Some(damage.clone());
            sink.damage(damage);
        }
    }

    /// Joins a line of junk to the run of damaged lines before it, if it starts with the same byte.
    /// Returns whether it did. This is fast, because a file may have millions of short lines of
    /// junk.
    pub(super) fn join_run(&mut self, line: &[u8]) -> bool {
        let (Some(run), Some(&first)) = (&mut self.damaged_run, line.first()) else {
            return false;
        };
        let error = Error {
            offset: 0,
            kind: match &run.reason {
                Reason::Error(Error { offset: 0, kind }) => kind.clone(),
                _ => return false,
            },
        };
        matches!(error.kind, ErrorKind::UnexpectedByte { found, .. } if found == first)
            && first != 0
            && line.len() as u64 <= self.limit
            && self.long_line.is_none()
            && junk_length(line) == line.len()
            && run.join(
                DamageKind::Corrupt,
                &Reason::Error(error),
                self.offset,
                line.len() as u64,
            )
    }

    /// Reports the damage of the last lines, although more lines with the same fault may follow.
    pub fn flush(&mut self, sink: &mut dyn Sink) {
        if let Some(run) = self.damaged_run.take() {
            sink.damage(run);
        }
    }
}
