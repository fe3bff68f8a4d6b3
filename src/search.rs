//! A text search in lines that are not decoded.
//!
//! - `needle` is the text that is searched for, and decides where it occurs.
//! - `probe` finds the few positions in a text that `needle` has to look at.
//! - `case_folding` makes characters equal that differ in case alone.

mod case_folding;
mod needle;
mod probe;

pub use needle::Needle;
