//! Plain objects for JavaScript, where a shape is small and rare. Bulk crosses as bytes.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::Place;
use crate::damage::Damage;
use crate::index::totals::{Durations, Group, Stats};

/// The keys of objects of one shape. Each key becomes a JavaScript string once.
struct Keys(Vec<JsValue>);

impl Keys {
    pub fn new(keys: &[&str]) -> Self {
        Self(keys.iter().map(|key| JsValue::from_str(key)).collect())
    }

    /// Makes an object of the values of the keys, in the same order. A value that is undefined is
    /// left out.
    pub fn object(&self, values: &[JsValue]) -> JsValue {
        let object = Object::new();
        for (key, value) in self.0.iter().zip(values) {
            if !value.is_undefined() {
                // Setting a member of a plain object does not fail.
                let _ = Reflect::set(&object, key, value);
            }
        }
        object.into()
    }
}

fn array(values: impl Iterator<Item = JsValue>) -> JsValue {
    let array = Array::new();
    values.for_each(|value| {
        array.push(&value);
    });
    array.into()
}

/// Returns a count, an offset or a length. JavaScript addresses no file of 2^53 bytes.
fn count(number: u64) -> JsValue {
    JsValue::from_f64(number as f64)
}

/// Returns an integer: a bigint beyond ±2^53, because a number cannot hold it.
fn integer(number: i64) -> JsValue {
    if number.unsigned_abs() < 1 << 53 {
        JsValue::from_f64(number as f64)
    } else {
        JsValue::from(number)
    }
}

/// Returns damaged lines, as `DamagedLine` in `js/storage/storage.d.ts` describes them.
pub(super) fn damage(lines: &[Damage]) -> JsValue {
    let places = |places: &[Place]| {
        array(
            places
                .iter()
                .map(|&(offset, length)| array([offset, length].into_iter().map(count))),
        )
    };
    let keys = Keys::new(&[
        "kind", "reason", "offset", "length", "line", "lines", "whole", "doubtful", "damaged",
    ]);
    array(lines.iter().map(|line| {
        keys.object(&[
            line.kind.name().into(),
            line.reason.to_string().into(),
            count(line.offset),
            count(line.length),
            count(line.line),
            count(line.lines),
            places(&line.whole),
            places(&line.doubtful),
            places(&line.damaged),
        ])
    }))
}

/// Returns statistics, as `Stats` in `js/types.d.ts` describes them.
pub(super) fn stats(stats: &Stats) -> JsValue {
    let of_group = Keys::new(&[
        "name",
        "entries",
        "attempts_mean",
        "attempts_max",
        "verified_rate",
        "first_try_rate",
        "duration_ms",
    ]);
    let of_durations = Keys::new(&["p50", "p95", "max"]);
    let durations = |&Durations { p50, p95, max }: &Durations| {
        of_durations.object(&[p50, p95, max].map(integer))
    };
    let groups = |groups: &[Group]| {
        array(groups.iter().map(|group| {
            of_group.object(&[
                JsValue::from_str(&group.name),
                count(group.entries),
                group.attempts_mean.into(),
                group.attempts_max.into(),
                group.verified_rate.into(),
                group.first_try_rate.into(),
                group.duration_ms.as_ref().map(durations).into(),
            ])
        }))
    };
    Keys::new(&[
        "entries", "bytes", "first", "last", "skills", "phases", "statuses", "models",
    ])
    .object(&[
        count(stats.entries),
        count(stats.bytes),
        stats.first.as_deref().into(),
        stats.last.as_deref().into(),
        groups(&stats.skills),
        groups(&stats.phases),
        groups(&stats.statuses),
        groups(&stats.models),
    ])
}
