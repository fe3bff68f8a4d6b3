//! The distinct texts of a column of an index, each with a code.

use crate::json::raw_string::RawString;

/// The distinct texts of a column. The code of a text is its number, in the order of adding; code 0
/// is the empty text.
#[derive(Debug)]
pub struct Dictionary {
    texts: Vec<Box<str>>,
    /// The codes in the order of their texts, in non-empty runs of at most [`LONGEST_RUN`]. A text
    /// is found by two binary searches, and a new text moves few others. (A `BTreeMap` would add
    /// 1.7 KB to the compressed wasm.)
    runs: Vec<Vec<u32>>,
    /// The last code that was found for a text of each [`slot`]. Most texts of a log repeat.
    recent: [u32; SLOTS],
}

/// The most codes in a run.
const LONGEST_RUN: usize = 1024;

/// How many codes are kept to be compared first.
const SLOTS: usize = 64;

/// Returns the slot of a text. Texts that have the same slot take longer to find, so that three
/// bytes are enough.
fn slot(text: &[u8]) -> usize {
    let at = |at: usize| text.get(at).map_or(0, |&byte| usize::from(byte));
    let length = text.len();
    (length + at(0) + 7 * at(length / 2) + 31 * at(length.wrapping_sub(1))) % SLOTS
}

impl Default for Dictionary {
    fn default() -> Self {
        Self {
            texts: vec![Box::from("")],
            runs: vec![vec![0]],
            recent: [0; SLOTS],
        }
    }
}

impl Dictionary {
    /// Returns the code of a text. None where no row has the text.
    pub fn code(&self, text: &str) -> Option<u32> {
        self.find(text).ok()
    }

    /// Returns the code of a text, or else the run and the position in the run where it belongs.
    fn find(&self, text: &str) -> Result<u32, (usize, usize)> {
        let is_before = |run: &Vec<u32>| run.first().is_some_and(|&first| self.text(first) <= text);
        // There always is such a run, because the empty text comes first.
        let at = self.runs.partition_point(is_before).saturating_sub(1);
        let run = &self.runs[at];
        run.binary_search_by(|&code| self.text(code).cmp(text))
            .map(|position| run[position])
            .map_err(|position| (at, position))
    }

    /// Returns the text of a code. An unknown code has the empty text.
    pub fn text(&self, code: u32) -> &str {
        self.texts.get(code as usize).map_or("", |text| text)
    }

    /// Returns the codes in the order of their texts.
    pub(crate) fn codes_by_text(&self) -> Vec<u32> {
        self.runs.concat()
    }

    /// Returns how many texts there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Returns `false`, because the empty text is always there.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Returns the code of a decoded text, which is added where it is new.
    pub(crate) fn code_of(&mut self, text: RawString<'_>) -> u32 {
        if text.has_escapes {
            return self.code_or_new(&text.decode());
        }
        let slot = slot(text.bytes);
        let recent = self.recent[slot];
        // A known text is UTF-8, so that decoding the same bytes would return the same text.
        if self.text(recent).as_bytes() == text.bytes {
            return recent;
        }
        let code = self.code_or_new(&text.decode());
        self.recent[slot] = code;
        code
    }

    /// Returns the code of a text, which is added where it is new.
    pub(crate) fn code_or_new(&mut self, text: &str) -> u32 {
        let (at, position) = match self.find(text) {
            Ok(code) => return code,
            Err(found) => found,
        };
        let code = self.texts.len() as u32;
        self.texts.push(Box::from(text));
        let run = &mut self.runs[at];
        run.insert(position, code);
        if run.len() > LONGEST_RUN {
            let rest = run.split_off(LONGEST_RUN / 2);
            self.runs.insert(at + 1, rest);
        }
        code
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20))]

        /// The texts have few letters, so that they repeat, and are many, so that runs are split.
        #[test]
        fn agrees_with_a_sorted_map(
            spelled in prop::collection::vec(r"([a-cß]|\\\\){0,9}", 0..3000),
        ) {
            let mut dictionary = Dictionary::default();
            let mut map = BTreeMap::from([(String::new(), 0)]);
            for spelled in spelled {
                let raw = RawString { bytes: spelled.as_bytes(), has_escapes: spelled.contains('\\') };
                let text = raw.decode().into_owned();
                let new = map.len() as u32;
                prop_assert_eq!(dictionary.code(&text), map.get(&text).copied());
                let code = *map.entry(text.clone()).or_insert(new);
                prop_assert_eq!(dictionary.code_of(raw), code);
                prop_assert_eq!(dictionary.code_or_new(&text), code);
                prop_assert_eq!(dictionary.text(code), text);
            }
            prop_assert_eq!(dictionary.len(), map.len());
            prop_assert_eq!(dictionary.codes_by_text(), map.into_values().collect::<Vec<_>>());
        }
    }
}
