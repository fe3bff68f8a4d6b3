// What engines and shippers cannot take, with their default settings.
//
// The limits of the engines and of NATS are measured: tests/engines gives each a line at its limit,
// and a line beyond it. Those of the shippers are documented, at the address of each.

/**
 * What becomes of a line that breaks a rule. `refused`: reading or sending fails there; `dropped`:
 * the line is left out; `cut`: it arrives in parts, or in part; `changed`: it arrives with another
 * value.
 *
 * @typedef {"refused" | "dropped" | "cut" | "changed"} Outcome
 */

/**
 * What a rule is about:
 *
 * - `line`: bytes of a line, without its line end;
 * - `depth`: arrays and objects within each other, the entry's own braces counted;
 * - `string`: UTF-16 units of a text that is a member of the entry or of an attempt;
 * - `name`: UTF-16 units of a member's name in `input`;
 * - `number`: digits of a number;
 * - `integer`: whole numbers beyond `most` or -`most`;
 * - `double`: numbers that are infinite as a double;
 * - `utf8`: bytes that are not UTF-8;
 * - `surrogate`, `surrogate_name`: an escaped surrogate without its pair; in a member's name;
 * - `escape_input`: a backslash or a control character in a text in an array or object of `input`;
 * - `repeated`: a member of the entry or of an attempt that is named twice;
 * - `repeated_input`: the same in `input`;
 * - `spelling`: a member whose name differs in case from that of the format;
 * - `null`: the line `null`.
 *
 * @typedef
 *   {"line" | "depth" | "string" | "name" | "number" | "integer" | "double" | "utf8" | "surrogate" |
 *   "surrogate_name" | "escape_input" | "repeated" | "repeated_input" | "spelling" | "null"} RuleName
 */

/**
 * @typedef {object} Rule
 * @property {RuleName} rule
 * @property {Outcome} outcome
 * @property {number} [most] the largest that is taken, where the rule has a limit
 * @property {string} [setting] the setting of the target that raises the limit
 * @property {string} [source] where the limit is documented, if it is not measured
 */

const MIB = 1 << 20;

/** Most engines match names exactly, and so take a member of another case as absent. */
const SPELLING = /** @type {Rule} */ ({ rule: "spelling", outcome: "changed" });

/** @satisfies {Record<string, Rule[]>} */
export const targets = {
  duckdb: [
    { rule: "line", most: 16 * MIB, outcome: "refused", setting: "maximum_object_size" },
    { rule: "utf8", outcome: "refused" },
    { rule: "surrogate", outcome: "refused" },
    { rule: "repeated", outcome: "refused" },
    SPELLING,
    { rule: "null", outcome: "changed" },
  ],
  clickhouse: [
    { rule: "repeated", outcome: "refused" },
    { rule: "null", outcome: "refused" },
  ],
  spark: [
    { rule: "depth", most: 1000, outcome: "refused", setting: "maxNestingDepth" },
    { rule: "string", most: 20_000_000, outcome: "refused", setting: "maxStringLen" },
    { rule: "name", most: 50_000, outcome: "refused" },
    { rule: "number", most: 1000, outcome: "refused", setting: "maxNumLen" },
    { rule: "utf8", outcome: "refused" },
    { rule: "surrogate_name", outcome: "refused" },
    { rule: "repeated", outcome: "changed" },
    SPELLING,
    { rule: "null", outcome: "refused" },
  ],
  polars: [
    { rule: "depth", most: 1024, outcome: "refused" },
    { rule: "integer", most: 2 ** 127, outcome: "refused" },
    { rule: "double", outcome: "refused" },
    { rule: "utf8", outcome: "refused" },
    { rule: "surrogate", outcome: "changed" },
    { rule: "escape_input", outcome: "changed" },
    { rule: "repeated", outcome: "changed" },
    SPELLING,
    { rule: "null", outcome: "refused" },
  ],
  // With precise_float=True, because without it the last digits of numbers are wrong.
  pandas: [
    { rule: "depth", most: 1023, outcome: "refused" },
    // Up to 2^64 it takes only what has no sign.
    { rule: "integer", most: 2 ** 63, outcome: "refused" },
    { rule: "double", outcome: "refused" },
    { rule: "utf8", outcome: "refused" },
    { rule: "surrogate", outcome: "changed" },
    { rule: "repeated", outcome: "changed" },
    { rule: "repeated_input", outcome: "changed" },
    SPELLING,
    { rule: "null", outcome: "changed" },
  ],
  jq: [
    { rule: "depth", most: 255, outcome: "refused" },
    { rule: "integer", most: 2 ** 53, outcome: "changed" },
    { rule: "double", outcome: "changed" },
    { rule: "utf8", outcome: "changed" },
    { rule: "surrogate", outcome: "refused" },
    { rule: "repeated", outcome: "changed" },
    { rule: "repeated_input", outcome: "changed" },
    SPELLING,
    { rule: "null", outcome: "changed" },
  ],
  // NATS counts headers too: here the message id that integrations/nats sends with each line.
  nats: [{ rule: "line", most: MIB - 91, outcome: "refused", setting: "max_payload" }],
  vector: [
    {
      rule: "line",
      most: 100 << 10,
      outcome: "dropped",
      setting: "max_line_bytes",
      source: "https://vector.dev/docs/reference/configuration/sources/file/#max_line_bytes",
    },
  ],
  "fluent-bit": [
    {
      // A buffer of 32 KiB, which also holds the line end and a NUL.
      rule: "line",
      most: (32 << 10) - 2,
      outcome: "dropped",
      setting: "buffer_max_size",
      source: "https://docs.fluentbit.io/manual/pipeline/inputs/tail",
    },
  ],
  otel: [
    {
      rule: "line",
      most: MIB,
      outcome: "cut",
      setting: "max_log_size",
      source:
        "https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/main/receiver/filelogreceiver/README.md",
    },
  ],
};

/** @typedef {keyof typeof targets} Target */
