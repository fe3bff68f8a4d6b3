//! The kinds of damage, and how the pieces of a line decide its kind.

use serde::Serialize;

use crate::damage::piece::PieceKind;

/// What happened to a damaged line, judged by its pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DamageKind {
    /// A piece is no part of an entry: someone or something changed the file.
    Corrupt,
    /// A whole entry and another piece share the line: a writer without a guard, after a torn write.
    Fused,
    /// There are NULs: power was lost.
    Nul,
    /// There are torn entries alone: a write was cut.
    Torn,
    /// The line is longer than the limit.
    TooLong,
}

/// Counts the pieces of one line, to tell its kind of damage.
#[derive(Clone, Debug, Default)]
pub(crate) struct PieceTally {
    nul: bool,
    junk: bool,
    whole: usize,
    torn: usize,
}

impl PieceTally {
    pub fn add(&mut self, kind: PieceKind) {
        match kind {
            PieceKind::Nul => self.nul = true,
            PieceKind::Whole => self.whole += 1,
            PieceKind::Torn => self.torn += 1,
            PieceKind::Junk => self.junk = true,
        }
    }

    pub fn kind(&self) -> DamageKind {
        if self.junk {
            DamageKind::Corrupt
        } else if self.whole > 0 && self.whole + self.torn > 1 {
            DamageKind::Fused
        } else if self.nul {
            DamageKind::Nul
        } else {
            DamageKind::Torn
        }
    }
}
