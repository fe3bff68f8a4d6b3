//! The next byte of a class: found 16 bytes at a time in WebAssembly, one at a time elsewhere.
//!
//! Three files use SIMD. Each has a twin without SIMD, and a test that compares both:
//!
//! - this file finds bytes of a class, and loads vectors for the other files;
//! - `json/string_block.rs` finds the end of a string, and its escapes;
//! - `search/probe.rs` finds positions where a searched text may stand.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use std::arch::wasm32::{
    i8x16_bitmask, u8x16_eq, u8x16_lt, u8x16_splat, v128, v128_and, v128_any_true, v128_load,
    v128_or,
};

/// Bytes of a SIMD vector, which are compared at once.
pub(crate) const VECTOR_BYTES: usize = 16;

/// A class of bytes: `N` bytes from 0x20 on and, where `CONTROLS`, all bytes below 0x20. Each of
/// the `N` costs a comparison per vector.
pub(crate) struct Class<const N: usize, const CONTROLS: bool> {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    bytes: [u8; N],
    /// Whether each byte belongs to the class.
    table: [bool; 256],
}

/// The byte that ends a line.
pub(crate) static NEWLINE: Class<1, false> = Class::new(*b"\n");

/// The bytes that end a stretch of plain bytes in a JSON string.
pub(crate) static STRING: Class<2, true> = Class::new(*b"\"\\");

/// The byte that starts an escape.
pub(crate) static BACKSLASH: Class<1, false> = Class::new(*b"\\");

/// The bytes that Go escapes in a string. 0xe2 is the first byte of U+2028 and U+2029, which Go
/// escapes, and of other characters.
pub(crate) static GO_STRING: Class<6, true> = Class::new(*b"\"\\<>&\xe2");

/// The bytes that Go escapes in valid JSON. 0xe2 as above.
pub(crate) static GO_JSON: Class<4, false> = Class::new(*b"<>&\xe2");

/// As [`GO_JSON`], with the bytes that start an object or an escape: for JSON that
/// [`may_be_unsafe`].
pub(crate) static SAFE_JSON: Class<6, false> = Class::new(*b"<>&\xe2{\\");

impl<const N: usize, const CONTROLS: bool> Class<N, CONTROLS> {
    const fn new(bytes: [u8; N]) -> Self {
        let mut table = [false; 256];
        let mut at = 0;
        while at < N {
            table[bytes[at] as usize] = true;
            at += 1;
        }
        let mut byte = 0;
        while CONTROLS && byte < 0x20 {
            table[byte] = true;
            byte += 1;
        }
        Self {
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            bytes,
            table,
        }
    }

    /// Returns the index of the first byte from `at` on that belongs to the class, or the length of
    /// `bytes`.
    #[inline]
    pub fn find(&self, bytes: &[u8], mut at: usize) -> usize {
        while let Some(vector) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
            let found = self.mask(vector);
            if found != 0 {
                return at + found.trailing_zeros() as usize;
            }
            at += VECTOR_BYTES;
        }
        while at < bytes.len() && !self.contains(bytes[at]) {
            at += 1;
        }
        at
    }

    /// Returns the same as [`find`](Self::find) if that byte is among the next 16, else the length
    /// of `bytes`. Looks no further.
    #[inline]
    pub fn find_near(&self, bytes: &[u8], at: usize) -> usize {
        match bytes.get(at..).and_then(|rest| rest.first_chunk()) {
            Some(vector) => match self.mask(vector) {
                0 => bytes.len(),
                found => at + found.trailing_zeros() as usize,
            },
            None => self.find(bytes, at),
        }
    }

    /// Appends the bytes before the first byte that belongs to the class, and returns how many.
    #[inline(always)]
    pub fn copy_until(&self, bytes: &[u8], out: &mut Vec<u8>) -> usize {
        let mut at = 0;
        // A copy of a constant length is one instruction, any other copy is a call.
        while let Some(vector) = bytes[at..].first_chunk::<VECTOR_BYTES>() {
            out.extend_from_slice(vector);
            let found = self.mask(vector);
            if found != 0 {
                let plain = found.trailing_zeros() as usize;
                out.truncate(out.len() - VECTOR_BYTES + plain);
                return at + plain;
            }
            at += VECTOR_BYTES;
        }
        while at < bytes.len() && !self.contains(bytes[at]) {
            out.push(bytes[at]);
            at += 1;
        }
        at
    }

    #[inline]
    pub fn contains(&self, byte: u8) -> bool {
        self.table[usize::from(byte)]
    }

    /// Returns a bit for each byte of a vector, the lowest bit for the first byte: whether it
    /// belongs to the class.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    #[inline]
    pub fn mask(&self, vector: &[u8; VECTOR_BYTES]) -> u16 {
        let vector = load(vector);
        let mut found = if CONTROLS {
            u8x16_lt(vector, u8x16_splat(0x20))
        } else {
            u8x16_splat(0)
        };
        for byte in self.bytes {
            found = v128_or(found, u8x16_eq(vector, u8x16_splat(byte)));
        }
        i8x16_bitmask(found)
    }

    /// Returns a bit for each byte of a vector, the lowest bit for the first byte: whether it
    /// belongs to the class.
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    #[inline]
    pub fn mask(&self, vector: &[u8; VECTOR_BYTES]) -> u16 {
        self.mask_one_by_one(vector)
    }

    #[cfg(any(test, not(all(target_arch = "wasm32", target_feature = "simd128"))))]
    fn mask_one_by_one(&self, vector: &[u8; VECTOR_BYTES]) -> u16 {
        vector
            .iter()
            .rev()
            .fold(0, |mask, &byte| mask << 1 | u16::from(self.contains(byte)))
    }
}

/// Returns whether a JSON value may have an object whose first key starts with `s`, or an escape of
/// a surrogate. Few values have.
pub(crate) fn may_be_unsafe(json: &[u8]) -> bool {
    let mut at = 0;
    while let Some(triples) = json.get(at..).and_then(|rest| rest.first_chunk()) {
        if has_unsafe(triples) {
            return true;
        }
        at += VECTOR_BYTES;
    }
    has_unsafe_one_by_one(&json[at..])
}

/// Bytes that hold the 16 triples (three bytes in a row) that start in a vector.
const TRIPLES: usize = VECTOR_BYTES + 2;

/// Returns whether one of the 16 triples is `{"s` or the start of a surrogate's escape.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline]
fn has_unsafe(triples: &[u8; TRIPLES]) -> bool {
    let from = |start: usize| match triples[start..].first_chunk() {
        Some(vector) => load(vector),
        None => u8x16_splat(0),
    };
    let [first, second, third] = [from(0), from(1), from(2)];
    let is = |vector, byte| u8x16_eq(vector, u8x16_splat(byte));
    let object = v128_and(v128_and(is(first, b'{'), is(second, b'"')), is(third, b's'));
    let lower = v128_or(third, u8x16_splat(0x20));
    let escape = v128_and(
        v128_and(is(first, b'\\'), is(second, b'u')),
        is(lower, b'd'),
    );
    v128_any_true(v128_or(object, escape))
}

/// Returns whether one of the 16 triples is `{"s` or the start of a surrogate's escape.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline]
fn has_unsafe(triples: &[u8; TRIPLES]) -> bool {
    has_unsafe_one_by_one(triples)
}

fn has_unsafe_one_by_one(json: &[u8]) -> bool {
    json.windows(3)
        .any(|three| matches!(three, b"{\"s" | b"\\ud" | b"\\uD"))
}

/// Returns whether every byte is below 0x80.
// Not inlined, because copies would make the wasm larger and nothing faster.
#[inline(never)]
pub(crate) fn is_ascii(bytes: &[u8]) -> bool {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    {
        let (vectors, rest) = bytes.as_chunks::<VECTOR_BYTES>();
        vectors
            .iter()
            .all(|vector| i8x16_bitmask(load(vector)) == 0)
            && rest.is_ascii()
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    bytes.is_ascii()
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline]
#[allow(unsafe_code)]
pub(crate) fn load(vector: &[u8; VECTOR_BYTES]) -> v128 {
    // SAFETY: the reference is to 16 bytes, and the load needs no alignment.
    unsafe { v128_load(vector.as_ptr().cast()) }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{
        Class, GO_JSON, GO_STRING, NEWLINE, SAFE_JSON, STRING, VECTOR_BYTES, has_unsafe_one_by_one,
        may_be_unsafe,
    };

    #[test]
    fn finds_16_bytes_at_once_what_it_finds_one_by_one() {
        compare(&NEWLINE);
        compare(&STRING);
        compare(&GO_STRING);
        compare(&GO_JSON);
        compare(&SAFE_JSON);
    }

    #[test]
    fn finds_three_bytes_in_a_row_at_every_position() {
        let mut state = 1u32;
        for _ in 0..20_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let length = (state >> 8) as usize % 70;
            let mut bytes = vec![b'a'; length];
            for (at, byte) in bytes.iter_mut().enumerate() {
                let random = state.rotate_left(at as u32 % 31) >> 13;
                *byte = b"{\"s\\uDda"[random as usize % 8];
            }
            let expected = has_unsafe_one_by_one(&bytes);
            assert_eq!(may_be_unsafe(&bytes), expected);
        }
        for at in 0..60 {
            for three in ["{\"s", "\\ud", "\\uD"] {
                let json = format!("{}{three}", " ".repeat(at));
                assert!(may_be_unsafe(json.as_bytes()));
                assert!(!may_be_unsafe(&json.as_bytes()[..at + 2]));
            }
        }
    }

    fn compare<const N: usize, const CONTROLS: bool>(class: &Class<N, CONTROLS>) {
        // A linear congruential generator: every byte occurs, mostly plain bytes.
        let mut state = 1u32;
        let mut random = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        };
        for _ in 0..2_000 {
            let mut bytes = vec![b'a'; random() as usize % 70];
            for byte in &mut bytes {
                if random() % 8 == 0 {
                    *byte = random() as u8;
                }
            }
            for at in 0..=bytes.len() {
                let rest = &bytes[at..];
                let found = rest.iter().position(|&byte| class.contains(byte));
                let expected = found.map_or(bytes.len(), |distance| at + distance);
                assert_eq!(class.find(&bytes, at), expected);
                if let Some(vector) = rest.first_chunk::<VECTOR_BYTES>() {
                    assert_eq!(class.mask(vector), class.mask_one_by_one(vector));
                }
            }
        }
    }
}
