//! A damaged line → its pieces: each is cut from the left, as long as it can be.

use crate::damage::doubt::{continues_outer, nested_in};
use crate::error::Error;
use crate::json::{Cursor, is_blank};
use crate::scan::{Attempts, RawEntry, scan_prefix};

/// The first bytes of every canonical entry. A JSON string never holds them, because its quotes are
/// escaped. So an entry that is quoted in a string is never taken for an entry.
pub(crate) const START: &[u8] = b"{\"session_id\":\"";

/// What a piece of a damaged line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PieceKind {
    /// A run of NULs.
    Nul,
    /// Bytes that start with [`START`], decode, and have `timestamp`, `skill` and `final_status`,
    /// with the blanks after them.
    Whole,
    /// The first bytes of an entry's text: a cut entry, blanks, or a complete object that lacks
    /// what makes an entry whole.
    Torn,
    /// Anything else.
    Junk,
}

/// The first piece of a text.
pub(crate) struct Piece<'a> {
    pub kind: PieceKind,
    pub length: usize,
    /// The entry, where the piece is a whole entry.
    pub entry: Option<RawEntry<'a>>,
    /// Whether the text ends before the piece's value does, so that more bytes could complete it.
    /// False for blanks.
    pub is_open: bool,
    /// Start and end, in the piece, of each doubtful entry: those inside a torn entry, or the piece
    /// itself where it is whole.
    pub doubtful: Vec<(usize, usize)>,
}

impl Piece<'_> {
    fn new(kind: PieceKind, length: usize) -> Self {
        Self {
            kind,
            length,
            entry: None,
            is_open: false,
            doubtful: Vec::new(),
        }
    }
}

/// Cuts the first piece off a text, which is not empty and reaches to the end of its line.
///
/// # Errors
///
/// Occurs when there is not enough memory.
pub(crate) fn cut_first(text: &[u8], attempts: Attempts) -> Result<Piece<'_>, Error> {
    match text[0] {
        0 => return Ok(Piece::new(PieceKind::Nul, nul_length(text))),
        // Blanks may start an entry's text. But a whole entry after them is a piece of its own.
        byte if is_blank(byte) => {
            let blanks = text.iter().take_while(|&&byte| is_blank(byte)).count();
            return Ok(Piece::new(PieceKind::Torn, blanks));
        }
        _ => {}
    }
    let (length, is_open) = match scan_prefix(Cursor::new(text), attempts) {
        Ok(prefix) if prefix.has_whole_members() && text.starts_with(START) => {
            let is_doubtful = text
                .get(prefix.end)
                .is_some_and(|&next| continues_outer(next));
            return Ok(Piece {
                doubtful: Vec::from_iter(is_doubtful.then_some((0, prefix.end))),
                entry: Some(prefix.entry),
                ..Piece::new(PieceKind::Whole, prefix.end)
            });
        }
        Ok(prefix) => (prefix.end, false),
        Err(error) if error.is_out_of_memory() => return Err(error),
        Err(error) if error.offset == 0 => {
            return Ok(Piece::new(PieceKind::Junk, junk_length(text)));
        }
        Err(error) => (torn_end(text, error.offset), error.is_incomplete()),
    };
    Ok(Piece {
        is_open,
        doubtful: nested_in(&text[..length]),
        ..Piece::new(PieceKind::Torn, length)
    })
}

/// Counts the bytes of the junk that a text starts with: up to a byte that may start another piece.
pub(crate) fn junk_length(text: &[u8]) -> usize {
    let rest = text.iter().skip(1);
    let next = rest.take_while(|byte| !matches!(byte, 0 | b'{'));
    1 + next.count()
}

/// Counts the NULs that a text starts with. They are many where a sparse file has a hole.
pub(crate) fn nul_length(text: &[u8]) -> usize {
    const NULS: [u8; 64] = [0; 64];
    let (chunks, _) = text.as_chunks();
    let start = NULS.len() * chunks.iter().take_while(|chunk| **chunk == NULS).count();
    let rest = text[start..].iter().take_while(|byte| **byte == 0);
    start + rest.count()
}

/// Returns the end of the torn entry that `text` starts with. `wrong` is the offset of the first
/// byte that cannot continue it. The torn entry ends there, or two bytes before if the next entry
/// starts at those two bytes.
///
/// An entry torn inside a string takes `{"`, the first two bytes of the next entry, for the rest of
/// the string and its closing quote.
fn torn_end(text: &[u8], wrong: usize) -> usize {
    match wrong.checked_sub(2) {
        Some(next) if next > 0 && starts_like_entry(&text[next..]) => next,
        _ => wrong,
    }
}

/// Returns whether a text starts with the first three bytes of [`START`], or more.
pub(crate) fn starts_like_entry(text: &[u8]) -> bool {
    let same = text
        .iter()
        .zip(START)
        .take_while(|(byte, start)| byte == start);
    same.count() > 2
}
