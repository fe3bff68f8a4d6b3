//! The core as JavaScript calls it. Bytes and arrays of numbers cross the boundary; objects cross
//! where they are small.
//!
//! A caller writes to the address that `space` returns, and reads from the address that a method
//! named `…_at` returns. An address is valid until the next call that takes a length. An error is a
//! plain object of facts, which `js/wasm/core.js` turns into an `Error`.

mod codec;
mod columns;
mod fields;
mod lines;
mod log_index;
mod log_reader;
mod object;
mod row_reader;
mod tape;
mod totals;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use self::tape::TapeError;
use crate::damage::Damage;
use crate::{Error, ErrorKind, Place};

/// Bytes of memory that are kept from one call for the next.
const KEPT_BYTES: usize = 1 << 20;

/// The facts of an error, for `coreError` in `js/wasm/core.js`.
#[derive(Serialize)]
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
        serde_wasm_bindgen::to_value(&facts).unwrap_or_else(JsValue::from)
    }
}

/// Returns the error of a line that does not decode.
fn bad_line(error: Error) -> JsValue {
    if error.is_out_of_memory() {
        return Facts::new("OUT_OF_MEMORY", error).into();
    }
    Facts {
        offset: Some(error.offset as u64),
        ..Facts::new("INVALID_LINE", error)
    }
    .into()
}

/// Returns the error of an entry that cannot be encoded.
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

/// Returns the error of an entry that takes more memory than JavaScript may have.
fn tape_error(error: TapeError) -> JsValue {
    Facts::new("OUT_OF_MEMORY", error).into()
}

fn out_of_memory(length: usize) -> JsValue {
    Facts::new(
        "OUT_OF_MEMORY",
        format!("not enough memory for {length} bytes"),
    )
    .into()
}

/// Returns the first `length` bytes, which the caller wrote.
fn written(buffer: &[u8], length: usize) -> Result<&[u8], JsValue> {
    buffer
        .get(..length)
        .ok_or_else(|| Facts::new("INTERNAL", "a length is beyond the space").into())
}

/// Returns the damaged lines `from..to` as objects.
fn damage_of(damage: &[Damage], from: usize, to: usize) -> JsValue {
    object::damage(damage.get(from..to).unwrap_or_default())
}

/// Returns two places as four numbers: offset and length of each.
fn rest_of(rest: Place, pending: Place) -> Vec<f64> {
    [rest.0, rest.1, pending.0, pending.1]
        .map(|number| number as f64)
        .to_vec()
}
