//! A cache that was changed is not opened. A forged cache is never read out of bounds.

use crate::choices::Choices;
use crate::row_cache;

pub fn check(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    match choices.below(4) {
        0 => row_cache::changed(&mut choices),
        1 => row_cache::invented(&mut choices),
        _ => row_cache::forged(&mut choices),
    }
}
