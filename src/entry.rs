//! The data model: an entry and its attempts, borrowed from the line they were read from.
//!
//! A text is borrowed where the line spells it without escapes. An absent text is an empty text:
//! the format has no difference between the two. The JSON Schema takes its descriptions from the
//! comments on the fields.

use std::borrow::Cow;

use crate::json::RawJson;
use crate::timestamp::Timestamp;

/// One skill run, as one line of a session log records it.
///
/// Optional members are left out where they are empty or 0. Readers accept more: see FORMAT.md.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entry<'a> {
    /// The session that the entry belongs to.
    pub session_id: Cow<'a, str>,
    /// When the skill ran.
    pub timestamp: Timestamp,
    /// The skill's name.
    pub skill: Cow<'a, str>,
    /// The phase of the work, where there are phases.
    pub phase: Cow<'a, str>,
    /// The folder that the skill worked in.
    pub project_root: Cow<'a, str>,
    /// What the skill was given: any JSON value, `null` too.
    pub input: Option<RawJson<'a>>,
    /// The runs of a model, in order.
    pub attempts: Vec<Attempt<'a>>,
    /// How the skill run ended, in the user's own words.
    pub final_status: Cow<'a, str>,
    /// The file that the skill run was about.
    pub file_path: Cow<'a, str>,
    /// The model whose result was used.
    pub model_used: Cow<'a, str>,
    /// How long the skill run took, in milliseconds, where that is known.
    pub duration_ms: i64,
    /// Anything else worth saying.
    pub message: Cow<'a, str>,
}

/// One run of a model within a skill run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attempt<'a> {
    /// The attempt's number.
    pub attempt: i64,
    /// The model that ran.
    pub model: Cow<'a, str>,
    /// A summary of what the model gave.
    pub output_summary: Cow<'a, str>,
    /// What the runner printed.
    pub runner_output: Cow<'a, str>,
    /// Whether the model's result was verified.
    pub verified: bool,
}
