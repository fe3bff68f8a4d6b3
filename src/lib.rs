//! The core of a session log for agent skill runs: one file a session, one JSON line an entry.
//!
//! It decodes lines exactly as leniently as Go's `encoding/json` does and encodes them to exactly
//! the bytes it writes; it splits files into lines, and saves what can be saved of damaged ones.
//! It does no I/O: bytes come in, entries and reports go out.
//!
//! ```
//! use skill_log::{decode, encode};
//!
//! let line = br#"{"skill":"tdd","TIMESTAMP":"2026-01-02T03:04:05.60Z","session_id":"s-1","final_status":"<ok>"}"#;
//! let entry = decode(line)?;
//! assert_eq!(entry.skill, "tdd");
//!
//! let mut canonical = Vec::new();
//! encode(&entry, &mut canonical)?;
//! assert_eq!(
//!     String::from_utf8_lossy(&canonical),
//!     r#"{"session_id":"s-1","timestamp":"2026-01-02T03:04:05.6Z","skill":"tdd","final_status":"\u003cok\u003e"}"#,
//! );
//! # Ok::<(), skill_log::Error>(())
//! ```
#![deny(missing_docs)]
#![deny(unsafe_code)]

mod block;
mod cells;
pub mod damage;
pub mod decode;
pub mod dictionary;
pub mod encode;
pub mod entry;
pub mod error;
#[cfg(target_arch = "wasm32")]
mod fields;
mod find;
mod fold;
pub mod index;
mod json;
mod long_line;
pub mod needle;
mod nested;
mod probe;
pub mod query;
mod raw_string;
pub mod reader;
pub mod row_batch;
pub mod row_reader;
pub mod scan;
#[cfg(feature = "schema")]
pub mod schema;
mod spelling;
pub mod tape;
pub mod timestamp;
pub mod totals;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use decode::decode;
pub use encode::{Spelling, encode, encode_as};
pub use entry::{Attempt, Entry, RawJson};
pub use error::{Error, ErrorKind};
pub use needle::Needle;
