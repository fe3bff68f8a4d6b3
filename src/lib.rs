//! The core of a session log for agent skill runs: one file a session, one JSON line an entry.
//!
//! - [`decode()`] accepts the lines that the Go original accepts, and no others, up to 2²²
//!   attempts. [`encode()`] writes exactly the bytes that it writes.
//! - [`reader`] splits a log into lines, and [`damage`] recovers the entries of damaged lines.
//! - [`index`] holds a row for each entry, to select and count entries without reading them, and to
//!   find their lines again.
//! - [`search`] finds a text in lines that are not decoded.
//!
//! The core does no I/O: bytes come in, entries and reports go out.
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

mod byte_class;
pub mod damage;
pub mod decode;
pub mod encode;
pub mod entry;
#[cfg(feature = "schema")]
pub mod entry_schema;
pub mod error;
pub mod index;
mod json;
pub mod reader;
pub mod scan;
pub mod search;
pub mod timestamp;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use decode::decode;
pub use encode::{InputSpelling, encode, encode_as};
pub use entry::{Attempt, Entry};
pub use error::{Error, ErrorKind};
pub use json::RawJson;
pub use search::Needle;

/// Where something stands in a file: the offset of its first byte, and its length, both in bytes.
pub type Place = (u64, u64);
