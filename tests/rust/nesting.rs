//! Deep nesting, which would overflow a small stack: WebAssembly has 1 MiB.

use skill_log::{ErrorKind, decode};

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn refuses_nesting_beyond_ten_thousand_without_using_the_stack() {
    let nested =
        |depth: usize| format!(r#"{{"input":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    assert!(decode(nested(9_999).as_bytes()).is_ok());
    for depth in [10_000, 1_000_000] {
        let line = nested(depth);
        let error = decode(line.as_bytes()).unwrap_err();
        assert_eq!((error.kind, error.offset), (ErrorKind::TooDeep, 9 + 9_999));
    }
    assert!(decode("[".repeat(5_000_000).as_bytes()).is_err());
}
