use wasm_bindgen::prelude::*;

use super::fields::{Fields, entry_of};
use super::tape::{InputAs, MAX_VALUES, Tape, count_values};
use super::{Facts, KEPT_BYTES, bad_entry, bad_line, out_of_memory, tape_error, written};
use crate::scan::{Attempts, scan};
use crate::{InputSpelling, RawJson, encode_as};

/// Encodes and decodes single entries.
#[wasm_bindgen]
#[derive(Default)]
pub struct Codec {
    input: Vec<u8>,
    output: Vec<u8>,
    lengths: Vec<u32>,
    tape: Tape,
}

#[wasm_bindgen]
impl Codec {
    /// Makes a codec.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes room for `length` bytes, and returns its address.
    pub fn space(&mut self, length: usize) -> Result<usize, JsValue> {
        if self.input.len() < length {
            self.input
                .try_reserve_exact(length - self.input.len())
                .map_err(|_| out_of_memory(length))?;
            self.input.resize(length, 0);
        }
        Ok(self.input.as_ptr().addr())
    }

    /// Returns the address of the output.
    pub fn output_at(&self) -> usize {
        self.output.as_ptr().addr()
    }

    /// Starts an output of lines with a line end, for a file whose last byte is no line end.
    pub fn begin(&mut self) {
        self.release();
        self.output.push(b'\n');
    }

    /// Empties the output, and frees the memory that a large entry took.
    pub fn release(&mut self) {
        self.output.clear();
        self.output.shrink_to(KEPT_BYTES);
        self.tape.clear(KEPT_BYTES);
        if self.input.len() > KEPT_BYTES {
            self.input = Vec::new();
        }
    }

    /// Makes room for the lengths of `count` fields, and returns its address.
    pub fn lengths(&mut self, count: usize) -> usize {
        if self.lengths.len() < count {
            self.lengths.resize(count, 0);
        }
        self.lengths.as_ptr().addr()
    }

    /// Encodes an entry, appends its line with a line end to the output, and returns the length of
    /// the output.
    ///
    /// The first `length` bytes of the space are the texts of `count` fields, with a NUL between
    /// two fields; their lengths were written too. The next `raw_length` bytes, if any, are the
    /// entry's raw `input`, which keeps its spelling where `keeps_raw`.
    pub fn encode(
        &mut self,
        length: usize,
        count: usize,
        raw_length: usize,
        keeps_raw: bool,
    ) -> Result<usize, JsValue> {
        let bytes = written(&self.input, length.saturating_add(raw_length))?;
        let (text, raw) = bytes.split_at(length);
        let lengths = self.lengths.get(..count).unwrap_or_default();
        let mut entry = Fields::new(text, lengths)
            .and_then(|mut fields| entry_of(&mut fields))
            .ok_or_else(|| Facts::new("INTERNAL", "the lengths do not fit the fields"))?
            .map_err(bad_entry)?;
        if !raw.is_empty() {
            entry.input = Some(RawJson::new(raw).map_err(bad_entry)?);
        }
        let values = count_values(entry.attempts.len(), entry.input.as_ref());
        if values > MAX_VALUES {
            return Err(too_many_values(values, entry.input.is_some()));
        }
        let spelling = if keeps_raw && !raw.is_empty() {
            InputSpelling::Kept
        } else {
            InputSpelling::Safe
        };
        // Most bytes stay as they are. An escaped byte becomes up to six, and makes the output
        // grow.
        self.output
            .try_reserve(bytes.len())
            .map_err(|_| out_of_memory(bytes.len()))?;
        encode_as(&entry, spelling, &mut self.output).map_err(bad_entry)?;
        self.output.push(b'\n');
        Ok(self.output.len())
    }

    /// Decodes the first `length` bytes of the space, and writes the entry to the tape.
    pub fn decode(&mut self, length: usize, raw: bool) -> Result<(), JsValue> {
        self.tape.clear(KEPT_BYTES);
        let entry = scan(written(&self.input, length)?, Attempts::Held).map_err(bad_line)?;
        let input_as = if raw { InputAs::Raw } else { InputAs::Parsed };
        self.tape.entry(&entry, input_as).map_err(tape_error)
    }

    /// Returns the address of the words of the tape.
    pub fn words_at(&self) -> usize {
        self.tape.words.as_ptr().addr()
    }

    /// Returns the address of the text of the tape.
    pub fn text_at(&self) -> usize {
        self.tape.text.as_ptr().addr()
    }

    /// Returns the address of the raw inputs of the tape.
    pub fn raw_at(&self) -> usize {
        self.tape.raw.as_ptr().addr()
    }
}

/// Checks that bytes are one JSON value.
#[wasm_bindgen]
pub fn check_json(json: &[u8]) -> Result<(), JsValue> {
    RawJson::new(json).map(|_| ()).map_err(bad_line)
}

fn too_many_values(count: usize, has_input: bool) -> JsValue {
    let reason = format!("{count} values, but only {MAX_VALUES} can be read back");
    Facts {
        field: Some(if has_input { "input" } else { "attempts" }),
        ..Facts::new("INVALID_ENTRY", reason)
    }
    .into()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn code(thrown: &JsValue) -> String {
        let code = js_sys::Reflect::get(thrown, &"code".into()).unwrap_or_default();
        code.as_string().unwrap_or_default()
    }

    fn write(codec: &mut Codec, text: &[u8]) -> usize {
        codec.space(text.len()).unwrap();
        codec.input[..text.len()].copy_from_slice(text);
        text.len()
    }

    /// Writes fields as JavaScript does, and encodes them.
    fn encoded(codec: &mut Codec, fields: &[&str]) -> Result<Vec<u8>, JsValue> {
        let length = write(codec, fields.join("\0").as_bytes());
        codec.lengths(fields.len());
        for (at, field) in fields.iter().enumerate() {
            codec.lengths[at] = field.encode_utf16().count() as u32;
        }
        codec.begin();
        codec.encode(length, fields.len(), 0, false)?;
        Ok(codec.output.clone())
    }

    const FIELDS: [&str; 11] = [
        "s",
        "2026-01-02T03:04:05Z",
        "x",
        "",
        "",
        "",
        "ok",
        "",
        "",
        "",
        "",
    ];

    #[wasm_bindgen_test]
    fn encodes_fields_and_decodes_the_line() {
        let mut codec = Codec::new();
        let mut fields = [&FIELDS[..], &["-7", "é😀\0", "", "漢", "true"]].concat();
        fields[9] = "9007199254740993";
        let line = encoded(&mut codec, &fields).unwrap();
        let expected = r#"{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"x","attempts":[{"attempt":-7,"model":"é😀\u0000","runner_output":"漢","verified":true}],"final_status":"ok","duration_ms":9007199254740993}"#;
        assert_eq!(line, format!("\n{expected}\n").as_bytes());
        let length = write(&mut codec, expected.as_bytes());
        codec.decode(length, false).unwrap();
        // Members, then the words of each: 😀 is two UTF-16 units.
        let text = "s2026-01-02T03:04:05Zxé😀\0漢ok".as_bytes();
        assert_eq!(codec.tape.words[..2], [1 << 3 | 1 << 6, text.len() as u32]);
        assert_eq!(codec.tape.words[2..6], [1, 20, 1, 1]);
        assert_eq!(
            codec.tape.words[6..],
            [2 | 4, -7i32 as u32, u32::MAX, 4, 1, 2, 1, 1 << 21]
        );
        assert_eq!(codec.tape.text, text);
    }

    #[wasm_bindgen_test]
    fn refuses_fields_that_do_not_fit_their_lengths() {
        let mut codec = Codec::new();
        for fields in [
            &FIELDS[..10],
            &[&FIELDS[..], &["1", "m"]].concat(),
            &[&FIELDS[..], &["x", "m", "", "", "true"]].concat(),
        ] {
            let thrown = encoded(&mut codec, fields).unwrap_err();
            assert_eq!(code(&thrown), "INTERNAL");
        }
    }

    #[wasm_bindgen_test]
    fn refuses_lengths_beyond_the_space() {
        let mut codec = Codec::new();
        for thrown in [
            codec
                .encode(usize::MAX, usize::MAX, usize::MAX, true)
                .unwrap_err(),
            codec.encode(1, 0, 0, true).unwrap_err(),
            codec.encode(0, 1, 0, true).unwrap_err(),
            codec.decode(1, true).unwrap_err(),
        ] {
            assert_eq!(code(&thrown), "INTERNAL");
        }
        assert_eq!(code(&codec.space(usize::MAX).unwrap_err()), "OUT_OF_MEMORY");
    }

    #[wasm_bindgen_test]
    fn reports_the_offset_of_the_wrong_byte() {
        let mut codec = Codec::new();
        let length = write(&mut codec, b"{\"skill\":1}");
        let thrown = codec.decode(length, false).unwrap_err();
        assert_eq!(code(&thrown), "INVALID_LINE");
        let offset = js_sys::Reflect::get(&thrown, &"offset".into()).unwrap();
        assert_eq!(offset.as_f64(), Some(9.0));
    }
}
