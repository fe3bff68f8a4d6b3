//! Writes the JSON Schema of an entry to the file whose path is its argument.

use std::error::Error;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).ok_or("usage: entry-schema FILE")?;
    let schema = serde_json::to_string_pretty(&skill_log::entry_schema::entry())?;
    Ok(fs::write(path, schema + "\n")?)
}
