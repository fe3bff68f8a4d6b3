//! `input` without what some readers misread: a lone surrogate, which many JSON parsers refuse, and
//! an object that starts with the bytes that an entry starts with.

use super::escape_first;
use crate::byte_class;
use crate::json::characters;

/// Appends a JSON value without blanks outside its strings. U+FFFD replaces lone surrogates. Where
/// `respells_keys`, no object in it starts as an entry does, so that none can be taken for an entry
/// when the line is damaged. Returns whether there was a lone surrogate.
pub(super) fn write(bytes: &[u8], respells_keys: bool, out: &mut Vec<u8>) -> bool {
    // A string never holds these bytes, because a quote ends it.
    const KEY: &[u8] = b"{\"session_id\"";
    let mut had_lone = false;
    let mut at = 0;
    loop {
        at += byte_class::SAFE_JSON.copy_until(&bytes[at..], out);
        let rest = &bytes[at..];
        at += match rest {
            [] => return had_lone,
            [b'{', ..] if respells_keys && rest.starts_with(KEY) => {
                out.extend_from_slice(b"{\"session\\u005fid\"");
                KEY.len()
            }
            [b'\\', b'u', b'd' | b'D', ..] => surrogate(rest, &mut had_lone, out),
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
fn surrogate(spelled: &[u8], had_lone: &mut bool, out: &mut Vec<u8>) -> usize {
    let taken = match characters::read_escape(spelled, 0) {
        Some((None, end)) => {
            *had_lone = true;
            out.extend_from_slice("\u{fffd}".as_bytes());
            return end;
        }
        Some((Some(_), end)) => end,
        None => 1,
    };
    out.extend_from_slice(&spelled[..taken]);
    taken
}
