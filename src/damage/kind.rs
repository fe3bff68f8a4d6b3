//! The kinds of damage, and how the pieces of a line decide which kind it has.
//!
//! `reader/recover.rs` decides two cases: a line over the limit is `TooLong`, whatever its pieces;
//! a byte order mark counts as junk, so that its line is `Corrupt`.
//!
//! A new kind also goes into
//!
//! - the table of kinds in `FORMAT.md` and in `docs/api.md`, and the glossary of `docs/DESIGN.md`;
//! - `DamageKind` in `js/types.d.ts`;
//! - `KINDS` in `js/damage/damaged-stretches.js`; or, if a repair leaves the kind as it is, where
//!   `js/damage/` and `js/cli/commands/repair.js` compare with "too_long";
//! - `KINDS` in `js/cli/terminal/reports.js`;
//! - `tests/conformance/damage.jsonl`, which has a file for each kind.

use crate::damage::piece::PieceKind;

/// What happened to a damaged line. Its pieces decide, unless the line is over the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DamageKind {
    /// A piece of the line is junk: someone or something changed the file.
    Corrupt,
    /// A whole entry shares the line with another whole or torn entry, because a writer appended
    /// after a torn write without starting a new line.
    Fused,
    /// The line has NULs: power was lost.
    Nul,
    /// The line has torn pieces and nothing else: a write was cut.
    Torn,
    /// The line is longer than the limit.
    TooLong,
}

impl DamageKind {
    /// Returns the kind's name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Corrupt => "corrupt",
            Self::Fused => "fused",
            Self::Nul => "nul",
            Self::Torn => "torn",
            Self::TooLong => "too_long",
        }
    }
}

/// Counts the pieces of one line, to decide its kind of damage.
#[derive(Clone, Debug, Default)]
pub(crate) struct PieceTally {
    nul: bool,
    junk: bool,
    whole: usize,
    torn: usize,
}

impl PieceTally {
    /// Counts a piece. The caller leaves out doubtful entries.
    pub fn add(&mut self, kind: PieceKind) {
        match kind {
            PieceKind::Nul => self.nul = true,
            PieceKind::Whole => self.whole += 1,
            PieceKind::Torn => self.torn += 1,
            PieceKind::Junk => self.junk = true,
        }
    }

    /// Returns the kind of a line that is not too long.
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
