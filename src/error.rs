//! Why a text is no entry: one error type, made of facts.

use std::fmt;

/// Why a line was refused, and at which byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The first wrong byte, counted from 0 at the start of the text. The bytes before it could
    /// start an entry's text. It is the length of the text where bytes are missing.
    pub offset: usize,
    /// What was wrong there.
    pub kind: ErrorKind,
}

/// What can be wrong with an entry's text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Occurs when the text ends before the entry does: more bytes could complete it.
    UnexpectedEnd,
    /// Occurs when a byte cannot stand where it does.
    UnexpectedByte {
        /// The byte.
        found: u8,
        /// What is allowed there, as a text for people.
        expected: &'static str,
    },
    /// Occurs when arrays and objects are nested more than [`MAX_DEPTH`](crate::decode::MAX_DEPTH)
    /// deep.
    TooDeep,
    /// Occurs when an entry has more attempts than [`MAX_ATTEMPTS`](crate::scan::MAX_ATTEMPTS), or
    /// there is no memory for them. Says nothing about the text.
    OutOfMemory,
    /// Occurs when a field has a JSON value of the wrong type.
    WrongType {
        /// The field's name.
        field: &'static str,
        /// The type it must have.
        expected: &'static str,
    },
    /// Occurs when a whole number does not fit 64 bits with a sign.
    OutOfRange {
        /// The field's name.
        field: &'static str,
    },
    /// Occurs when a timestamp is no RFC 3339 time, as leniently as Go's `time` package reads it.
    InvalidTimestamp,
    /// Occurs when an entry is encoded whose timestamp has an offset from UTC of 24 hours or more,
    /// which RFC 3339 does not allow.
    UnencodableTimestamp,
}

impl Error {
    pub(crate) fn new(offset: usize, kind: ErrorKind) -> Self {
        Self { offset, kind }
    }

    /// Returns whether the entry has too many attempts, or there was no memory for them. The text
    /// may be an entry.
    pub fn is_out_of_memory(&self) -> bool {
        self.kind == ErrorKind::OutOfMemory
    }

    /// Returns whether more bytes could make the text an entry.
    pub fn is_incomplete(&self) -> bool {
        self.kind == ErrorKind::UnexpectedEnd
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::UnexpectedEnd => f.write_str("the text ends before the entry does"),
            ErrorKind::UnexpectedByte { found, expected } => {
                write!(
                    f,
                    "byte {:#04x} ('{}') where {expected} was expected",
                    found,
                    found.escape_ascii()
                )
            }
            ErrorKind::OutOfMemory => {
                f.write_str("more than 4194304 attempts, or not enough memory for them")
            }
            ErrorKind::TooDeep => f.write_str("nested too deep"),
            ErrorKind::WrongType { field, expected } => {
                write!(f, "{field} must be {expected}")
            }
            ErrorKind::OutOfRange { field } => {
                write!(f, "{field} does not fit a 64-bit integer")
            }
            ErrorKind::InvalidTimestamp => f.write_str("timestamp is not an RFC 3339 time"),
            ErrorKind::UnencodableTimestamp => {
                f.write_str("timestamp has an offset of 24 hours or more")
            }
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{Error, ErrorKind};
    use crate::scan::MAX_ATTEMPTS;

    #[test]
    fn names_the_most_attempts() {
        let message = Error::new(0, ErrorKind::OutOfMemory).to_string();
        assert!(message.contains(&MAX_ATTEMPTS.to_string()), "{message}");
    }
}
