//! Finding bytes of a class: sixteen at a time in WebAssembly, one at a time elsewhere.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use std::arch::wasm32::{i8x16_bitmask, u8x16_eq, u8x16_lt, u8x16_splat, v128, v128_load, v128_or};

/// A class of bytes to be found.
pub(crate) struct Class {
    /// Its bytes from 0x20 on; some may be there twice.
    bytes: [u8; 6],
    /// Whether the bytes below 0x20 belong to it.
    controls: bool,
}

/// What ends a stretch of plain bytes inside a JSON string.
pub(crate) const STRING: Class = Class {
    bytes: *b"\"\\\"\"\"\"",
    controls: true,
};

/// What Go escapes inside a string, or may: 0xe2 is the first byte of U+2028 and U+2029, and of
/// much else.
pub(crate) const GO_STRING: Class = Class {
    bytes: *b"\"\\<>&\xe2",
    controls: true,
};

/// What Go escapes, or may, in JSON that is valid already.
pub(crate) const GO_JSON: Class = Class {
    bytes: *b"<>&\xe2<<",
    controls: false,
};

/// What ends a line.
pub(crate) const NEWLINE: Class = Class {
    bytes: [b'\n'; 6],
    controls: false,
};

impl Class {
    fn contains(&self, byte: u8) -> bool {
        self.bytes.contains(&byte) || (self.controls && byte < 0x20)
    }

    /// Finds the first byte from `at` on that belongs to the class, or the end.
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    pub fn find(&self, bytes: &[u8], at: usize) -> usize {
        self.find_one_by_one(bytes, at)
    }

    /// Finds the first byte from `at` on that belongs to the class, or the end.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    #[inline]
    pub fn find(&self, bytes: &[u8], mut at: usize) -> usize {
        while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<16>()) {
            let found = self.mask(block);
            if found != 0 {
                return at + found.trailing_zeros() as usize;
            }
            at += 16;
        }
        self.find_one_by_one(bytes, at)
    }

    fn find_one_by_one(&self, bytes: &[u8], mut at: usize) -> usize {
        while at < bytes.len() && !self.contains(bytes[at]) {
            at += 1;
        }
        at
    }

    /// Gives a bit for each byte of a block: whether it belongs to the class.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    #[inline]
    fn mask(&self, block: &[u8; 16]) -> u16 {
        let block = load(block);
        let mut found = u8x16_eq(block, u8x16_splat(self.bytes[0]));
        for &byte in &self.bytes[1..] {
            found = v128_or(found, u8x16_eq(block, u8x16_splat(byte)));
        }
        if self.controls {
            found = v128_or(found, u8x16_lt(block, u8x16_splat(0x20)));
        }
        i8x16_bitmask(found)
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline]
#[allow(unsafe_code)]
fn load(block: &[u8; 16]) -> v128 {
    // SAFETY: the reference is to sixteen bytes, and the load asks for no alignment.
    unsafe { v128_load(block.as_ptr().cast()) }
}
