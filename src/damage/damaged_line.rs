//! A damaged line: the places of its pieces, and the damage that is reported.

use crate::Place;
use crate::damage::kind::{DamageKind, PieceTally};
use crate::damage::piece::Piece;
use crate::error::Error;

/// Why a line was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The line does not decode.
    Error(Error),
    /// The line has more bytes than this limit, its line end counted.
    TooLong(u64),
    /// The line is the first of the file, and a byte order mark stands before the entry.
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

/// A line that does not decode or is too long, or neighbouring lines with the same fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// What happened.
    pub kind: DamageKind,
    /// Why the line was refused.
    pub reason: Reason,
    /// Offset in the file of the line's first byte.
    pub offset: u64,
    /// Length of the line in bytes, without its line end.
    pub length: u64,
    /// Number of the line, counted from 1.
    pub line: u64,
    /// How many lines this is. Several lines have the same kind and reason, and no entry.
    pub lines: u64,
    /// Each whole entry of the line that is not doubtful.
    pub whole: Vec<Place>,
    /// Each doubtful entry: a whole entry that may be an object in another entry's `input`.
    pub doubtful: Vec<Place>,
    /// Each stretch of other bytes.
    pub damaged: Vec<Place>,
}

impl Damage {
    /// Joins the damage of the next line, if both have the same kind and reason and neither has an
    /// entry. Returns whether it did.
    pub(crate) fn join(
        &mut self,
        kind: DamageKind,
        reason: &Reason,
        offset: u64,
        length: u64,
    ) -> bool {
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

/// The places of the pieces of a damaged line, as far as the line was cut.
#[derive(Clone, Debug, Default)]
pub(crate) struct LinePieces {
    pub tally: PieceTally,
    pub whole: Vec<Place>,
    pub doubtful: Vec<Place>,
    pub damaged: Vec<Place>,
}

impl LinePieces {
    /// Adds the piece that starts at `offset`.
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

    /// Adds a stretch that is damaged but for the doubtful entries in it.
    pub fn add_damaged(&mut self, offset: u64, length: u64, doubtful: impl Iterator<Item = Place>) {
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

/// A damaged line that was cut, before its damage is reported.
pub(crate) struct DamagedLine {
    pub pieces: LinePieces,
    pub reason: Reason,
    pub offset: u64,
    pub end: u64,
}
