//! The JSON Schema of an entry, as the canonical line has it.
//!
//! Names, types, order and descriptions are those of the data model. What a line must have is asked
//! of [`encode`]: it is what the line of an empty entry has.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::timestamp::Timestamp;
use crate::{Attempt, Entry, RawJson, encode};

/// What [`Timestamp::write`] writes, but for the length of each month. Without look-aheads and
/// classes like `\d`, which engines lack or read differently.
const TIMESTAMP: &str = concat!(
    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
    "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{0,8}[1-9])?",
    "(Z|[+-](00:(0[1-9]|[1-5][0-9])|(0[1-9]|1[0-9]|2[0-3]):[0-5][0-9]))$",
);

/// Gives the schema that every canonical line is valid under: JSON Schema, draft 2020-12.
///
/// A line that is valid under it may still not be canonical: a schema sees neither the order of the
/// members nor how a string is spelled.
///
/// ```
/// let schema = skill_log::entry_schema::entry();
/// assert_eq!(schema.get("required").unwrap()[1], "timestamp");
/// assert_eq!(schema.pointer("/properties/phase/minLength").unwrap(), 1);
/// ```
pub fn entry() -> Schema {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Entry>().to_value();
    let empty_attempt = Entry {
        attempts: vec![Attempt::default()],
        ..Entry::default()
    };
    narrow(&mut schema, &members(&Entry::default()));
    narrow(
        &mut schema["$defs"]["Attempt"],
        &members(&empty_attempt)["attempts"][0],
    );
    // Not before: it is as a schema that it is written with its keywords in the usual order.
    schema.try_into().expect("an object is a schema")
}

/// Gives the members of an entry's canonical line.
fn members(entry: &Entry<'_>) -> Value {
    let mut line = Vec::new();
    encode(entry, &mut line).expect("its timestamp is in UTC");
    serde_json::from_slice(&line).expect("a line is JSON")
}

/// Narrows the schema of an object to what a line can have of it: the members of an `empty` one,
/// and the others where they are not empty.
fn narrow(schema: &mut Value, empty: &Value) {
    let required: Vec<&String> = empty.as_object().into_iter().flat_map(Map::keys).collect();
    schema["required"] = json!(required);
    schema["additionalProperties"] = json!(false);
    let properties = schema["properties"].as_object_mut();
    for (name, property) in properties.into_iter().flatten() {
        let is_optional = empty.get(name).is_none();
        match property["type"].as_str() {
            Some("string") if is_optional => property["minLength"] = json!(1),
            Some("array") if is_optional => property["minItems"] = json!(1),
            Some("integer") => {
                property["minimum"] = json!(i64::MIN);
                property["maximum"] = json!(i64::MAX);
                if is_optional {
                    property["not"] = json!({ "const": 0 });
                }
            }
            _ => {}
        }
    }
}

impl JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time", "pattern": TIMESTAMP })
    }
}

impl JsonSchema for RawJson<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "RawJson".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!(true)
    }
}
