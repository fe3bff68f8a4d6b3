//! JSON as bytes: its grammar, its strings as they are spelled, and whole values as they were
//! written.

pub(crate) mod characters;
mod cursor;
pub(crate) mod name;
mod raw_json;
pub(crate) mod raw_string;
mod string_block;

pub use cursor::MAX_DEPTH;
pub(crate) use cursor::{Cursor, is_blank};
pub use raw_json::RawJson;
