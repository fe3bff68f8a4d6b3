// The columns of a table of entries, from the JSON Schema of an entry.
//
// The build makes that schema from the Rust types, so the columns follow these types.

/**
 * The type of a column. `timestamp` is a text in RFC 3339, `json` is any JSON value, and `integer`
 * has 64 bits and a sign.
 *
 * @typedef {"text" | "timestamp" | "json" | "integer" | "boolean" | { list: Column[] }} ColumnType
 */

/** @typedef {{ name: string, type: ColumnType }} Column */

/**
 * The parts of a JSON Schema that say what a column holds.
 *
 * @typedef {object} Schema
 * @property {string} [type]
 * @property {string} [format]
 * @property {{ $ref: string }} [items]
 * @property {Record<string, Schema>} [properties]
 * @property {Record<string, Schema>} [$defs]
 */

/**
 * Returns the columns of a table of entries, in the order of the format.
 *
 * @param {Schema} root the JSON Schema of an entry
 * @returns {Column[]}
 */
export function columnsOf(root) {
  const columns = (/** @type {Schema} */ { properties = {} }) =>
    Object.entries(properties).map(([name, schema]) => ({ name, type: typeOf(name, schema) }));
  /** @type {(name: string, schema: Schema) => ColumnType} */
  const typeOf = (name, { type, format, items }) => {
    if (type === undefined) return "json";
    if (type === "string") return format === "date-time" ? "timestamp" : "text";
    if (type === "boolean") return "boolean";
    if (type === "integer" && format === "int64") return "integer";
    const element = items && root.$defs?.[items.$ref.replace("#/$defs/", "")];
    if (type === "array" && element) return { list: columns(element) };
    // A member of a new type needs a decision for each engine.
    throw new Error(`${name}: no engine's type is known for ${type} ${format ?? ""}`);
  };
  return columns(root);
}
