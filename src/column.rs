//! A column: values by row, of which texts are kept once each.

use std::collections::{BTreeMap, TryReserveError};
use std::rc::Rc;

/// Rows in a block. A column grows by blocks, so that growing copies nothing; but within the first one
/// as it is filled, because most logs have few entries.
const BLOCK_ROWS: usize = 1 << 14;

/// Values by row.
#[derive(Debug)]
pub(crate) struct Column<T> {
    blocks: Vec<Vec<T>>,
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self { blocks: Vec::new() }
    }
}

impl<T: Copy> Column<T> {
    /// Makes room for one value more than `rows`.
    #[inline(never)]
    pub fn reserve(&mut self, rows: usize) -> Result<(), TryReserveError> {
        if rows == self.blocks.len() * BLOCK_ROWS {
            let mut block = Vec::new();
            if rows > 0 {
                block.try_reserve_exact(BLOCK_ROWS)?;
            }
            self.blocks.try_reserve(1)?;
            self.blocks.push(block);
        }
        match self.blocks.as_mut_slice() {
            [first] => first.try_reserve(1),
            _ => Ok(()),
        }
    }

    /// Appends a value, where there is room.
    pub fn push(&mut self, row: usize, value: T) {
        if let Some(block) = self.blocks.get_mut(row / BLOCK_ROWS) {
            block.push(value);
        }
    }

    #[inline(never)]
    pub fn pop(&mut self, row: usize) {
        if let Some(block) = self.blocks.get_mut(row / BLOCK_ROWS) {
            block.pop();
        }
    }

    /// Takes all values away, and keeps the room of the first block.
    pub fn clear(&mut self) {
        self.blocks.truncate(1);
        if let Some(first) = self.blocks.first_mut() {
            first.clear();
        }
    }

    /// Gives the value of a row that exists.
    pub fn at(&self, row: usize) -> T {
        self.blocks[row / BLOCK_ROWS][row % BLOCK_ROWS]
    }
}

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

/// A column of texts.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pub dictionary: Dictionary,
    pub codes: Column<u32>,
    /// How many texts of the dictionary were taken.
    pub taken: usize,
}
