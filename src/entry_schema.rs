//! The JSON Schema of a canonical line.
//!
//! Names, types, order and descriptions come from the data model. Which members are required comes
//! from [`encode()`]: those that it writes for an empty entry.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::timestamp::Timestamp;
use crate::{Attempt, Entry, RawJson, encode};

/// The texts that [`Timestamp::write`] writes, and days that a month does not have. No look-aheads,
/// and no classes like `\d`, because engines lack them or read them differently.
const TIMESTAMP: &str = concat!(
    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
    "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{0,8}[1-9])?",
    "(Z|[+-](00:(0[1-9]|[1-5][0-9])|(0[1-9]|1[0-9]|2[0-3]):[0-5][0-9]))$",
);

/// Returns the JSON Schema, draft 2020-12, that every canonical line is valid under.
///
/// A valid line need not be canonical: a schema checks neither the order of the members nor the
/// escapes of a string.
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
    // Last, because a `Schema` writes its keywords in the usual order and a `Value` does not.
    schema.try_into().expect("an object is a schema")
}

/// Returns the members of an entry's canonical line.
fn members(entry: &Entry<'_>) -> Value {
    let mut line = Vec::new();
    encode(entry, &mut line).expect("its timestamp is in UTC");
    serde_json::from_slice(&line).expect("a line is JSON")
}

/// Narrows the schema of an object to what a canonical line can have. The members of an `empty`
/// object are required; any other member is there only if it is not empty.
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
