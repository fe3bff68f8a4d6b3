//! A JSON string as it is spelled, and how it is decoded.

use std::borrow::Cow;

use crate::byte_class::{self, VECTOR_BYTES};
use crate::json::characters;

/// A JSON string as it is spelled: the bytes between its quotes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RawString<'a> {
    pub bytes: &'a [u8],
    pub has_escapes: bool,
}

impl<'a> RawString<'a> {
    /// Returns the decoded text. Each byte that is not UTF-8, and each lone surrogate, becomes one
    /// U+FFFD.
    pub fn decode(self) -> Cow<'a, str> {
        if !self.has_escapes
            && let Ok(text) = std::str::from_utf8(self.bytes)
        {
            return Cow::Borrowed(text);
        }
        let mut text = Vec::with_capacity(self.bytes.len());
        self.decode_into(&mut text);
        // The text is UTF-8, so that the default is never used.
        Cow::Owned(String::from_utf8(text).unwrap_or_default())
    }

    /// Appends the decoded text that [`decode`](Self::decode) returns.
    pub fn decode_into(self, out: &mut Vec<u8>) -> Decoded {
        let is_ascii = byte_class::is_ascii(self.bytes);
        if !is_ascii && std::str::from_utf8(self.bytes).is_err() {
            unescape_lossy(self.bytes, out);
            return Decoded {
                is_lossless: false,
                is_ascii: false,
            };
        }
        let mut decoded = Decoded {
            is_lossless: true,
            is_ascii,
        };
        if self.has_escapes {
            unescape(self.bytes, out, &mut decoded);
        } else {
            out.extend_from_slice(self.bytes);
        }
        decoded
    }
}

/// Facts about a decoded text.
pub(crate) struct Decoded {
    /// Whether nothing became U+FFFD.
    pub is_lossless: bool,
    /// Whether the decoded text is ASCII.
    pub is_ascii: bool,
}

/// Appends the decoded text of a string that is UTF-8 and has escapes.
fn unescape(spelled: &[u8], out: &mut Vec<u8>, decoded: &mut Decoded) {
    let start = out.len();
    // No escape is shorter than its character. Vectors are written whole, past the end of the text.
    out.resize(start + spelled.len() + VECTOR_BYTES, 0);
    let text = &mut out[start..];
    let (mut from, mut to) = (0, 0);
    while from < spelled.len() {
        if let Some(vector) = spelled[from..].first_chunk::<VECTOR_BYTES>() {
            text[to..to + VECTOR_BYTES].copy_from_slice(vector);
            let found = byte_class::BACKSLASH.mask(vector);
            let plain = if found == 0 {
                VECTOR_BYTES
            } else {
                found.trailing_zeros() as usize
            };
            from += plain;
            to += plain;
            if found == 0 {
                continue;
            }
        } else if spelled[from] != b'\\' {
            text[to] = spelled[from];
            from += 1;
            to += 1;
            continue;
        }
        let letter = spelled.get(from + 1).copied();
        if let Some(byte) = letter.and_then(characters::short_escape) {
            text[to] = byte;
            to += 1;
            from += 2;
            continue;
        }
        // Each escape is whole, because the grammar was checked.
        let Some((char, end)) = characters::read_escape(spelled, from) else {
            break;
        };
        decoded.is_lossless &= char.is_some();
        let char = char.unwrap_or(char::REPLACEMENT_CHARACTER);
        decoded.is_ascii &= char.is_ascii();
        to += char.encode_utf8(&mut text[to..]).len();
        from = end;
    }
    out.truncate(start + to);
}

/// Appends the decoded text of a string that is not UTF-8.
fn unescape_lossy(mut spelled: &[u8], out: &mut Vec<u8>) {
    loop {
        let plain = byte_class::BACKSLASH.find(spelled, 0);
        push_lossy(out, &spelled[..plain]);
        let Some((char, end)) = characters::read_escape(spelled, plain) else {
            return;
        };
        let char = char.unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        spelled = &spelled[end..];
    }
}

/// Appends `bytes` as UTF-8, with one U+FFFD for each byte that is not part of a character.
pub(crate) fn push_lossy(out: &mut Vec<u8>, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        out.extend_from_slice(chunk.valid().as_bytes());
        for _ in chunk.invalid() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}
