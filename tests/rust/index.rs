//! An index holds what the entries hold, however the file was read.

use proptest::prelude::*;
use skill_log::damage::Damage;
use skill_log::index::indexer::Indexer;
use skill_log::index::select::{Rows, Selection};
use skill_log::index::totals::{Durations, Group};
use skill_log::index::{Index, Row};
use skill_log::timestamp::Timestamp;
use skill_log::{Entry, decode};

use crate::generate::{self, Piece};
use crate::read_all::{Found, merged, read_all};

pub const NO_LIMIT: u64 = 1 << 30;

/// Reads a file from where an index ends, in chunks of `lengths` bytes, which repeat.
pub fn read_on(
    index: &mut Index,
    file: &[u8],
    lengths: &[usize],
    max_line_bytes: u64,
) -> (Vec<Damage>, (u64, u64)) {
    let mut damage = Vec::new();
    let mut indexer = Indexer::new(index, 0, max_line_bytes, true);
    let mut rest = &file[index.state(0).position as usize..];
    for length in lengths.iter().cycle() {
        let (chunk, more) = rest.split_at((*length).min(rest.len()));
        indexer.space(chunk.len()).unwrap().copy_from_slice(chunk);
        rest = more;
        indexer.read(index, &mut damage, rest.is_empty()).unwrap();
        if rest.is_empty() {
            break;
        }
    }
    (damage, indexer.pending())
}

pub fn rows(index: &Index) -> Vec<Row<'_>> {
    (0..index.len()).filter_map(|row| index.row(row)).collect()
}

/// Returns the row of a decoded entry.
fn row_of<'a>(entry: &'a Entry<'_>, found: &Found, at: usize) -> Row<'a> {
    let place = found.entries[at].1;
    Row {
        log: 0,
        offset: place.offset,
        length: place.length,
        timestamp: entry.timestamp,
        skill: &entry.skill,
        phase: &entry.phase,
        final_status: &entry.final_status,
        model_used: &entry.model_used,
        duration_ms: entry.duration_ms,
        attempts: entry.attempts.len() as u32,
        first_verified: entry.attempts.first().is_some_and(|first| first.verified),
        verified: entry.attempts.last().is_some_and(|last| last.verified),
        recovered: place.recovered,
        foreign: false,
    }
}

pub fn file_of(lines: &[Vec<Piece>], ends_in_newline: bool) -> Vec<u8> {
    let lines: Vec<Vec<u8>> = lines
        .iter()
        .map(|line| line.iter().flat_map(Piece::bytes).copied().collect())
        .collect();
    let mut file = lines.join(&b'\n');
    if ends_in_newline {
        file.push(b'\n');
    }
    file
}

fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let line = prop::collection::vec(generate::piece(), 0..4);
    (prop::collection::vec(line, 0..6), any::<bool>())
        .prop_map(|(lines, ends_in_newline)| file_of(&lines, ends_in_newline))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn indexes_the_entries_and_damage_that_reading_finds(
        file in any_file(),
        lengths in prop::collection::vec(prop_oneof![1usize..8, 1usize..3000], 1..4),
        max_line_bytes in prop_oneof![Just(NO_LIMIT), 1u64..2000],
    ) {
        let mut index = Index::of_one_log();
        let (damage, pending) = read_on(&mut index, &file, &lengths, max_line_bytes);
        let found = read_all(&file, &[usize::MAX], max_line_bytes);
        let entries: Vec<Entry<'_>> = found.entries.iter().map(|(line, _)| decode(line).unwrap()).collect();
        let expected: Vec<Row<'_>> = entries.iter().enumerate().map(|(at, entry)| row_of(entry, &found, at)).collect();
        prop_assert_eq!(rows(&index), expected);
        prop_assert_eq!(merged(damage), merged(found.damage));
        prop_assert_eq!(pending, found.pending);
    }

    #[test]
    fn finds_the_same_when_a_growing_file_is_read_in_parts(
        file in any_file(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
        max_line_bytes in prop_oneof![4 => Just(NO_LIMIT), 1 => 1u64..2000],
    ) {
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(file.len() + 1)).collect();
        ends.sort_unstable();
        ends.push(file.len());
        let mut grown = Index::of_one_log();
        let mut damage = Vec::new();
        for end in ends {
            // The damage of the line that had not ended is reported again.
            let ended = |each: &Damage| each.offset < grown.state(0).position;
            damage.retain(ended);
            damage.extend(read_on(&mut grown, &file[..end], &[1000], max_line_bytes).0);
        }
        let damage = merged(damage);
        let mut at_once = Index::of_one_log();
        let (expected, _) = read_on(&mut at_once, &file, &[1000], max_line_bytes);
        prop_assert_eq!(rows(&grown), rows(&at_once));
        prop_assert_eq!(damage, merged(expected));
    }
}

/// Entries that share the values which a selection asks for.
pub fn entries() -> impl Strategy<Value = Vec<Entry<'static>>> {
    let text = |texts: &'static [&'static str]| prop::sample::select(texts);
    let entry = (
        generate::entry(),
        text(&["", "plan", "tdd"]),
        text(&["", "red"]),
        text(&["pass", "fail"]),
        text(&["", "m", "n"]),
        prop_oneof![Just(0i64), 0i64..50, any::<i64>()],
        prop::option::of(2024u16..2027),
    );
    let entry = entry.prop_map(
        |(mut entry, skill, phase, status, model, duration_ms, year)| {
            entry.skill = skill.into();
            entry.phase = phase.into();
            entry.final_status = status.into();
            entry.model_used = model.into();
            entry.duration_ms = duration_ms;
            entry.timestamp.year = year.unwrap_or(entry.timestamp.year);
            entry
        },
    );
    prop::collection::vec(entry, 0..30)
}

pub fn index_of(entries: &[Entry<'_>]) -> Index {
    let lines: Vec<Vec<u8>> = entries.iter().map(generate::line).collect();
    let mut index = Index::of_one_log();
    read_on(&mut index, &lines.join(&b'\n'), &[usize::MAX], NO_LIMIT);
    index
}

fn texts(texts: &'static [&'static str]) -> impl Strategy<Value = Option<Vec<String>>> {
    let some = prop::sample::subsequence(texts, 0..=texts.len());
    prop::option::weighted(
        0.3,
        some.prop_map(|some| some.into_iter().map(String::from).collect()),
    )
}

prop_compose! {
    fn conditions()(
        skill in texts(&["", "plan", "tdd", "unheard of"]),
        phase in texts(&["", "red"]),
        status in texts(&["pass"]),
        model in texts(&["", "m"]),
        verified in prop::option::weighted(0.3, any::<bool>()),
        time in prop::option::weighted(0.3, (generate::timestamp(), generate::timestamp())),
        duration_ms in prop::option::weighted(0.3, (-5i64..60, -5i64..60)),
        logs in prop::option::weighted(0.1, prop::sample::subsequence(vec![0, 1, 7], 0..=3)),
        recovered in prop::option::weighted(0.1, any::<bool>()),
        foreign in prop::option::weighted(0.1, any::<bool>()),
    ) -> Selection {
        Selection {
            texts: [skill, phase, status, model],
            logs,
            verified,
            recovered,
            foreign,
            time: time.map(|(since, until)| since.instant()..until.instant()),
            duration_ms: duration_ms.map(|(min, max)| min..=max),
            not: None,
        }
    }
}

prop_compose! {
    pub fn selection()(
        wanted in conditions(),
        not in prop::option::of(conditions()),
    ) -> Selection {
        Selection { not: not.map(Box::new), ..wanted }
    }
}

/// Returns the seconds since the year 0, and the nanoseconds, by counting each year and month.
pub fn instant(timestamp: &Timestamp) -> (i64, u32) {
    let is_leap = |year: u16| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut days = i64::from(timestamp.day) - 1;
    for year in 0..timestamp.year {
        days += if is_leap(year) { 366 } else { 365 };
    }
    for month in 1..timestamp.month {
        days += match month {
            2 if is_leap(timestamp.year) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
    }
    let hours = days * 24 + i64::from(timestamp.hour);
    let minutes = hours * 60 + i64::from(timestamp.minute) - i64::from(timestamp.offset);
    (
        minutes * 60 + i64::from(timestamp.second),
        timestamp.nanosecond,
    )
}

/// Returns for each condition that is set whether an entry meets it. The entry is of log 0.
fn met(entry: &Entry<'_>, wanted: &Selection) -> Vec<bool> {
    let mut met = Vec::new();
    let found = [
        &entry.skill,
        &entry.phase,
        &entry.final_status,
        &entry.model_used,
    ];
    for (text, texts) in found.iter().zip(&wanted.texts) {
        let is_any = |texts: &Vec<String>| texts.iter().any(|wanted| wanted == text.as_ref());
        met.extend(texts.as_ref().map(is_any));
    }
    met.extend(wanted.logs.as_ref().map(|logs| logs.contains(&0)));
    let last = entry.attempts.last().map(|last| last.verified);
    met.extend(wanted.verified.map(|verified| last == Some(verified)));
    met.extend(wanted.recovered.map(|recovered| !recovered));
    met.extend(wanted.foreign.map(|foreign| !foreign));
    if let Some(time) = &wanted.time {
        let instant = instant(&entry.timestamp);
        met.push(instant >= time.start && instant < time.end);
    }
    if let Some(duration) = &wanted.duration_ms {
        met.push(entry.duration_ms >= *duration.start() && entry.duration_ms <= *duration.end());
    }
    met
}

fn is_wanted(entry: &Entry<'_>, wanted: &Selection) -> bool {
    let not = wanted.not.as_ref();
    met(entry, wanted).into_iter().all(|is_met| is_met)
        && not.is_none_or(|not| !met(entry, not).contains(&true))
}

/// Computes a group from the definitions.
fn group_of(name: &str, entries: &[&Entry<'_>]) -> Group {
    let with_attempts: Vec<_> = entries
        .iter()
        .filter(|entry| !entry.attempts.is_empty())
        .collect();
    let rate =
        |part: usize| (!with_attempts.is_empty()).then(|| part as f64 / with_attempts.len() as f64);
    let mut durations: Vec<i64> = entries
        .iter()
        .map(|entry| entry.duration_ms)
        .filter(|&ms| ms != 0)
        .collect();
    durations.sort();
    // Nearest rank: the smallest duration that `percent` of the durations do not exceed.
    let rank = |percent: usize| {
        let mut below = durations
            .iter()
            .enumerate()
            .filter(|(at, _)| (at + 1) * 100 >= percent * durations.len());
        below.next().map(|(_, ms)| *ms)
    };
    Group {
        name: name.into(),
        entries: entries.len() as u64,
        attempts_mean: entries
            .iter()
            .map(|entry| entry.attempts.len())
            .sum::<usize>() as f64
            / entries.len() as f64,
        attempts_max: entries
            .iter()
            .map(|entry| entry.attempts.len())
            .max()
            .unwrap() as u32,
        verified_rate: rate(
            with_attempts
                .iter()
                .filter(|entry| entry.attempts.last().unwrap().verified)
                .count(),
        ),
        first_try_rate: rate(
            with_attempts
                .iter()
                .filter(|entry| entry.attempts[0].verified)
                .count(),
        ),
        duration_ms: durations.last().map(|&max| Durations {
            p50: rank(50).unwrap(),
            p95: rank(95).unwrap(),
            max,
        }),
    }
}

fn groups_of(
    entries: &[&Entry<'_>],
    with_empty: bool,
    text: impl Fn(&Entry<'_>) -> String,
) -> Vec<Group> {
    let mut names: Vec<String> = entries
        .iter()
        .map(|entry| text(entry))
        .filter(|name| with_empty || !name.is_empty())
        .collect();
    names.sort();
    names.dedup();
    let mut groups: Vec<Group> = names
        .iter()
        .map(|name| {
            let of_name: Vec<&Entry<'_>> = entries
                .iter()
                .copied()
                .filter(|entry| text(entry) == *name)
                .collect();
            group_of(name, &of_name)
        })
        .collect();
    // The sort is stable, so names stay in order.
    groups.sort_by_key(|group| std::cmp::Reverse(group.entries));
    groups
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn selects_the_rows_whose_entries_match(
        entries in entries(),
        wanted in selection(),
        some in prop::option::of(prop::collection::vec(0u32..40, 0..40)),
    ) {
        let index = index_of(&entries);
        let rows = some.as_deref().map_or(Rows::All, Rows::These);
        let asked = some.clone().unwrap_or_else(|| (0..entries.len() as u32).collect());
        let expected: Vec<u32> = asked
            .into_iter()
            .filter(|&row| entries.get(row as usize).is_some_and(|entry| is_wanted(entry, &wanted)))
            .collect();
        prop_assert_eq!(index.select(&wanted, rows), expected);
        for entry in &entries {
            prop_assert_eq!(wanted.matches(entry), is_wanted(entry, &wanted));
        }
    }

    #[test]
    fn computes_the_statistics_of_the_entries(entries in entries(), some in prop::option::of(prop::collection::vec(0u32..40, 0..40))) {
        let index = index_of(&entries);
        let stats = index.stats(some.as_deref().map_or(Rows::All, Rows::These)).unwrap();
        let asked: Vec<&Entry<'_>> = match &some {
            Some(rows) => rows.iter().filter_map(|&row| entries.get(row as usize)).collect(),
            None => entries.iter().collect(),
        };
        prop_assert_eq!(stats.entries, asked.len() as u64);
        prop_assert_eq!(stats.bytes, asked.iter().map(|entry| generate::line(entry).len() as u64).sum::<u64>());
        let instants = || asked.iter().map(|entry| instant(&entry.timestamp));
        let parsed = |text: &Option<String>| text.as_ref().map(|text| instant(&Timestamp::parse(text.as_bytes()).unwrap()));
        prop_assert_eq!(parsed(&stats.first), instants().min());
        prop_assert_eq!(parsed(&stats.last), instants().max());
        prop_assert_eq!(stats.skills, groups_of(&asked, true, |entry| entry.skill.to_string()));
        prop_assert_eq!(stats.phases, groups_of(&asked, false, |entry| entry.phase.to_string()));
        prop_assert_eq!(stats.statuses, groups_of(&asked, true, |entry| entry.final_status.to_string()));
        prop_assert_eq!(stats.models, groups_of(&asked, false, |entry| entry.model_used.to_string()));
    }
}
