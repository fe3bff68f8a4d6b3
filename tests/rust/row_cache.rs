//! A cache that was changed is not opened. A forged cache is never read out of bounds.

use skill_log::index::Index;
use skill_log::index::cache::{Cache, FACTS, Kept, hash};
use skill_log::index::indexer::Indexer;
use skill_log::index::row_reader::RowReader;
use skill_log::index::select::{Rows, Selection};

use crate::choices::Choices;
use crate::many_logs::{How, read_on};
use crate::sweeps::any_faulty_log;

/// Where the hash stands. The bytes after it are hashed.
const HASH: std::ops::Range<usize> = 16..24;
const ROW_BYTES: usize = 56;

/// Returns the cache of one log or several, as far as they were read.
fn cache_of(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut index = Index::default();
    let logs: Vec<u32> = (0..1 + choices.below(3)).map(|_| index.add_log()).collect();
    for &log in &logs {
        let how = How::choose(choices);
        let bytes = any_faulty_log(choices).bytes;
        read_on(&mut index, log, &bytes, (&how, 1 << 28), |_| ());
    }
    written(&index, &logs)
}

fn written(index: &Index, logs: &[u32]) -> Vec<u8> {
    let facts = vec![7; logs.len() * FACTS];
    let kept = Kept {
        logs,
        facts: &facts,
        names: "one\ntwo",
        notes: "",
    };
    index.to_cache(kept).expect("memory suffices")
}

/// Changes, cuts or lengthens a cache without its hash.
pub fn changed(choices: &mut Choices<'_>) {
    let mut bytes = cache_of(choices);
    match choices.below(3) {
        0 => {
            let at = choices.below(bytes.len());
            bytes[at] ^= 1 + choices.below(255) as u8;
        }
        1 => bytes.truncate(choices.below(bytes.len())),
        _ => {
            let more = 1 + choices.below(20);
            bytes.extend(choices.bytes(more));
            bytes.push(0);
        }
    }
    assert!(Cache::open(bytes, &mut Index::default()).is_none());
}

/// Changes words of a cache, and its hash too.
pub fn forged(choices: &mut Choices<'_>) {
    let mut bytes = cache_of(choices);
    for _ in 0..1 + choices.below(3) {
        forge(choices, &mut bytes);
    }
    sign(&mut bytes);
    use_cache(choices, bytes);
}

/// Opens bytes that are no cache, except for their first bytes and their hash.
pub fn invented(choices: &mut Choices<'_>) {
    let mut bytes = b"skill-log rows 1\0\0\0\0\0\0\0\0".to_vec();
    let length = choices.below(1 << 12);
    bytes.extend(choices.bytes(length));
    sign(&mut bytes);
    use_cache(choices, bytes);
}

fn forge(choices: &mut Choices<'_>, bytes: &mut Vec<u8>) {
    let body = bytes.len() - HASH.end;
    if body < 8 {
        return;
    }
    if choices.is(32) {
        bytes.truncate(HASH.end + choices.below(body));
        return;
    }
    // Texts are of any length, so words stand anywhere before the rows.
    let at = match choices.below(3) {
        0 => HASH.end + choices.below(body - 7),
        1 => HASH.end + choices.below(body / 8) * 8,
        _ => bytes.len() - 8 - choices.below(body / 8) * 8,
    };
    let old = u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
    let word = match choices.below(9) {
        0 => old ^ 1 << choices.below(64),
        1 => old.wrapping_add(1),
        2 => old.wrapping_sub(1),
        3 => 0,
        4 => u64::MAX,
        5 => u64::MAX / ROW_BYTES as u64 + 1,
        6 => (1 << 48) - choices.below(2) as u64,
        7 => u64::from(u32::MAX) << (8 * choices.below(5)),
        _ => choices
            .bytes(8)
            .iter()
            .fold(0, |word, &byte| word << 8 | u64::from(byte)),
    };
    bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
}

fn sign(bytes: &mut [u8]) {
    let hash = hash(&bytes[HASH.end..]);
    bytes[HASH].copy_from_slice(&hash.to_le_bytes());
}

/// Adds what a cache has to an index, and uses each part of the index.
fn use_cache(choices: &mut Choices<'_>, bytes: Vec<u8>) {
    let most = bytes.len() / ROW_BYTES;
    let mut index = Index::default();
    let Some(mut cache) = Cache::open(bytes, &mut index) else {
        return;
    };
    let count = cache.facts().len() / FACTS;
    let logs: Vec<u32> = (0..=count).map(|_| index.add_log()).collect();
    for (at, &log) in logs.iter().enumerate() {
        let before = (index.len(), index.state(log));
        let put = index.put_cached(log, &mut cache, at, usize::MAX);
        if !put.expect("memory suffices") {
            assert_eq!((index.len(), index.state(log)), before);
        }
    }
    assert!(
        index.len() <= most,
        "{} rows in {most} rows' bytes",
        index.len()
    );
    let reader = RowReader::new(None);
    for row in 0..index.len() {
        let found = index.row(row).expect("it was added");
        assert!(found.timestamp.text().len() >= 20);
        assert!(logs.contains(&found.log));
        let stretch = reader.stretch(&index, row).expect("it exists");
        let to = stretch.expect("it exists").to;
        assert!(row < to && to <= index.len());
        // No bytes were read of a file, so there is no entry.
        assert!(reader.entry(&index, row).is_err());
    }
    assert_eq!(
        index.select(&Selection::default(), Rows::All).len(),
        index.len()
    );
    let stats = index.stats(Rows::All).expect("memory suffices");
    assert_eq!(stats.entries, index.len() as u64);
    assert_eq!(index.summaries(&logs).len(), logs.len());
    // Reading goes on wherever the cache says. Only an offset beyond any file ends it.
    let file = any_faulty_log(choices).bytes;
    for &log in &logs {
        let mut indexer = Indexer::new(&index, log, 1 << 28, true);
        let space = indexer.space(file.len()).expect("memory suffices");
        space.copy_from_slice(&file);
        let _ = indexer.read(&mut index, &mut Vec::new(), true);
        index.summaries(&logs);
    }
    if (0..)
        .zip(&logs)
        .all(|(at, _)| index.state(at).position < 1 << 48)
    {
        assert!(Cache::open(written(&index, &logs), &mut Index::default()).is_some());
    }
    let rows = index.len() - index.holes();
    assert_eq!(index.clear_logs(&logs), rows);
    assert!(index.select(&Selection::default(), Rows::All).is_empty());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweeps::try_random_choices;

    #[test]
    fn opens_no_cache_that_was_changed() {
        try_random_choices(changed);
    }

    #[test]
    fn stays_in_bounds_when_a_cache_was_forged() {
        try_random_choices(forged);
    }

    #[test]
    fn stays_in_bounds_when_a_cache_was_invented() {
        try_random_choices(invented);
    }

    #[test]
    fn opens_no_cache_of_which_any_bit_was_changed_or_any_bytes_cut() {
        let how = How::choose(&mut Choices::new(&[]));
        let mut index = Index::default();
        for bytes in ["{}\n{\"skill\":\"a\"}\n{}", "", "{}\n"] {
            let log = index.add_log();
            read_on(&mut index, log, bytes.as_bytes(), (&how, 1 << 28), |_| ());
        }
        let bytes = written(&index, &[2, 0, 1]);
        assert!(Cache::open(bytes.clone(), &mut Index::default()).is_some());
        for at in 0..bytes.len() {
            assert!(
                Cache::open(bytes[..at].to_vec(), &mut Index::default()).is_none(),
                "cut at {at}"
            );
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                assert!(
                    Cache::open(changed, &mut Index::default()).is_none(),
                    "bit {bit} of byte {at}"
                );
            }
        }
    }
}
