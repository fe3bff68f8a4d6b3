//! What is wrong with a line that does not decode, and what can be saved of it.
//!
//! The line is cut from the left into the longest pieces: runs of NULs, whole entries, torn
//! entries, and what is none of these. A whole entry that may be an object in another one's `input`
//! is in doubt.

pub(crate) mod damaged_line;
pub(crate) mod doubt;
mod kind;
pub(crate) mod outline;
pub(crate) mod piece;

pub use damaged_line::{Damage, Reason};
pub use kind::DamageKind;
