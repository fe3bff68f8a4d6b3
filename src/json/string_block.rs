//! 64 bytes of a JSON string as bits: where the string may end, and which bytes are escaped.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use std::arch::wasm32::{
    i8x16_bitmask, i8x16_eq, i8x16_splat, i8x16_swizzle, u8x16, u8x16_lt, u8x16_shr, u8x16_splat,
    v128, v128_and, v128_not, v128_or,
};

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use crate::byte_class::{VECTOR_BYTES, load};

/// Bytes in a block.
pub(crate) const BLOCK_BYTES: usize = 64;

const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;

/// One bit for each byte of a block, the lowest bit for the first byte.
#[derive(Debug, PartialEq, Eq)]
struct Bits {
    /// Quotes and control characters.
    ends: u64,
    backslashes: u64,
}

/// What the bytes of a block are.
pub(crate) struct StringBlock {
    /// The first unescaped byte that ends the string or is not allowed in it; 64 where there is
    /// none.
    pub end: usize,
    /// One bit for each escaped byte before the end that is none of `"\/bfnrt`.
    pub unusual: u64,
    /// Whether there are escapes before the end.
    pub has_escapes: bool,
    /// Whether the byte after the block is escaped.
    pub escapes_next: bool,
}

/// Classifies the bytes of a block inside a string. `is_escaped` is whether its first byte is
/// escaped.
#[inline]
pub(crate) fn classify(block: &[u8; BLOCK_BYTES], is_escaped: bool) -> StringBlock {
    let bits = bits(block);
    if bits.backslashes == 0 && !is_escaped {
        return StringBlock {
            end: bits.ends.trailing_zeros() as usize,
            unusual: 0,
            has_escapes: false,
            escapes_next: false,
        };
    }
    // In a run of backslashes every other one escapes the byte after it. The subtraction carries
    // through a run and stops after it, on a bit that is even or odd as the run's length and start
    // are. (Langdale and Lemire, Parsing Gigabytes of JSON per Second, section 3.1.1, as later
    // versions of simdjson do it.)
    let carried = u64::from(is_escaped);
    let starts = bits.backslashes & !carried;
    let codes = ((starts << 1) | ODD).wrapping_sub(starts) ^ ODD;
    let escaped = codes ^ (bits.backslashes | carried);
    // An escaped control character is no end, but a wrong escape.
    let end = (bits.ends & !escaped).trailing_zeros();
    let seen = u64::MAX >> (BLOCK_BYTES as u32 - 1 - end.min(BLOCK_BYTES as u32 - 1));
    let letters = escaped & seen;
    StringBlock {
        end: end as usize,
        unusual: if letters == 0 {
            0
        } else {
            letters & !usual_letters(block)
        },
        has_escapes: bits.backslashes & seen != 0,
        escapes_next: codes & bits.backslashes & (1 << (BLOCK_BYTES - 1)) != 0,
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline]
fn bits(block: &[u8; BLOCK_BYTES]) -> Bits {
    Bits {
        ends: mask(block, |bytes| {
            let quotes = i8x16_eq(bytes, i8x16_splat(b'"' as i8));
            v128_or(quotes, u8x16_lt(bytes, u8x16_splat(0x20)))
        }),
        backslashes: mask(block, |bytes| i8x16_eq(bytes, i8x16_splat(b'\\' as i8))),
    }
}

/// Marks the quotes.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline]
pub(crate) fn quotes(block: &[u8; BLOCK_BYTES]) -> u64 {
    mask(block, |bytes| i8x16_eq(bytes, i8x16_splat(b'"' as i8)))
}

/// Marks the letters of the short escapes, which need nothing after them.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline]
fn usual_letters(block: &[u8; BLOCK_BYTES]) -> u64 {
    // `upper` has a bit for each upper half of a letter: 1 for `"` and `/`, 2 for `\`, 4 for `b`,
    // `f` and `n`, 8 for `r` and `t`. `lower` has, for each lower half, the bits that make a letter
    // with it.
    let upper = u8x16(0, 0, 1, 0, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0);
    let lower = u8x16(0, 0, 1 | 4 | 8, 0, 8, 0, 4, 0, 0, 0, 0, 0, 2, 0, 4, 1);
    mask(block, |bytes| {
        let by_upper = i8x16_swizzle(upper, u8x16_shr(bytes, 4));
        let by_lower = i8x16_swizzle(lower, v128_and(bytes, u8x16_splat(0x0f)));
        v128_not(i8x16_eq(v128_and(by_upper, by_lower), i8x16_splat(0)))
    })
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline]
fn mask(block: &[u8; BLOCK_BYTES], is: impl Fn(v128) -> v128) -> u64 {
    let (parts, _) = block.as_chunks::<VECTOR_BYTES>();
    parts.iter().rev().fold(0, |mask, part| {
        mask << VECTOR_BYTES | u64::from(i8x16_bitmask(is(load(part))))
    })
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(crate) use one_by_one::quotes;
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
use one_by_one::{bits, usual_letters};

#[cfg(any(test, not(all(target_arch = "wasm32", target_feature = "simd128"))))]
mod one_by_one {
    use super::{BLOCK_BYTES, Bits};

    pub fn bits(block: &[u8; BLOCK_BYTES]) -> Bits {
        Bits {
            ends: mask(block, |byte| byte == b'"' || byte < 0x20),
            backslashes: mask(block, |byte| byte == b'\\'),
        }
    }

    pub fn quotes(block: &[u8; BLOCK_BYTES]) -> u64 {
        mask(block, |byte| byte == b'"')
    }

    pub fn usual_letters(block: &[u8; BLOCK_BYTES]) -> u64 {
        mask(block, |byte| {
            matches!(byte, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')
        })
    }

    fn mask(block: &[u8; BLOCK_BYTES], is: impl Fn(u8) -> bool) -> u64 {
        block
            .iter()
            .rev()
            .fold(0, |mask, &byte| mask << 1 | u64::from(is(byte)))
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{BLOCK_BYTES, bits, classify, one_by_one, quotes, usual_letters};

    /// Returns blocks of a linear congruential generator. Every byte occurs; quotes, backslashes
    /// and the letters of escapes occur often.
    fn blocks() -> impl Iterator<Item = [u8; BLOCK_BYTES]> {
        let mut state = 1u32;
        let mut random = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as usize
        };
        (0..20_000).map(move |_| {
            let density = 1 + random() % 24;
            std::array::from_fn(|_| match random() % density {
                0 => b"\\\\\\\"u/bfnrtx\x1f\n"[random() % 14],
                1 => random() as u8,
                _ => b'a',
            })
        })
    }

    #[test]
    fn classifies_64_bytes_at_once_as_one_by_one() {
        for block in blocks() {
            assert_eq!(bits(&block), one_by_one::bits(&block));
            assert_eq!(quotes(&block), one_by_one::quotes(&block));
            assert_eq!(usual_letters(&block), one_by_one::usual_letters(&block));
        }
    }

    #[test]
    fn finds_the_escapes_that_a_reader_finds() {
        for block in blocks() {
            for is_escaped in [false, true] {
                let (mut at, mut unusual, mut has_escapes) = (0, 0, false);
                let mut escaped = is_escaped;
                while at < BLOCK_BYTES {
                    match block[at] {
                        byte if escaped => {
                            escaped = false;
                            has_escapes |= byte == b'\\';
                            let is_usual = b"\"\\/bfnrt".contains(&byte);
                            unusual |= u64::from(!is_usual) << at;
                        }
                        b'\\' => {
                            escaped = true;
                            has_escapes = true;
                        }
                        byte if byte == b'"' || byte < 0x20 => break,
                        _ => {}
                    }
                    at += 1;
                }
                let found = classify(&block, is_escaped);
                assert_eq!(found.end, at, "{:?}", block.escape_ascii().to_string());
                assert_eq!(found.unusual, unusual);
                assert_eq!(found.has_escapes, has_escapes);
                if at == BLOCK_BYTES {
                    assert_eq!(found.escapes_next, escaped);
                }
            }
        }
    }
}
