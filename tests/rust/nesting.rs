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

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn closes_each_level_as_it_was_opened_at_any_depth() {
    for depth in 1..300usize {
        // Whether each level is an object, by a multiplicative hash.
        let is_object: Vec<bool> = (0..depth)
            .map(|level| (level as u32 ^ 0x55).wrapping_mul(0x9e37_79b9) >> 31 == 1)
            .collect();
        let open: String = is_object
            .iter()
            .map(|&is_object| if is_object { r#"{"k":"# } else { "[" })
            .collect();
        // Each level has a second value after the one that it was opened for.
        let close: Vec<&str> = is_object
            .iter()
            .rev()
            .map(|&is_object| if is_object { r#","l":0}"# } else { ",0]" })
            .collect();
        let line = |close: &[&str]| format!(r#"{{"input":{open}1{}}}"#, close.concat());
        assert!(decode(line(&close).as_bytes()).is_ok(), "{depth}");
        for wrong in 0..depth {
            let mut close = close.clone();
            close[wrong] = if close[wrong] == ",0]" {
                ",0}"
            } else {
                r#","l":0]"#
            };
            let line = line(&close);
            let error = decode(line.as_bytes()).unwrap_err();
            let before: usize = close[..=wrong].iter().map(|text| text.len()).sum();
            assert_eq!(
                error.offset,
                r#"{"input":1"#.len() + open.len() + before - 1
            );
        }
    }
}
