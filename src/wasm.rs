//! The core as JavaScript sees it: bytes and number arrays cross, objects only where they are small.
//!
//! Callers write into memory that [`Codec::space`] or [`LogReader::space`] gives and read from
//! memory that an `…_at` tells: such a place is good until the next call that takes a length.
//! Errors are plain objects of facts; `js/errors.js` makes real ones of them.

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::fields::{Fields, entry_of};
use crate::reader::{Damage, Place, ReadOptions, Reader, Refused, Sink};
use crate::scan::{RawEntry, scan};
use crate::tape::{InputAs, Tape};
use crate::{Error, ErrorKind, RawJson, encode};

/// Memory of one call that is kept for the next.
const KEPT_BYTES: usize = 1 << 20;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Facts {
    code: &'static str,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
}

impl Facts {
    fn new(code: &'static str, reason: impl ToString) -> Self {
        Self {
            code,
            reason: reason.to_string(),
            field: None,
            line: None,
            offset: None,
        }
    }
}

impl From<Facts> for JsValue {
    fn from(facts: Facts) -> Self {
        serde_wasm_bindgen::to_value(&facts).unwrap_or_else(Self::from)
    }
}

fn bad_line(error: Error) -> JsValue {
    Facts {
        offset: Some(error.offset as u64),
        ..Facts::new("INVALID_LINE", error)
    }
    .into()
}

fn bad_entry(error: Error) -> JsValue {
    let field = match error.kind {
        ErrorKind::InvalidTimestamp | ErrorKind::UnencodableTimestamp => Some("timestamp"),
        ErrorKind::WrongType { field, .. } | ErrorKind::OutOfRange { field } => Some(field),
        _ => Some("input"),
    };
    Facts {
        field,
        ..Facts::new("INVALID_ENTRY", error)
    }
    .into()
}

fn out_of_memory(length: usize) -> JsValue {
    Facts::new("OUT_OF_MEMORY", format!("no memory for {length} bytes")).into()
}

/// Gives the first `length` bytes, which the caller says it wrote.
fn written(buffer: &[u8], length: usize) -> Result<&[u8], JsValue> {
    buffer
        .get(..length)
        .ok_or_else(|| Facts::new("INTERNAL", "a length beyond the space that was given").into())
}

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

    /// Makes room for `length` bytes and tells where.
    pub fn space(&mut self, length: usize) -> Result<usize, JsValue> {
        if self.input.len() < length {
            self.input
                .try_reserve_exact(length - self.input.len())
                .map_err(|_| out_of_memory(length))?;
            self.input.resize(length, 0);
        }
        Ok(self.input.as_ptr().addr())
    }

    /// Tells where the output is.
    pub fn output_at(&self) -> usize {
        self.output.as_ptr().addr()
    }

    /// Starts an output of lines with a line end, for a file that does not end in one.
    pub fn begin(&mut self) {
        self.release();
        self.output.push(b'\n');
    }

    /// Empties the output, and gives memory back that a large entry took.
    pub fn release(&mut self) {
        self.output.clear();
        self.output.shrink_to(KEPT_BYTES);
        self.tape.clear(KEPT_BYTES);
        if self.input.len() > KEPT_BYTES {
            self.input = Vec::new();
        }
    }

    /// Makes room for the lengths of `count` fields and tells where.
    pub fn lengths(&mut self, count: usize) -> usize {
        if self.lengths.len() < count {
            self.lengths.resize(count, 0);
        }
        self.lengths.as_ptr().addr()
    }

    /// Encodes the entry whose fields' texts are the first `length` bytes of the space, each but the
    /// last with a NUL behind it, as many as `count`, of the lengths that were written. The
    /// `raw_length` bytes behind them are its `input` where that is not 0; where `is_plain`, its
    /// `input` is what `JSON.stringify` gave. Appends the entry's line, line end included, to the
    /// output and gives the output's length.
    pub fn encode(
        &mut self,
        length: usize,
        count: usize,
        raw_length: usize,
        is_plain: bool,
    ) -> Result<usize, JsValue> {
        let bytes = written(&self.input, length.saturating_add(raw_length))?;
        let (text, raw) = bytes.split_at(length);
        let lengths = self.lengths.get(..count).unwrap_or_default();
        let mut entry = Fields::new(text, lengths)
            .and_then(|mut fields| entry_of(&mut fields, is_plain))
            .ok_or_else(|| Facts::new("INTERNAL", "the fields are not as they were told"))?
            .map_err(bad_entry)?;
        if !raw.is_empty() {
            entry.input = Some(RawJson::new(raw).map_err(bad_entry)?);
        }
        encode(&entry, &mut self.output).map_err(bad_entry)?;
        self.output.push(b'\n');
        Ok(self.output.len())
    }

    /// Decodes the first `length` bytes of the space and writes the entry to the tape.
    pub fn decode(&mut self, length: usize, raw: bool) -> Result<(), JsValue> {
        self.tape.clear(KEPT_BYTES);
        let entry = scan(written(&self.input, length)?).map_err(bad_line)?;
        let input_as = if raw { InputAs::Raw } else { InputAs::Parsed };
        self.tape.entry(&entry, input_as);
        Ok(())
    }

    /// Tells where the tape's words are.
    pub fn words_at(&self) -> usize {
        self.tape.words.as_ptr().addr()
    }

    /// Tells where the tape's text is.
    pub fn text_at(&self) -> usize {
        self.tape.text.as_ptr().addr()
    }

    /// Tells where the bytes of the tape's raw inputs are.
    pub fn raw_at(&self) -> usize {
        self.tape.raw.as_ptr().addr()
    }

    /// Checks that the first `length` bytes of the space are one JSON value.
    pub fn check(&self, length: usize) -> Result<(), JsValue> {
        RawJson::new(written(&self.input, length)?)
            .map(|_| ())
            .map_err(bad_line)
    }
}

/// How a log is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LogReaderOptions {
    offset: u64,
    max_line_bytes: u64,
    strict: bool,
    output: Output,
}

/// What is given of each entry, besides its place.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Output {
    /// All of it.
    Parsed,
    /// All of it, its `input` as it is written.
    Raw,
    /// Nothing.
    None,
}

/// Reads a log, chunk by chunk.
#[wasm_bindgen]
pub struct LogReader {
    reader: Reader,
    batch: Batch,
}

/// What the chunk read last gave.
struct Batch {
    input_as: Option<InputAs>,
    tape: Tape,
    places: Vec<f64>,
    damage: Vec<Damage>,
}

impl Sink for Batch {
    fn entry(&mut self, entry: &RawEntry<'_>, place: Place) {
        if let Some(input_as) = self.input_as {
            self.tape.entry(entry, input_as);
        }
        // Offsets are below 2^53, the largest file JavaScript can address.
        self.places.extend([
            place.offset as f64,
            place.length as f64,
            place.end as f64,
            f64::from(u8::from(place.recovered)),
        ]);
    }

    fn damage(&mut self, damage: Damage) {
        self.damage.push(damage);
    }
}

#[wasm_bindgen]
impl LogReader {
    /// Makes a reader; `options` are `{ offset, maxLineBytes, strict, output }`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<LogReader, JsValue> {
        let options: LogReaderOptions = serde_wasm_bindgen::from_value(options)
            .map_err(|error| JsValue::from(Facts::new("INVALID_ARGUMENT", error)))?;
        Ok(Self {
            reader: Reader::new(ReadOptions {
                offset: options.offset,
                max_line_bytes: options.max_line_bytes,
                strict: options.strict,
            }),
            batch: Batch {
                input_as: match options.output {
                    Output::Parsed => Some(InputAs::Parsed),
                    Output::Raw => Some(InputAs::Raw),
                    Output::None => None,
                },
                tape: Tape::default(),
                places: Vec::new(),
                damage: Vec::new(),
            },
        })
    }

    /// Makes room for a chunk of `length` bytes and tells where.
    pub fn space(&mut self, length: usize) -> Result<usize, JsValue> {
        match self.reader.space(length) {
            Ok(space) => Ok(space.as_ptr().addr()),
            Err(_) => Err(out_of_memory(length)),
        }
    }

    /// Reads the lines that the chunk completes; the bytes behind the last line end too where the
    /// chunk `is_last`.
    pub fn read(&mut self, is_last: bool) -> Result<(), JsValue> {
        let batch = &mut self.batch;
        batch.tape.clear(4 * KEPT_BYTES);
        batch.places.clear();
        batch.damage.clear();
        let mut result = self.reader.read(batch);
        if is_last && result.is_ok() {
            result = self.reader.finish(batch);
        }
        result.map_err(refused)
    }

    /// Tells where the words of the entries' tape are.
    pub fn words_at(&self) -> usize {
        self.batch.tape.words.as_ptr().addr()
    }

    /// Tells where the tape's text is.
    pub fn text_at(&self) -> usize {
        self.batch.tape.text.as_ptr().addr()
    }

    /// Tells where the bytes of the tape's raw inputs are.
    pub fn raw_at(&self) -> usize {
        self.batch.tape.raw.as_ptr().addr()
    }

    /// Gives four numbers for each entry: offset, length, end, and 1 where it was recovered.
    pub fn places(&self) -> Vec<f64> {
        self.batch.places.clone()
    }

    /// Counts the damaged lines.
    pub fn damage_count(&self) -> usize {
        self.batch.damage.len()
    }

    /// Gives the damaged lines from one up to another as objects.
    pub fn damage(&self, from: usize, to: usize) -> Result<JsValue, JsValue> {
        let some = self.batch.damage.get(from..to).unwrap_or_default();
        serde_wasm_bindgen::to_value(some).map_err(JsValue::from)
    }

    /// Counts the line ends read so far.
    pub fn lines(&self) -> f64 {
        self.reader.lines() as f64
    }

    /// Gives offset and length of the bytes so far that no line end follows.
    pub fn rest(&self) -> Vec<f64> {
        let (offset, length) = self.reader.rest();
        vec![offset as f64, length as f64]
    }
}

fn refused(refused: Refused) -> JsValue {
    let (code, reason, within) = match refused.error {
        Some(error) => ("INVALID_LINE", error.to_string(), error.offset as u64),
        None => (
            "LINE_TOO_LONG",
            "the line is longer than the original reads".to_string(),
            0,
        ),
    };
    Facts {
        line: Some(refused.line),
        offset: Some(refused.offset + within),
        ..Facts::new(code, reason)
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
    fn fields_go_in_and_an_entry_comes_out() {
        let mut codec = Codec::new();
        let mut fields = [&FIELDS[..], &["-7", "é😀\0", "", "漢", "true"]].concat();
        fields[9] = "9007199254740993";
        let line = encoded(&mut codec, &fields).unwrap();
        let expected = r#"{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"x","attempts":[{"attempt":-7,"model":"é😀\u0000","runner_output":"漢","verified":true}],"final_status":"ok","duration_ms":9007199254740993}"#;
        assert_eq!(line, format!("\n{expected}\n").as_bytes());
        let length = write(&mut codec, expected.as_bytes());
        codec.decode(length, false).unwrap();
        // Members, then what each takes: 😀 is two units.
        assert_eq!(codec.tape.words[1..6], [1 << 3 | 1 << 6, 1, 20, 1, 1]);
        assert_eq!(
            codec.tape.words[6..],
            [2 | 4, -7i32 as u32, u32::MAX, 4, 1, 2, 1, 1 << 21]
        );
        assert_eq!(
            codec.tape.text,
            "s2026-01-02T03:04:05Zxé😀\0漢ok".as_bytes()
        );
    }

    #[wasm_bindgen_test]
    fn fields_that_are_not_as_they_were_told_are_refused() {
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
    fn lengths_and_options_are_not_trusted() {
        let mut codec = Codec::new();
        for thrown in [
            codec
                .encode(usize::MAX, usize::MAX, usize::MAX, true)
                .unwrap_err(),
            codec.encode(1, 0, 0, true).unwrap_err(),
            codec.encode(0, 1, 0, true).unwrap_err(),
            codec.decode(1, true).unwrap_err(),
            codec.check(1).unwrap_err(),
        ] {
            assert_eq!(code(&thrown), "INTERNAL");
        }
        assert_eq!(code(&codec.space(usize::MAX).unwrap_err()), "OUT_OF_MEMORY");
        for options in [
            JsValue::UNDEFINED,
            JsValue::NULL,
            1.into(),
            js_sys::Object::new().into(),
        ] {
            let thrown = LogReader::new(options).err().unwrap();
            assert_eq!(code(&thrown), "INVALID_ARGUMENT");
        }
    }

    #[wasm_bindgen_test]
    fn a_refused_line_says_where_it_is_wrong() {
        let mut codec = Codec::new();
        let length = write(&mut codec, b"{\"skill\":1}");
        let thrown = codec.decode(length, false).unwrap_err();
        assert_eq!(code(&thrown), "INVALID_LINE");
        let offset = js_sys::Reflect::get(&thrown, &"offset".into()).unwrap();
        assert_eq!(offset.as_f64(), Some(9.0));
    }
}
