//! Rows that cross as bytes are the rows that reading finds. Other bytes change nothing.

use skill_log::index::indexer::Indexer;
use skill_log::index::row_batch::{Codes, RowSender};
use skill_log::index::{Index, Row};

use crate::choices::Choices;
use crate::many_logs;
use crate::sweeps::{one_faulty_log, reading};

pub fn check(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    if choices.is(128) {
        crossed(&mut choices);
    } else if choices.is(128) {
        many_logs::in_turns(&mut choices);
    } else {
        forged(&mut choices);
    }
}

fn rows(index: &Index) -> Vec<Row<'_>> {
    (0..index.len()).filter_map(|row| index.row(row)).collect()
}

fn read(index: &mut Index, indexer: &mut Indexer, chunk: &[u8], is_last: bool) {
    let space = indexer.space(chunk.len()).expect("memory suffices");
    space.copy_from_slice(chunk);
    let result = indexer.read(index, &mut Vec::new(), is_last);
    result.expect("memory suffices");
}

/// Reads a log into an index, and into another index whose rows are taken after some chunks.
fn crossed(choices: &mut Choices<'_>) {
    let log = one_faulty_log(choices);
    let (chunks, options) = reading(choices, 0);
    let mut direct = Index::of_one_log();
    let mut indexer = Indexer::new(&direct, 0, options.max_line_bytes, true);
    read(&mut direct, &mut indexer, &log.bytes, true);
    let mut page = Index::of_one_log();
    let (mut sender, mut reading) = (RowSender::default(), Index::default());
    sender.add_log(&mut reading, 0, page.state(0));
    let mut indexer = Indexer::new(&reading, 0, options.max_line_bytes, true);
    let mut codes = Codes::default();
    let mut rest = &log.bytes[..];
    for length in chunks.iter().cycle() {
        let (chunk, more) = rest.split_at((*length).min(rest.len()));
        rest = more;
        read(&mut reading, &mut indexer, chunk, rest.is_empty());
        if rest.is_empty() || choices.is(128) {
            let taken = sender.take_rows(&mut reading).expect("memory suffices");
            // A changed batch is refused, or is a batch that another log might have sent.
            let mut forged = taken.clone();
            if !forged.is_empty() && choices.is(64) {
                let at = choices.below(forged.len());
                forged[at] ^= choices.byte();
                let mut other = Index::of_one_log();
                let _ = other.put_rows(&mut Codes::default(), &forged, 0..usize::MAX);
                rows(&other);
            }
            page.put_rows(&mut codes, &taken, 0..usize::MAX)
                .expect("these rows follow");
        }
        if rest.is_empty() {
            break;
        }
    }
    assert_eq!(rows(&page), rows(&direct), "{log:?}");
    assert_eq!(page.state(0), direct.state(0));
}

/// Puts bytes that no index sent.
fn forged(choices: &mut Choices<'_>) {
    let mut index = Index::of_one_log();
    let mut codes = Codes::default();
    while choices.is(250) {
        let length = choices.below(1 << 10);
        let bytes = choices.bytes(length);
        let before = (index.state(0), index.len());
        if index.put_rows(&mut codes, bytes, 0..usize::MAX).is_err() {
            assert_eq!(before, (index.state(0), index.len()));
        }
        rows(&index);
        for row in 0..index.len() {
            assert!(index.place(row).is_some());
        }
    }
}
