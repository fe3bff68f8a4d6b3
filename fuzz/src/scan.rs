//! Reading accepts any bytes in any chunks, and reports each byte.

use skill_log::reader::ReadOptions;

use crate::choices::Choices;
use crate::never_hide::every_byte_is_reported;
use crate::read_all::{Found, merged, read_with};
use crate::sweeps::reading;

pub fn check(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let (chunks, options) = reading(&mut choices, 0);
    let options = ReadOptions {
        doubtful: choices.is(64),
        ..options
    };
    let file = choices.bytes(usize::MAX);
    let mut at_once = read_with(file, &[usize::MAX], options);
    let mut in_chunks = read_with(file, &chunks, options);
    every_byte_is_reported(file, &at_once);
    let merge = |found: &mut Found| found.damage = merged(std::mem::take(&mut found.damage));
    merge(&mut at_once);
    merge(&mut in_chunks);
    assert_eq!(in_chunks, at_once);
}
