//! A line that does not decode: what is wrong with it, and which entries can be recovered from it.
//!
//! - `piece` cuts the line, from the left, into the longest pieces: NULs, whole entries, torn
//!   entries and junk.
//! - `doubt` decides which whole entries are doubtful.
//! - `kind` decides the kind of damage from the pieces, and lists where a new kind goes.
//! - `damaged_line` collects the pieces into the [`Damage`] that is reported.
//! - `outline` follows the structure of an entry's text whose bytes come chunk by chunk.
//!
//! [`Reader`](crate::reader::Reader) calls them for each line that does not decode.

pub(crate) mod damaged_line;
pub(crate) mod doubt;
mod kind;
pub(crate) mod outline;
pub(crate) mod piece;

pub use damaged_line::{Damage, Reason};
pub use kind::DamageKind;
