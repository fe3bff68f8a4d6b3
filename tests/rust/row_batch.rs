//! Rows that cross as bytes are the rows of reading; bytes that are something else change nothing.

use proptest::prelude::*;
use proptest::sample;
use skill_log::index::row_batch::{Codes, NotPut, RowSender};
use skill_log::index::select::{Rows, Selection};
use skill_log::index::{Index, Indexer};
use skill_log::reader::Damage;

use crate::generate::{self, Piece};
use crate::index::{NO_LIMIT, file_of, read_on, rows, selection};

/// How a log is read on: by an index of its own, of which the rows are put into another one.
#[derive(Clone, Debug)]
struct Refresh {
    /// Length of each chunk, and whether rows are taken behind it; over and over.
    chunks: Vec<(usize, bool)>,
    /// Behind how many chunks it is given up.
    given_up: Option<usize>,
    max_line_bytes: u64,
}

prop_compose! {
    fn refresh()(
        chunks in prop::collection::vec((prop_oneof![1usize..8, 1usize..3000], any::<bool>()), 1..4),
        given_up in prop::option::weighted(0.2, 1usize..20),
        max_line_bytes in prop_oneof![4 => Just(NO_LIMIT), 1 => 1u64..2000],
    ) -> Refresh {
        Refresh { chunks, given_up, max_line_bytes }
    }
}

/// Where a file ends for now: at a line end, before or behind it, or anywhere.
#[derive(Clone, Debug)]
enum End {
    At(sample::Index),
    AtLine(sample::Index, bool),
}

fn end() -> impl Strategy<Value = End> {
    let at = any::<sample::Index>;
    prop_oneof![
        1 => at().prop_map(End::At),
        4 => (at(), any::<bool>()).prop_map(|(line, is_behind)| End::AtLine(line, is_behind)),
    ]
}

impl End {
    fn of(&self, file: &[u8]) -> usize {
        let newlines: Vec<usize> = (0..file.len()).filter(|&at| file[at] == b'\n').collect();
        match self {
            End::AtLine(line, is_behind) if !newlines.is_empty() => {
                line.get(&newlines) + usize::from(*is_behind)
            }
            End::At(at) | End::AtLine(at, _) => at.index(file.len() + 1),
        }
    }
}

/// Files of which most lines are entries.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let entry = generate::entry().prop_map(|entry| vec![Piece::Whole(generate::line(&entry))]);
    let line = prop_oneof![3 => entry.boxed(), 1 => prop::collection::vec(generate::piece(), 0..4).boxed()];
    (prop::collection::vec(line, 0..8), any::<bool>())
        .prop_map(|(lines, ends_in_newline)| file_of(&lines, ends_in_newline))
}

/// A chunk and whether it is the last one, read by an indexer into its index.
fn read(
    index: &mut Index,
    indexer: &mut Indexer,
    damage: &mut Vec<Damage>,
    (chunk, is_last): (&[u8], bool),
) {
    indexer.space(chunk.len()).unwrap().copy_from_slice(chunk);
    indexer.read(index, damage, is_last).unwrap();
}

/// Reads on for `page` in another index, and directly what was put into it.
fn read_both(page: &mut Index, direct: &mut Index, file: &[u8], refresh: &Refresh) {
    let mut sender = RowSender::new(page.state());
    let mut reading = sender.index();
    let mut codes = Codes::default();
    let mut of_sender = Indexer::new(&reading, refresh.max_line_bytes, true);
    let mut of_direct = Indexer::new(direct, refresh.max_line_bytes, true);
    let (mut damage, mut expected) = (Vec::new(), Vec::new());
    let mut rest = &file[page.position() as usize..];
    let mut waiting = Vec::new();
    for (count, (length, takes)) in (1..).zip(refresh.chunks.iter().cycle()) {
        let (chunk, behind) = rest.split_at((*length).min(rest.len()));
        rest = behind;
        let chunk = (chunk, rest.is_empty());
        read(&mut reading, &mut of_sender, &mut damage, chunk);
        waiting.push(chunk);
        if *takes || rest.is_empty() {
            page.put_rows(&mut codes, &sender.take_rows(&mut reading).unwrap())
                .unwrap();
            assert!(reading.is_empty());
            for chunk in waiting.drain(..) {
                read(direct, &mut of_direct, &mut expected, chunk);
            }
            assert_eq!(damage, expected);
            assert_eq!(of_sender.rest(), of_direct.rest());
            assert_same(page, direct);
        }
        if rest.is_empty() || Some(count) == refresh.given_up {
            break;
        }
    }
}

fn assert_same(page: &Index, direct: &Index) {
    assert_eq!(rows(page), rows(direct));
    assert_eq!(page.state(), direct.state());
    for (one, other) in page.dictionaries().iter().zip(direct.dictionaries()) {
        let texts = |dictionary: &skill_log::index::dictionary::Dictionary| -> Vec<String> {
            (0..dictionary.len() as u32)
                .map(|code| dictionary.text(code).into())
                .collect()
        };
        assert_eq!(texts(one), texts(other));
    }
}

/// An index of the first part of a file, and rows of the rest for it.
fn page_and_batch(file: &[u8], end: usize) -> (Index, Vec<u8>) {
    let mut page = Index::default();
    read_on(&mut page, &file[..end], &[1000], NO_LIMIT);
    let mut sender = RowSender::new(page.state());
    let mut reading = sender.index();
    let mut indexer = Indexer::new(&reading, NO_LIMIT, true);
    let chunk = (&file[page.position() as usize..], true);
    read(&mut reading, &mut indexer, &mut Vec::new(), chunk);
    (page, sender.take_rows(&mut reading).unwrap())
}

#[derive(Clone, Debug)]
enum Change {
    Cut(sample::Index),
    Byte(sample::Index, u8),
    Word(sample::Index, u64),
    Longer(Vec<u8>),
    Other(Vec<u8>),
}

fn change() -> impl Strategy<Value = Change> {
    let bytes = || prop::collection::vec(any::<u8>(), 1..200);
    let word = prop_oneof![
        0u64..20,
        any::<u64>(),
        Just(u64::MAX),
        Just(u64::MAX / 56 + 1),
        Just(1 << 53),
        Just((1 << 53) - 1),
        Just(u64::from(u32::MAX))
    ];
    prop_oneof![
        any::<sample::Index>().prop_map(Change::Cut),
        (any::<sample::Index>(), 1u8..).prop_map(|(at, bits)| Change::Byte(at, bits)),
        (any::<sample::Index>(), word).prop_map(|(at, word)| Change::Word(at, word)),
        bytes().prop_map(Change::Longer),
        bytes().prop_map(Change::Other),
    ]
}

impl Change {
    fn apply(&self, batch: &[u8]) -> Vec<u8> {
        let mut bytes = batch.to_vec();
        match self {
            Change::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Change::Byte(at, bits) => *at.get_mut(&mut bytes) ^= bits,
            Change::Word(at, word) => {
                let at = at.index(bytes.len() - 7);
                bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
            }
            Change::Longer(more) => bytes.extend(more),
            Change::Other(other) => bytes.clone_from(other),
        }
        bytes
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn rows_that_cross_are_the_rows_of_reading(
        file in file(),
        refreshes in prop::collection::vec((end(), refresh()), 1..6),
        last in refresh(),
        wanted in selection(),
    ) {
        let mut refreshes: Vec<(usize, &Refresh)> =
            refreshes.iter().map(|(end, refresh)| (end.of(&file), refresh)).collect();
        refreshes.sort_by_key(|(end, _)| *end);
        refreshes.push((file.len(), &last));
        let (mut page, mut direct) = (Index::default(), Index::default());
        for (end, refresh) in refreshes {
            read_both(&mut page, &mut direct, &file[..end], refresh);
        }
        prop_assert_eq!(page.select(&wanted, Rows::All), direct.select(&wanted, Rows::All));
        prop_assert_eq!(page.stats(Rows::All).unwrap(), direct.stats(Rows::All).unwrap());
        // Each reads on by itself.
        let mut longer = file.clone();
        longer.extend_from_slice(b"\n{}\n");
        let damage = read_on(&mut page, &longer, &[100], NO_LIMIT);
        prop_assert_eq!(damage, read_on(&mut direct, &longer, &[100], NO_LIMIT));
        assert_same(&page, &direct);
    }

    #[test]
    fn bytes_that_are_something_else_change_nothing(file in file(), end in end(), change in change(), wanted in selection()) {
        let (mut page, batch) = page_and_batch(&file, end.of(&file));
        let before = format!("{page:?}");
        let changed = change.apply(&batch);
        let mut codes = Codes::default();
        let result = page.put_rows(&mut codes, &changed);
        if matches!(change, Change::Cut(_) | Change::Longer(_)) {
            prop_assert_eq!(result, Err(NotPut::Malformed));
        }
        if result.is_err() {
            prop_assert_eq!(&before, &format!("{page:?}"));
            page.put_rows(&mut codes, &batch).unwrap();
            let mut direct = Index::default();
            read_on(&mut direct, &file[..end.of(&file)], &[1000], NO_LIMIT);
            read_on(&mut direct, &file, &[1000], NO_LIMIT);
            assert_same(&page, &direct);
        } else {
            // What says something else that can be is taken for what it says.
            prop_assert_eq!(rows(&page).len(), page.len());
            page.select(&Selection::default(), Rows::All);
            page.select(&wanted, Rows::All);
            page.stats(Rows::All).unwrap();
            let end = page.position().min(file.len() as u64) as usize;
            let mut indexer = Indexer::new(&page, NO_LIMIT, true);
            read(&mut page, &mut indexer, &mut Vec::new(), (&file[end..], true));
            RowSender::new(page.state()).take_rows(&mut page).unwrap();
        }
    }
}

/// The length of a text, and its bytes.
type Text = (u64, Vec<u8>);

/// A batch by its parts.
#[derive(Clone)]
struct Parts {
    /// Where the rows before ended, position, lines, number of provisional rows, number of rows.
    head: [u64; 5],
    /// For each dictionary the first code, the number of texts, and the texts.
    texts: [(u64, u64, Vec<Text>); 4],
    rows: Vec<[u64; 7]>,
}

impl Parts {
    /// Two rows of the same texts.
    fn valid() -> Self {
        let texts = || (0, 2, vec![(0, Vec::new()), (3, b"tdd".to_vec())]);
        let time = u64::from_le_bytes([0xea, 0x07, 0, 0, 2, 28, 23, 59]);
        let row = |offset| [offset, 100, 1 | 1 << 32, 1, 5, 999_999_999 | 59 << 32, time];
        Self {
            head: [0, 202, 2, 0, 2],
            texts: [texts(), texts(), texts(), texts()],
            rows: vec![row(0), row(101)],
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let word = |word: &u64| word.to_le_bytes();
        let mut bytes: Vec<u8> = self.head.iter().flat_map(word).collect();
        for (first, count, texts) in &self.texts {
            bytes.extend([first, count].into_iter().flat_map(word));
            for (length, text) in texts {
                bytes.extend(word(length));
                bytes.extend(text);
            }
        }
        bytes.extend(self.rows.iter().flatten().flat_map(word));
        bytes
    }
}

/// A fault, in a sentence, and what it does to a batch.
type Fault = (&'static str, fn(&mut Parts));

const FAULTS: &[Fault] = &[
    ("the rows start elsewhere", |parts| parts.head[0] = 1),
    ("the position is no file's", |parts| parts.head[1] = 1 << 53),
    ("there are more line ends than bytes", |parts| {
        parts.head[2] = 203
    }),
    ("more rows are provisional than there are", |parts| {
        parts.head[3] = 3
    }),
    ("a row is missing", |parts| parts.head[4] = 3),
    ("there is a row more", |parts| parts.head[4] = 1),
    ("there are more rows than a number can count", |parts| {
        parts.head[4] = u64::MAX / 56 + 1;
    }),
    ("a row is provisional that is not there", |parts| {
        parts.head[3] = 1;
        parts.head[4] = 0;
        parts.rows.clear();
    }),
    ("texts before were missed", |parts| parts.texts[2].0 = 1),
    ("a text is missing", |parts| parts.texts[3].1 = 3),
    ("there is a text more", |parts| parts.texts[0].1 = 1),
    ("there are more texts than bytes", |parts| {
        parts.texts[3].1 = u64::MAX
    }),
    ("a text is longer than the bytes", |parts| {
        parts.texts[1].2[1].0 = u64::MAX;
    }),
    ("a text is not UTF-8", |parts| {
        parts.texts[1].2[1].1 = vec![b'a', 0xc3, b'a'];
    }),
    ("a code has no text", |parts| parts.rows[1][2] = 1 | 2 << 32),
    ("an offset goes back", |parts| parts.rows.swap(0, 1)),
    ("an offset stays", |parts| parts.rows[1][0] = 0),
    ("an offset is no file's", |parts| parts.rows[1][0] = 1 << 53),
    ("a second is the 60th", |parts| parts.rows[0][5] += 1 << 32),
    ("a nanosecond is one too many", |parts| {
        parts.rows[0][5] += 1
    }),
    ("a day is not in its month", |parts| {
        parts.rows[0][6] += 1 << 40
    }),
    ("a month is the 13th", |parts| parts.rows[0][6] += 11 << 32),
    ("an hour is the 24th", |parts| parts.rows[0][6] += 1 << 48),
    ("a year has five digits", |parts| parts.rows[0][6] |= 0xffff),
    ("an offset from UTC is over a day", |parts| {
        parts.rows[0][6] |= 0x7fff << 16;
    }),
];

#[test]
fn each_fault_is_refused_and_changes_nothing() {
    for (name, fault) in FAULTS {
        let mut page = Index::default();
        let mut codes = Codes::default();
        let mut parts = Parts::valid();
        fault(&mut parts);
        let refused = page.put_rows(&mut codes, &parts.bytes());
        assert_eq!(refused, Err(NotPut::Malformed), "{name}");
        let empty = format!("{:?}", (Index::default(), Codes::default()));
        assert_eq!(format!("{:?}", (&page, &codes)), empty, "{name}");
        let valid = Parts::valid().bytes();
        assert_eq!(page.put_rows(&mut codes, &valid), Ok(()), "{name}");
        assert_eq!(page.row(1).unwrap().skill, "tdd");
        let twice = page.put_rows(&mut codes, &valid);
        assert_eq!(twice, Err(NotPut::Malformed), "{name}");
    }
}

/// Entries of a line far over the limit are given before it ends, and again when the line is read again.
#[test]
fn rows_that_are_there_already_are_left_out() {
    let mut page = Index::default();
    let mut parts = Parts::valid();
    // The line has not ended.
    parts.head = [0, 0, 0, 0, 2];
    page.put_rows(&mut Codes::default(), &parts.bytes())
        .unwrap();
    let mut third = parts.rows[1];
    third[0] = 202;
    parts.head = [0, 303, 1, 0, 3];
    parts.rows.push(third);
    page.put_rows(&mut Codes::default(), &parts.bytes())
        .unwrap();
    let offsets: Vec<u64> = rows(&page).iter().map(|row| row.offset).collect();
    assert_eq!(offsets, [0, 101, 202]);
}
