//! The names of an object's members, compared with a key 16 bytes at once.

/// Bytes of a key that are compared at once, quotes included. No name is longer.
const KEY_BYTES: usize = 16;

/// The name of a member.
pub(crate) struct Name<M> {
    pub member: M,
    /// The member in errors: its name, after the names of the members around it.
    pub field: &'static str,
    /// The last part of `field`.
    pub key: &'static str,
    /// The key with its quotes, and then zeros.
    quoted: u128,
    /// Ones where `quoted` has bytes of the key.
    mask: u128,
}

impl<M> Name<M> {
    /// Makes the name of a member. The key is what follows the last dot of `field`, and has at most
    /// 14 bytes.
    pub const fn new(member: M, field: &'static str) -> Self {
        let mut dot = field.len();
        while dot > 0 && field.as_bytes()[dot - 1] != b'.' {
            dot -= 1;
        }
        let (_, key) = field.split_at(dot);
        let mut quoted = [0; KEY_BYTES];
        let mut mask = [0; KEY_BYTES];
        let mut at = 0;
        while at < key.len() + 2 {
            let is_quote = at == 0 || at == key.len() + 1;
            quoted[at] = if is_quote {
                b'"'
            } else {
                key.as_bytes()[at - 1]
            };
            mask[at] = 0xff;
            at += 1;
        }
        Self {
            member,
            field,
            key,
            quoted: u128::from_le_bytes(quoted),
            mask: u128::from_le_bytes(mask),
        }
    }
}

/// Returns which of some names is the key that a text starts with, and the length of the key with its
/// quotes. Looks at the names from `next` on first. Returns none where the key is spelled otherwise,
/// or is close to the end of the text.
#[inline]
pub(crate) fn find<M>(names: &[Name<M>], next: usize, text: &[u8]) -> Option<(usize, usize)> {
    let start = u128::from_le_bytes(*text.first_chunk::<KEY_BYTES>()?);
    let is_key = |name: &Name<M>| (start ^ name.quoted) & name.mask == 0;
    let (before, after) = names.split_at_checked(next)?;
    let found = match after.iter().position(is_key) {
        Some(place) => next + place,
        None => before.iter().position(is_key)?,
    };
    Some((found, names[found].key.len() + 2))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{KEY_BYTES, Name, find};

    #[test]
    fn finds_a_key_as_a_comparison_of_its_bytes_does() {
        let names = [
            Name::new('a', "model"),
            Name::new('b', "model_used"),
            Name::new('c', "attempts.output_summary"),
        ];
        assert_eq!(names[2].key, "output_summary");
        for text in [
            "\"model\":1",
            "\"model_used\":",
            "\"output_summary\":",
            "\"Model\":",
            "\"modem\":",
            "\"mode\":",
            "model\":",
            "\"model_\":",
            "\"output_summar\\u0079\":",
            "\"\":",
            "",
        ] {
            for length in 0..40 {
                let mut text = text.as_bytes().to_vec();
                text.resize(length, b' ');
                let is_key = |key: &str| text.starts_with(format!("\"{key}\"").as_bytes());
                let expected = (length >= KEY_BYTES)
                    .then(|| names.iter().position(|name| is_key(name.key)))
                    .flatten()
                    .map(|place| (place, names[place].key.len() + 2));
                for next in 0..=names.len() {
                    assert_eq!(find(&names, next, &text), expected);
                }
            }
        }
    }
}
