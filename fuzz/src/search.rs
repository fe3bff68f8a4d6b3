//! Search finds a needle exactly when one of the entry's decoded strings holds it.

use skill_log::scan::{Attempts, scan};
use skill_log::{Entry, Needle, decode};

use crate::choices::Choices;
use crate::writers::{self, WRITERS};

pub fn check(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let ignore_case = choices.is(128);
    let from_writer = choices.is(128).then(|| {
        let writer = choices.of(&WRITERS);
        writers::line(&mut choices, writer)
    });
    let needle = needle(&mut choices);
    let line = from_writer.unwrap_or_else(|| choices.bytes(usize::MAX).to_vec());
    let (Ok(entry), Ok(raw)) = (decode(&line), scan(&line, Attempts::Held)) else {
        return;
    };
    let Some(strings) = strings(&entry) else {
        return;
    };
    // This check folds the case of ASCII alone.
    if ignore_case && !(needle.is_ascii() && strings.iter().all(|text| text.is_ascii())) {
        return;
    }
    let fold = |text: &str| {
        if ignore_case {
            text.to_ascii_lowercase()
        } else {
            text.into()
        }
    };
    let holds = |text: &String| fold(text).contains(&fold(&needle));
    let timestamp = entry.timestamp.to_string();
    let looked_for = Needle::new(&needle, ignore_case);
    let is_in_string = strings.iter().any(holds);
    assert_eq!(
        looked_for.is_in_entry(&raw),
        is_in_string || holds(&timestamp),
        "{needle:?}"
    );
    if is_in_string && !needle.is_empty() {
        assert!(looked_for.candidate(&line, 0) < line.len(), "{needle:?}");
    }
}

fn needle(choices: &mut Choices<'_>) -> String {
    const NEEDLES: [&str; 12] = [
        "session_id",
        "\"",
        "\\",
        "{",
        "ok",
        "Ok",
        "é",
        "\u{fffd}",
        "\u{2028}",
        "<&>",
        "2026-01",
        "😀",
    ];
    if choices.is(128) {
        return choices.of(&NEEDLES).into();
    }
    let length = choices.below(20);
    String::from_utf8_lossy(choices.bytes(length)).into_owned()
}

/// Returns the strings of an entry, or `None` when serde_json cannot decode a string in `input`.
fn strings(entry: &Entry<'_>) -> Option<Vec<String>> {
    let texts = [
        &entry.session_id,
        &entry.skill,
        &entry.phase,
        &entry.project_root,
        &entry.final_status,
        &entry.file_path,
        &entry.model_used,
        &entry.message,
    ];
    let of_attempts = entry.attempts.iter().flat_map(|attempt| {
        [
            &attempt.model,
            &attempt.output_summary,
            &attempt.runner_output,
        ]
    });
    let mut strings: Vec<String> = texts
        .into_iter()
        .chain(of_attempts)
        .map(|text| text.to_string())
        .collect();
    let mut input = entry.input.map_or(&b""[..], |input| input.as_bytes());
    while let Some(start) = input.iter().position(|&byte| byte == b'"') {
        let mut end = start + 1;
        while input[end] != b'"' {
            end += if input[end] == b'\\' { 2 } else { 1 };
        }
        strings.push(serde_json::from_slice(&input[start..=end]).ok()?);
        input = &input[end + 1..];
    }
    Some(strings)
}
