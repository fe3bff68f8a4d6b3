//! One error type, made of facts, with a stable code.

use std::fmt;

/// Why a line was refused, and at which of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The byte, counted from the start of the text, at which it stopped being an entry's text.
    /// Every byte before it could still have begun one.
    pub offset: usize,
    /// What was wrong there.
    pub kind: ErrorKind,
}

/// What can be wrong with a text that should be an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Occurs when the text ends before the entry does: more bytes could complete it.
    UnexpectedEnd,
    /// Occurs when a byte cannot stand where it does.
    UnexpectedByte {
        /// The byte.
        found: u8,
        /// What could have stood there, for people.
        expected: &'static str,
    },
    /// Occurs when arrays and objects are nested more than [`MAX_DEPTH`](crate::decode::MAX_DEPTH) deep.
    TooDeep,
    /// Occurs when memory does not suffice for the attempts of an entry: for tens of millions of them.
    /// Says nothing about the text.
    OutOfMemory,
    /// Occurs when a field holds a JSON value of another type than its own.
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
    /// Occurs when a timestamp is not one that Go's `time` package reads as RFC 3339.
    InvalidTimestamp,
    /// Occurs, in encoding only, when a timestamp's offset is a day or more, which RFC 3339 cannot say.
    UnencodableTimestamp,
}

impl Error {
    pub(crate) fn new(offset: usize, kind: ErrorKind) -> Self {
        Self { offset, kind }
    }

    /// Tells whether memory did not suffice: the text may well be an entry.
    pub fn is_out_of_memory(&self) -> bool {
        self.kind == ErrorKind::OutOfMemory
    }

    /// Tells whether more bytes could make the text an entry.
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
            ErrorKind::OutOfMemory => f.write_str("memory does not suffice for so many attempts"),
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
