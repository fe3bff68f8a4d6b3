//! A text that is looked for in lines as they are spelled, without decoding them.

mod case_folding;
mod needle;
mod probe;

pub use needle::Needle;
