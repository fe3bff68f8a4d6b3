//! A column has what the entries of its rows have.

use proptest::prelude::*;
use skill_log::Entry;
use skill_log::index::Index;
use skill_log::index::columns::Column;
use skill_log::index::select::Rows;

use crate::generate;
use crate::index::{entries, index_of, instant};

/// Returns the offset of each entry, in the log that [`index_of`] reads.
fn offsets(entries: &[Entry<'_>]) -> Vec<u64> {
    let lengths = entries
        .iter()
        .map(|entry| generate::line(entry).len() as u64);
    lengths
        .scan(0, |next, length| {
            let offset = *next;
            *next += length + 1;
            Some(offset)
        })
        .collect()
}

fn text_of(index: &Index, column: usize, code: f64) -> String {
    index.dictionaries()[column].text(code as u32).into()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn lists_the_values_of_the_entries(
        entries in entries(),
        some in prop::option::of(prop::collection::vec(0u32..40, 0..40)),
    ) {
        let index = index_of(&entries);
        let rows = some.as_deref().map_or(Rows::All, Rows::These);
        let asked = some.clone().unwrap_or_else(|| (0..entries.len() as u32).collect());
        let offsets = offsets(&entries);
        let asked: Vec<(&Entry<'_>, u64)> = asked
            .into_iter()
            .filter_map(|row| Some((entries.get(row as usize)?, offsets[row as usize])))
            .collect();
        let expect = |column: Column, value: &dyn Fn(&Entry<'_>) -> f64| {
            let expected: Vec<f64> = asked.iter().map(|(entry, _)| value(entry)).collect();
            prop_assert_eq!(index.column(column, rows), expected);
            Ok(())
        };
        expect(Column::DurationMs, &|entry| entry.duration_ms as f64)?;
        expect(Column::Length, &|entry| generate::line(entry).len() as f64)?;
        expect(Column::Attempts, &|entry| entry.attempts.len() as f64)?;
        let is_verified = |entry: &Entry<'_>| entry.attempts.last().is_some_and(|last| last.verified);
        expect(Column::Verified, &|entry| f64::from(u8::from(is_verified(entry))))?;
        let is_first = |entry: &Entry<'_>| entry.attempts.first().is_some_and(|first| first.verified);
        expect(Column::FirstVerified, &|entry| f64::from(u8::from(is_first(entry))))?;
        for column in [Column::Recovered, Column::Foreign, Column::Log] {
            expect(column, &|_| 0.0)?;
        }
        expect(Column::Seconds, &|entry| instant(&entry.timestamp).0 as f64)?;
        expect(Column::Nanoseconds, &|entry| f64::from(instant(&entry.timestamp).1))?;
        let found: Vec<f64> = asked.iter().map(|&(_, offset)| offset as f64).collect();
        prop_assert_eq!(index.column(Column::Offset, rows), found);

        let high = index.column(Column::DurationHigh, rows);
        let low = index.column(Column::DurationLow, rows);
        let durations: Vec<i64> = high.iter().zip(low).map(|(&high, low)| (high as i64) << 32 | low as i64).collect();
        let expected: Vec<i64> = asked.iter().map(|(entry, _)| entry.duration_ms).collect();
        prop_assert_eq!(durations, expected);

        for (column, text) in [
            |entry: &Entry<'_>| entry.skill.to_string(),
            |entry: &Entry<'_>| entry.phase.to_string(),
            |entry: &Entry<'_>| entry.final_status.to_string(),
            |entry: &Entry<'_>| entry.model_used.to_string(),
        ].into_iter().enumerate() {
            let codes = index.column(Column::Code(column), rows);
            let found: Vec<String> = codes.into_iter().map(|code| text_of(&index, column, code)).collect();
            let expected: Vec<String> = asked.iter().map(|(entry, _)| text(entry)).collect();
            prop_assert_eq!(found, expected);
        }
    }

    /// Rounding may not move an instant into another millisecond, nor before an earlier instant.
    #[test]
    fn rounds_an_instant_within_its_millisecond(
        entries in entries(),
        nanosecond in prop_oneof![0u32..1_000_000_000, 999_999_000u32..1_000_000_000],
    ) {
        let mut entries = entries;
        for entry in &mut entries {
            entry.timestamp.nanosecond = nanosecond;
        }
        let listed = index_of(&entries).column(Column::Timestamp, Rows::All);
        for (entry, listed) in entries.iter().zip(listed) {
            let (seconds, nanoseconds) = instant(&entry.timestamp);
            let seconds = seconds - 62_167_219_200;
            let whole = seconds * 1000 + i64::from(nanoseconds / 1_000_000);
            prop_assert_eq!(listed.floor(), whole as f64);
            // Two of the distance of neighbouring numbers.
            let fraction = listed - whole as f64;
            let exact = f64::from(nanoseconds % 1_000_000) / 1e6;
            let step = (whole as f64).abs().next_up() - (whole as f64).abs();
            prop_assert!((fraction - exact).abs() <= 2.0 * step, "{fraction} {exact} {step}");
        }
    }
}

#[test]
fn leaves_out_the_rows_of_a_log_when_it_was_cleared() {
    let mut index = index_of(&[Entry::default(), Entry::default()]);
    assert_eq!(index.column(Column::Log, Rows::All), [0.0, 0.0]);
    index.clear_logs(&[0]);
    assert!(index.column(Column::Log, Rows::All).is_empty());
    assert!(
        index
            .column(Column::Log, Rows::These(&[1, 0, 5]))
            .is_empty()
    );
}
