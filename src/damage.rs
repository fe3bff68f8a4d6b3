//! What is wrong with a line that does not decode, and what can be saved of it.
//!
//! The line is cut from the left into the longest pieces: runs of NULs, whole entries, torn
//! entries, and what is none of these. In doubt an entry is recovered.

use serde::Serialize;

use crate::json::is_blank;
use crate::scan::{RawEntry, scan_prefix};

/// What every canonical entry starts with. These bytes cannot stand inside a JSON string, where
/// quotes are escaped: so an entry that is quoted in another's text is never taken for one.
const START: &[u8] = b"{\"session_id\":\"";

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

/// What a piece of a damaged line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PieceKind {
    /// A run of NULs.
    Nul,
    /// An entry that starts as every canonical one does, decodes, and has `timestamp`, `skill` and
    /// `final_status`; with the blanks behind it.
    Whole,
    /// The first bytes of an entry's text.
    Torn,
    /// None of these.
    Junk,
}

/// A piece at the start of a text, with the entry it is if it is whole.
pub(crate) struct Piece<'a> {
    pub kind: PieceKind,
    pub length: usize,
    pub entry: Option<RawEntry<'a>>,
}

impl Piece<'_> {
    fn new(kind: PieceKind, length: usize) -> Self {
        Self {
            kind,
            length,
            entry: None,
        }
    }
}

/// Cuts the first piece off a text that is not empty.
pub(crate) fn cut(text: &[u8]) -> Piece<'_> {
    let run = |is_part: fn(u8) -> bool| {
        text.iter()
            .position(|&byte| !is_part(byte))
            .unwrap_or(text.len())
    };
    match text[0] {
        0 => return Piece::new(PieceKind::Nul, nuls(text)),
        // Blanks may begin an entry's text, but must not keep the entry behind them from being
        // seen as a whole one.
        byte if is_blank(byte) => return Piece::new(PieceKind::Torn, run(is_blank)),
        _ => {}
    }
    let wrong = match scan_prefix(text) {
        Ok(prefix) if prefix.has_required && text.starts_with(START) => {
            return Piece {
                kind: PieceKind::Whole,
                length: prefix.end,
                entry: Some(prefix.entry),
            };
        }
        Ok(prefix) => return Piece::new(PieceKind::Torn, prefix.end),
        Err(error) => error.offset,
    };
    if wrong == 0 {
        let junk = text
            .iter()
            .skip(1)
            .position(|byte| matches!(byte, 0 | b'{'))
            .map_or(text.len(), |distance| distance + 1);
        return Piece::new(PieceKind::Junk, junk);
    }
    Piece::new(PieceKind::Torn, torn_end(text, wrong))
}

/// Counts the NULs that a text starts with: many, where they are a hole.
fn nuls(text: &[u8]) -> usize {
    const BLOCK: [u8; 64] = [0; 64];
    let (blocks, _) = text.as_chunks();
    let start = BLOCK.len() * blocks.iter().take_while(|block| **block == BLOCK).count();
    let rest = text[start..].iter().take_while(|byte| **byte == 0);
    start + rest.count()
}

/// Gives the end of the torn entry that `text` starts with, where its first `wrong` bytes can
/// begin an entry: there, or where another entry begins before that.
fn torn_end(text: &[u8], wrong: usize) -> usize {
    // An entry torn inside a string takes the first two bytes of the next one for the rest of the
    // string and its closing quote. A string never holds these bytes and what follows them.
    if let Some(next) = wrong.checked_sub(2).filter(|&next| next > 0)
        && text[next..]
            .iter()
            .zip(START)
            .take_while(|(byte, start)| byte == start)
            .count()
            > 2
    {
        return next;
    }
    // An entry torn where a value was due takes the next entry for that value. If the text goes on
    // behind it, it was the value; if not, it is in doubt.
    let torn = text[..wrong].trim_ascii_end();
    if let Some(next) = last_closed(torn).filter(|&next| next > 0)
        && text[next..].starts_with(START)
        && scan_prefix(&text[next..])
            .is_ok_and(|prefix| prefix.has_required && next + prefix.end >= torn.len())
    {
        return next;
    }
    wrong
}

/// Finds the start of the object that the last byte of `text` closes, if it closes one. The text
/// is the start of valid JSON.
fn last_closed(text: &[u8]) -> Option<usize> {
    if text.last() != Some(&b'}') {
        return None;
    }
    let mut open = Vec::new();
    let mut closed = None;
    let mut in_string = false;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 1,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => open.push(at),
            b'}' | b']' if !in_string => closed = open.pop(),
            _ => {}
        }
        at += 1;
    }
    closed.filter(|_| !in_string)
}

/// Counts the pieces of one line, to tell its kind of damage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    nul: bool,
    junk: bool,
    whole: usize,
    torn: usize,
}

impl Tally {
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
