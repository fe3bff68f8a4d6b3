//! A JSON value kept as it was written.

use crate::error::Error;
use crate::json::Cursor;
use crate::json::raw_string::RawString;

/// The bytes of one valid JSON value, exactly as they were written.
///
/// They need not be UTF-8: inside strings any byte from 0x80 on is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawJson<'a> {
    pub(crate) bytes: &'a [u8],
    /// Whether there are blanks outside its strings.
    pub(crate) has_blanks: bool,
}

impl<'a> RawJson<'a> {
    /// Takes the bytes of one JSON value, without the blanks around it.
    ///
    /// # Errors
    ///
    /// Occurs when the bytes are not one valid value, or are nested deeper than an entry allows.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::within_entry(bytes);
        let value = cursor.value()?;
        match cursor.peek() {
            None => Ok(value),
            Some(_) => cursor.unexpected("the end of the value"),
        }
    }

    /// Takes a value without blanks that is not checked, because an encoder has just written it.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn vouched(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            has_blanks: false,
        }
    }

    /// Returns the bytes.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns how many values it has, itself included.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn count_values(&self) -> usize {
        let mut cursor = Cursor::new(self.bytes);
        let mut count = 0;
        while let Some(byte) = cursor.peek() {
            match byte {
                b'"' => {
                    if cursor.string().is_err() {
                        break;
                    }
                    count += 1;
                    continue;
                }
                // The string before it was a key, and no value.
                b':' => count -= 1,
                b'{' | b'[' => count += 1,
                b',' | b'}' | b']' => {}
                _ => {
                    let is_letter = |byte: u8| {
                        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
                    };
                    count += 1;
                    if cursor.skip_while(is_letter) > 0 {
                        continue;
                    }
                }
            }
            cursor.skip(1);
        }
        count
    }

    /// Returns each key and each string of the value.
    pub(crate) fn strings(&self) -> impl Iterator<Item = RawString<'a>> + use<'a> {
        let mut cursor = Cursor::trusting(self.bytes);
        std::iter::from_fn(move || {
            // There are no quotes outside of strings.
            cursor.skip_while(|byte| byte != b'"');
            cursor.string().ok()
        })
    }
}
