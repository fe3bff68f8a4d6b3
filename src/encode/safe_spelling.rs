//! The safe spelling of `input`: no object in it starts with the bytes that an entry starts with,
//! so that none can be taken for an entry when the line is damaged.

use super::escape_first;
use crate::byte_class;
use crate::json::characters;

/// Appends a JSON value without blanks outside its strings, with the safe spelling.
pub(super) fn write(bytes: &[u8], out: &mut Vec<u8>) {
    // A string never holds these bytes, because a quote ends it.
    const KEY: &[u8] = b"{\"session_id\"";
    let mut at = 0;
    loop {
        at += byte_class::SAFE_JSON.copy_until(&bytes[at..], out);
        let rest = &bytes[at..];
        at += match rest {
            [] => return,
            [b'{', ..] if rest.starts_with(KEY) => {
                out.extend_from_slice(b"{\"session\\u005fid\"");
                KEY.len()
            }
            [b'\\', b'u', b'd' | b'D', ..] => surrogate(rest, out),
            [b'\\', escaped, ..] => {
                out.extend_from_slice(&[b'\\', *escaped]);
                2
            }
            [b'{', ..] => {
                out.push(b'{');
                1
            }
            _ => escape_first(rest, out),
        };
    }
}

/// Appends an escape that may be a surrogate: U+FFFD for a lone surrogate, any other escape as it
/// is. Returns how many bytes of `spelled` were taken.
fn surrogate(spelled: &[u8], out: &mut Vec<u8>) -> usize {
    let taken = match characters::read_escape(spelled, 0) {
        Some((None, end)) => {
            out.extend_from_slice("\u{fffd}".as_bytes());
            return end;
        }
        Some((Some(_), end)) => end,
        None => 1,
    };
    out.extend_from_slice(&spelled[..taken]);
    taken
}
