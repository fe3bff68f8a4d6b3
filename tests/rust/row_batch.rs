//! Rows that cross as bytes are the rows that reading finds. Other bytes change nothing.

use proptest::prelude::*;
use proptest::sample;
use skill_log::damage::Damage;
use skill_log::index::Index;
use skill_log::index::indexer::Indexer;
use skill_log::index::row_batch::{Codes, PutError, RowSender};
use skill_log::index::select::{Rows, Selection};

use crate::generate::{self, Piece};
use crate::index::{NO_LIMIT, file_of, read_on, rows, selection};

/// How a refresh reads a log: into an index of its own, whose rows are put into another index.
#[derive(Clone, Debug)]
struct Refresh {
    /// The length of each chunk, and whether rows are taken after it. They repeat.
    chunks: Vec<(usize, bool)>,
    /// The number of chunks after which the refresh stops.
    stops_after: Option<usize>,
    max_line_bytes: u64,
}

prop_compose! {
    fn refresh()(
        chunks in prop::collection::vec((prop_oneof![1usize..8, 1usize..3000], any::<bool>()), 1..4),
        stops_after in prop::option::weighted(0.2, 1usize..20),
        max_line_bytes in prop_oneof![4 => Just(NO_LIMIT), 1 => 1u64..2000],
    ) -> Refresh {
        Refresh { chunks, stops_after, max_line_bytes }
    }
}

/// Where a file ends for now: before or after a line end, or anywhere.
#[derive(Clone, Debug)]
enum End {
    At(sample::Index),
    AtLine(sample::Index, bool),
}

fn end() -> impl Strategy<Value = End> {
    let at = any::<sample::Index>;
    prop_oneof![
        1 => at().prop_map(End::At),
        4 => (at(), any::<bool>()).prop_map(|(line, is_after)| End::AtLine(line, is_after)),
    ]
}

impl End {
    fn of(&self, file: &[u8]) -> usize {
        let newlines: Vec<usize> = (0..file.len()).filter(|&at| file[at] == b'\n').collect();
        match self {
            End::AtLine(line, is_after) if !newlines.is_empty() => {
                line.get(&newlines) + usize::from(*is_after)
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

/// Reads a chunk into an index. The chunk may be the last.
fn read(
    index: &mut Index,
    indexer: &mut Indexer,
    damage: &mut Vec<Damage>,
    (chunk, is_last): (&[u8], bool),
) {
    indexer.space(chunk.len()).unwrap().copy_from_slice(chunk);
    indexer.read(index, damage, is_last).unwrap();
}

/// Reads for `page` through another index, and reads the same chunks into `direct`.
fn read_both(page: &mut Index, direct: &mut Index, file: &[u8], refresh: &Refresh) {
    let (mut sender, mut reading) = (RowSender::default(), Index::default());
    sender.add_log(&mut reading, 0, page.state(0));
    let mut codes = Codes::default();
    let mut of_sender = Indexer::new(&reading, 0, refresh.max_line_bytes, true);
    let mut of_direct = Indexer::new(direct, 0, refresh.max_line_bytes, true);
    let (mut damage, mut expected) = (Vec::new(), Vec::new());
    let mut rest = &file[page.state(0).position as usize..];
    let mut waiting = Vec::new();
    for (count, (length, takes)) in (1..).zip(refresh.chunks.iter().cycle()) {
        let (chunk, more) = rest.split_at((*length).min(rest.len()));
        rest = more;
        let chunk = (chunk, rest.is_empty());
        read(&mut reading, &mut of_sender, &mut damage, chunk);
        waiting.push(chunk);
        if *takes || rest.is_empty() {
            page.put_rows(
                &mut codes,
                &sender.take_rows(&mut reading).unwrap(),
                0..usize::MAX,
            )
            .unwrap();
            assert!(reading.is_empty());
            for chunk in waiting.drain(..) {
                read(direct, &mut of_direct, &mut expected, chunk);
            }
            assert_eq!(damage, expected);
            assert_eq!(of_sender.rest(), of_direct.rest());
            assert_same(page, direct);
        }
        if rest.is_empty() || Some(count) == refresh.stops_after {
            break;
        }
    }
}

fn assert_same(page: &Index, direct: &Index) {
    assert_eq!(rows(page), rows(direct));
    assert_eq!(page.state(0), direct.state(0));
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
    let mut page = Index::of_one_log();
    read_on(&mut page, &file[..end], &[1000], NO_LIMIT);
    let (mut sender, mut reading) = (RowSender::default(), Index::default());
    sender.add_log(&mut reading, 0, page.state(0));
    let mut indexer = Indexer::new(&reading, 0, NO_LIMIT, true);
    let chunk = (&file[page.state(0).position as usize..], true);
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
    fn receives_the_rows_that_reading_finds(
        file in file(),
        refreshes in prop::collection::vec((end(), refresh()), 1..6),
        last in refresh(),
        wanted in selection(),
    ) {
        let mut refreshes: Vec<(usize, &Refresh)> =
            refreshes.iter().map(|(end, refresh)| (end.of(&file), refresh)).collect();
        refreshes.sort_by_key(|(end, _)| *end);
        refreshes.push((file.len(), &last));
        let (mut page, mut direct) = (Index::of_one_log(), Index::of_one_log());
        for (end, refresh) in refreshes {
            read_both(&mut page, &mut direct, &file[..end], refresh);
        }
        prop_assert_eq!(page.select(&wanted, Rows::All), direct.select(&wanted, Rows::All));
        prop_assert_eq!(page.stats(Rows::All).unwrap(), direct.stats(Rows::All).unwrap());
        // Each of the two can read the rest without the other.
        let mut longer = file.clone();
        longer.extend_from_slice(b"\n{}\n");
        let damage = read_on(&mut page, &longer, &[100], NO_LIMIT);
        prop_assert_eq!(damage, read_on(&mut direct, &longer, &[100], NO_LIMIT));
        assert_same(&page, &direct);
    }

    #[test]
    fn changes_nothing_when_a_changed_batch_is_refused(file in file(), end in end(), change in change(), wanted in selection()) {
        let (mut page, batch) = page_and_batch(&file, end.of(&file));
        let before = format!("{page:?}");
        let changed = change.apply(&batch);
        let mut codes = Codes::default();
        let result = page.put_rows(&mut codes, &changed, 0..usize::MAX);
        if matches!(change, Change::Cut(_) | Change::Longer(_)) {
            prop_assert_eq!(result, Err(PutError::Malformed));
        }
        if result.is_err() {
            prop_assert_eq!(&before, &format!("{page:?}"));
            page.put_rows(&mut codes, &batch, 0..usize::MAX).unwrap();
            let mut direct = Index::of_one_log();
            read_on(&mut direct, &file[..end.of(&file)], &[1000], NO_LIMIT);
            read_on(&mut direct, &file, &[1000], NO_LIMIT);
            assert_same(&page, &direct);
        } else {
            // A changed batch that is still valid must leave an index that works.
            prop_assert_eq!(rows(&page).len(), page.len() - page.holes());
            page.select(&Selection::default(), Rows::All);
            page.select(&wanted, Rows::All);
            page.stats(Rows::All).unwrap();
            let end = page.state(0).position.min(file.len() as u64) as usize;
            let mut indexer = Indexer::new(&page, 0, NO_LIMIT, true);
            read(&mut page, &mut indexer, &mut Vec::new(), (&file[end..], true));
        }
    }
}

/// The length of a text, and its bytes.
type Text = (u64, Vec<u8>);

/// A batch by its parts.
#[derive(Clone)]
struct Parts {
    /// The number of logs.
    logs: u64,
    /// For each log its number, where the earlier rows ended, the position, the lines, and the
    /// numbers of provisional rows and of all rows.
    heads: Vec<[u64; 6]>,
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
            logs: 1,
            heads: vec![[0, 0, 202, 2, 0, 2]],
            texts: [texts(), texts(), texts(), texts()],
            rows: vec![row(0), row(101)],
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let word = |word: &u64| word.to_le_bytes();
        let mut bytes = word(&self.logs).to_vec();
        for (first, count, texts) in &self.texts {
            bytes.extend([first, count].into_iter().flat_map(word));
            for (length, text) in texts {
                bytes.extend(word(length));
                bytes.extend(text);
            }
        }
        bytes.extend(self.heads.iter().flatten().flat_map(word));
        bytes.extend(self.rows.iter().flatten().flat_map(word));
        bytes
    }
}

/// A fault in a sentence, and the change that it makes to a batch.
type Fault = (&'static str, fn(&mut Parts));

const FAULTS: &[Fault] = &[
    ("a log is missing", |parts| parts.logs = 2),
    ("there are more logs than bytes", |parts| {
        parts.logs = u64::MAX
    }),
    ("there is an extra log", |parts| parts.logs = 0),
    ("the log does not exist", |parts| parts.heads[0][0] = 1),
    ("the log's number is too large", |parts| {
        parts.heads[0][0] = 1 << 32
    }),
    ("a log comes twice", |parts| {
        parts.logs = 2;
        parts.heads.push([0, 0, 303, 1, 0, 0]);
    }),
    ("the rows start elsewhere", |parts| parts.heads[0][1] = 1),
    ("the position is beyond any file", |parts| {
        parts.heads[0][2] = 1 << 53
    }),
    ("there are more line ends than bytes", |parts| {
        parts.heads[0][3] = 203
    }),
    ("more rows are provisional than the batch has", |parts| {
        parts.heads[0][4] = 3
    }),
    ("a row is missing", |parts| parts.heads[0][5] = 3),
    ("there is an extra row", |parts| parts.heads[0][5] = 1),
    ("there are more rows than memory can hold", |parts| {
        parts.heads[0][5] = u64::MAX / 56 + 1;
    }),
    ("a missing row is provisional", |parts| {
        parts.heads[0][4] = 1;
        parts.heads[0][5] = 0;
        parts.rows.clear();
    }),
    ("earlier texts are missing", |parts| parts.texts[2].0 = 1),
    ("a text is missing", |parts| parts.texts[3].1 = 3),
    ("there is an extra text", |parts| parts.texts[0].1 = 1),
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
    ("an offset is before the last", |parts| {
        parts.rows.swap(0, 1)
    }),
    ("an offset repeats", |parts| parts.rows[1][0] = 0),
    ("an offset is beyond any file", |parts| {
        parts.rows[1][0] = 1 << 53
    }),
    ("a second is 60", |parts| parts.rows[0][5] += 1 << 32),
    ("a nanosecond is 1,000,000,000", |parts| {
        parts.rows[0][5] += 1
    }),
    ("a day is not in its month", |parts| {
        parts.rows[0][6] += 1 << 40
    }),
    ("a month is 13", |parts| parts.rows[0][6] += 11 << 32),
    ("an hour is 24", |parts| parts.rows[0][6] += 1 << 48),
    ("a year has five digits", |parts| parts.rows[0][6] |= 0xffff),
    ("an offset from UTC is over a day", |parts| {
        parts.rows[0][6] |= 0x7fff << 16;
    }),
];

#[test]
fn refuses_a_batch_with_any_fault_and_changes_nothing() {
    for (name, fault) in FAULTS {
        let mut page = Index::of_one_log();
        let mut codes = Codes::default();
        let mut parts = Parts::valid();
        fault(&mut parts);
        let refused = page.put_rows(&mut codes, &parts.bytes(), 0..usize::MAX);
        assert_eq!(refused, Err(PutError::Malformed), "{name}");
        let empty = format!("{:?}", (Index::of_one_log(), Codes::default()));
        assert_eq!(format!("{:?}", (&page, &codes)), empty, "{name}");
        let valid = Parts::valid().bytes();
        assert_eq!(
            page.put_rows(&mut codes, &valid, 0..usize::MAX),
            Ok(()),
            "{name}"
        );
        assert_eq!(page.row(1).unwrap().skill, "tdd");
        let twice = page.put_rows(&mut codes, &valid, 0..usize::MAX);
        assert_eq!(twice, Err(PutError::Malformed), "{name}");
    }
}

/// An index returns the entries of a line far over the limit before the line ends. When the line is
/// read again, they come again.
#[test]
fn skips_the_rows_that_it_holds_already() {
    let mut page = Index::of_one_log();
    let mut parts = Parts::valid();
    // The line has not ended.
    parts.heads = vec![[0, 0, 0, 0, 0, 2]];
    page.put_rows(&mut Codes::default(), &parts.bytes(), 0..usize::MAX)
        .unwrap();
    let mut third = parts.rows[1];
    third[0] = 202;
    parts.heads = vec![[0, 0, 303, 1, 0, 3]];
    parts.rows.push(third);
    page.put_rows(&mut Codes::default(), &parts.bytes(), 0..usize::MAX)
        .unwrap();
    let offsets: Vec<u64> = rows(&page).iter().map(|row| row.offset).collect();
    assert_eq!(offsets, [0, 101, 202]);
}
