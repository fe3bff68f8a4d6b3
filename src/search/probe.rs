//! Positions found by a few of the bytes that stand there: 16 positions at a time in WebAssembly,
//! one at a time elsewhere.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use std::arch::wasm32::{
    i8x16_bitmask, u8x16_eq, u8x16_splat, v128, v128_and, v128_any_true, v128_or,
};

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use crate::byte_class::{VECTOR_BYTES, load};

/// A choice of bytes.
///
/// A byte passes if it has the bits that all choices have in common. So other bytes may pass too.
#[derive(Clone, Copy)]
pub(crate) struct ByteChoice {
    /// The bits that are set in every choice.
    all: u8,
    /// The bits that are set in any choice.
    any: u8,
}

/// Three patterns of bytes, of which a position must match one. A number is a byte's distance from
/// the position.
#[derive(Clone, Copy, Default)]
pub(crate) struct Probe {
    /// Two bytes of the run, spelled by themselves.
    pub usual: [(usize, ByteChoice); 2],
    /// A backslash and `u`, and with `digit` an escape by number.
    pub escape: [ByteChoice; 2],
    /// A hexadecimal digit of an escape by number.
    pub digit: (usize, ByteChoice),
    /// The two bytes of a short escape, or of a character of another length than usual.
    pub other: [ByteChoice; 2],
}

impl Default for ByteChoice {
    /// Makes a choice of no bytes, which no byte passes.
    fn default() -> Self {
        Self { all: !0, any: 0 }
    }
}

impl ByteChoice {
    /// Adds a byte to the choice.
    pub fn add(&mut self, byte: u8) {
        self.all &= byte;
        self.any |= byte;
    }

    pub fn passes(self, byte: u8) -> bool {
        byte & self.common() == self.all
    }

    /// Returns the bits that are the same in every choice.
    fn common(self) -> u8 {
        !(self.all ^ self.any)
    }
}

impl Probe {
    /// Returns the first position from `at` on that matches and is accepted, or the length of the
    /// text.
    #[inline]
    pub fn find(&self, text: &[u8], at: usize, accept: impl Fn(usize) -> bool) -> usize {
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        let at = match self.find_in_vectors(text, at, &accept) {
            Ok(found) => return found,
            Err(end) => end,
        };
        let found =
            (at..text.len()).find(|&position| self.is_at(text, position) && accept(position));
        found.unwrap_or(text.len())
    }

    /// Returns the first such position among the whole vectors from `at` on, or else where they
    /// end.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    #[inline]
    fn find_in_vectors(
        &self,
        text: &[u8],
        at: usize,
        accept: impl Fn(usize) -> bool,
    ) -> Result<usize, usize> {
        let from = |distance| {
            let bytes = text.get(at + distance..).unwrap_or_default();
            bytes.as_chunks::<VECTOR_BYTES>().0.iter()
        };
        let vectors = from(0)
            .zip(from(1))
            .zip(from(self.digit.0))
            .zip(from(self.usual[0].0))
            .zip(from(self.usual[1].0));
        let probe = *self;
        let mut at = at;
        for ((((here, next), digit), first), second) in vectors {
            let (here, next) = (load(here), load(next));
            let usual = v128_and(
                probe.usual[0].1.are_in(load(first)),
                probe.usual[1].1.are_in(load(second)),
            );
            let escape = v128_and(
                v128_and(probe.escape[0].are_in(here), probe.escape[1].are_in(next)),
                probe.digit.1.are_in(load(digit)),
            );
            let other = v128_and(probe.other[0].are_in(here), probe.other[1].are_in(next));
            let found = v128_or(v128_or(usual, escape), other);
            if v128_any_true(found) {
                let mut found = i8x16_bitmask(found);
                while found != 0 {
                    let position = at + found.trailing_zeros() as usize;
                    if accept(position) {
                        return Ok(position);
                    }
                    found &= found - 1;
                }
            }
            at += VECTOR_BYTES;
        }
        Err(at)
    }

    fn is_at(&self, text: &[u8], position: usize) -> bool {
        let passes = |distance, byte: ByteChoice| {
            text.get(position + distance)
                .is_some_and(|&found| byte.passes(found))
        };
        let [(first, first_byte), (second, second_byte)] = self.usual;
        let (distance, digit) = self.digit;
        let are_here = |[here, next]: [ByteChoice; 2]| passes(0, here) && passes(1, next);
        passes(first, first_byte) && passes(second, second_byte)
            || are_here(self.escape) && passes(distance, digit)
            || are_here(self.other)
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
impl ByteChoice {
    #[inline]
    fn are_in(self, vector: v128) -> v128 {
        u8x16_eq(
            v128_and(vector, u8x16_splat(self.common())),
            u8x16_splat(self.all),
        )
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{ByteChoice, Probe};

    fn one_of(choices: &[u8]) -> ByteChoice {
        let mut byte = ByteChoice::default();
        choices.iter().for_each(|&choice| byte.add(choice));
        byte
    }

    #[test]
    fn lets_every_choice_pass() {
        for choices in [&b"a"[..], b"aA", b"kK", b"u/", b"\x80\xff", b"\0\xff"] {
            let byte = one_of(choices);
            assert!(choices.iter().all(|&choice| byte.passes(choice)));
        }
        let letter = one_of(b"qQ");
        assert!((0..=255).filter(|&byte| letter.passes(byte)).eq(*b"Qq"));
        assert!(!(0..=255).any(|byte| one_of(b"").passes(byte)));
    }

    #[test]
    fn finds_16_places_at_once_what_it_finds_one_by_one() {
        // A linear congruential generator.
        let mut state = 1u32;
        let mut random = move |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as usize % below
        };
        for _ in 0..2_000 {
            let mut byte = || one_of(&[b'a' + random(4) as u8, b'a' + random(4) as u8]);
            let bytes = [byte(), byte(), byte(), byte(), byte(), byte(), byte()];
            let probe = Probe {
                usual: [(random(20), bytes[0]), (random(70), bytes[1])],
                escape: [bytes[2], bytes[3]],
                digit: (random(6), bytes[4]),
                other: [bytes[5], bytes[6]],
            };
            let text: Vec<u8> = (0..random(150)).map(|_| b'a' + random(5) as u8).collect();
            for at in 0..=text.len() + 1 {
                let one_at_a_time = |accept: &dyn Fn(usize) -> bool| {
                    let mut positions = at..text.len();
                    positions
                        .find(|&position| probe.is_at(&text, position) && accept(position))
                        .unwrap_or(text.len())
                };
                for accept in [&|_| true, &|position: usize| position.is_multiple_of(7)]
                    as [&dyn Fn(usize) -> bool; 2]
                {
                    assert_eq!(probe.find(&text, at, accept), one_at_a_time(accept));
                }
            }
        }
    }
}
