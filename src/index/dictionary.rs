//! A dictionary: the distinct texts of a column, each with a code.

/// The distinct texts of a column, each by its code. Code 0 is the empty text.
#[derive(Debug)]
pub struct Dictionary {
    texts: Vec<Box<str>>,
    /// The codes in the order of their texts, in runs of at most [`LONGEST_RUN`], none of them empty: a
    /// text is found in two steps, and where it is new few others move. (A tree of the standard
    /// library takes 1.7 KB more of the wasm, compressed.)
    runs: Vec<Vec<u32>>,
}

const LONGEST_RUN: usize = 1024;

impl Default for Dictionary {
    fn default() -> Self {
        Self {
            texts: vec![Box::from("")],
            runs: vec![vec![0]],
        }
    }
}

impl Dictionary {
    /// Gives the code of a text; none where no row has it.
    pub fn code(&self, text: &str) -> Option<u32> {
        self.find(text).ok()
    }

    /// Gives the code of a text, or the run and the place in it where it would stand.
    fn find(&self, text: &str) -> Result<u32, (usize, usize)> {
        let is_before = |run: &Vec<u32>| run.first().is_some_and(|&first| self.text(first) <= text);
        // The empty text is before all others.
        let at = self.runs.partition_point(is_before).saturating_sub(1);
        let run = &self.runs[at];
        run.binary_search_by(|&code| self.text(code).cmp(text))
            .map(|place| run[place])
            .map_err(|place| (at, place))
    }

    /// Gives the text of a code.
    pub fn text(&self, code: u32) -> &str {
        self.texts.get(code as usize).map_or("", |text| text)
    }

    /// Gives the codes in the order of their texts.
    pub(crate) fn codes_by_text(&self) -> Vec<u32> {
        self.runs.concat()
    }

    /// Counts the codes.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Tells whether there is no text: never, because the empty one is always there.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    pub(crate) fn code_or_new(&mut self, text: &str) -> u32 {
        let (at, place) = match self.find(text) {
            Ok(code) => return code,
            Err(place) => place,
        };
        let code = self.texts.len() as u32;
        self.texts.push(Box::from(text));
        let run = &mut self.runs[at];
        run.insert(place, code);
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

        /// Few bytes, so that texts come twice; many of them, so that runs are divided.
        #[test]
        fn is_a_map_in_the_order_of_texts(texts in prop::collection::vec("[a-cß]{0,9}", 0..3000)) {
            let mut dictionary = Dictionary::default();
            let mut map = BTreeMap::from([(String::new(), 0)]);
            for text in texts {
                let new = map.len() as u32;
                prop_assert_eq!(dictionary.code(&text), map.get(&text).copied());
                let code = *map.entry(text.clone()).or_insert(new);
                prop_assert_eq!(dictionary.code_or_new(&text), code);
                prop_assert_eq!(dictionary.text(code), text);
            }
            prop_assert_eq!(dictionary.len(), map.len());
            prop_assert_eq!(dictionary.codes_by_text(), map.into_values().collect::<Vec<_>>());
        }
    }
}
