//! A dictionary: the distinct texts of a column, each with a code.

use std::collections::BTreeMap;
use std::rc::Rc;

/// The distinct texts of a column, each by its code. Code 0 is the empty text.
#[derive(Debug)]
pub struct Dictionary {
    codes: BTreeMap<Rc<str>, u32>,
    texts: Vec<Rc<str>>,
}

impl Default for Dictionary {
    fn default() -> Self {
        let empty: Rc<str> = Rc::from("");
        Self {
            codes: BTreeMap::from([(empty.clone(), 0)]),
            texts: vec![empty],
        }
    }
}

impl Dictionary {
    /// Gives the code of a text; none where no row has it.
    pub fn code(&self, text: &str) -> Option<u32> {
        self.codes.get(text).copied()
    }

    /// Gives the text of a code.
    pub fn text(&self, code: u32) -> &str {
        self.texts.get(code as usize).map_or("", |text| text)
    }

    /// Gives the codes in the order of their texts.
    pub(crate) fn codes_by_text(&self) -> Vec<u32> {
        self.codes.values().copied().collect()
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
        if let Some(code) = self.code(text) {
            return code;
        }
        let code = self.texts.len() as u32;
        let text: Rc<str> = Rc::from(text);
        self.texts.push(text.clone());
        self.codes.insert(text, code);
        code
    }
}
