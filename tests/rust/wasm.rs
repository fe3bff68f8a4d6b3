//! What WebAssembly's small stack and 32-bit lengths could break.

use skill_log::{ErrorKind, decode};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn nesting_takes_no_stack() {
    let nested =
        |depth: usize| format!(r#"{{"input":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    assert!(decode(nested(9_999).as_bytes()).is_ok());
    let line = nested(1_000_000);
    assert_eq!(
        decode(line.as_bytes()).unwrap_err().kind,
        ErrorKind::TooDeep
    );
}
