// The schema of an entry in the language of each engine.
//
// A timestamp stays a text everywhere: no engine's type holds its nanoseconds, its years from 0 to
// 9999 and its offset. Integers have 64 bits and a sign in every engine.

/** @import { Column, ColumnType } from "./columns.js" */

/**
 * Returns how an engine spells a type.
 *
 * @param {Record<Exclude<ColumnType, object>, string>} names of the simple types
 * @param {(members: string[]) => string} listOf spells a list of structs with these members
 * @param {(name: string, type: string) => string} [member] spells a member of a struct
 * @returns {(type: ColumnType) => string}
 */
function spelling(names, listOf, member = (name, type) => `${name} ${type}`) {
  /** @type {(type: ColumnType) => string} */
  const spelled = (type) =>
    typeof type === "string"
      ? names[type]
      : listOf(type.list.map((column) => member(column.name, spelled(column.type))));
  return spelled;
}

const duckdbType = spelling(
  { text: "VARCHAR", timestamp: "VARCHAR", json: "JSON", integer: "BIGINT", boolean: "BOOLEAN" },
  (members) => `STRUCT(${members.join(", ")})[]`,
);

const clickhouseType = spelling(
  {
    text: "String",
    timestamp: "String",
    json: "Nullable(String)",
    integer: "Int64",
    boolean: "Bool",
  },
  (members) => `Array(Tuple(${members.join(", ")}))`,
);

const sparkType = spelling(
  { text: "STRING", timestamp: "STRING", json: "STRING", integer: "BIGINT", boolean: "BOOLEAN" },
  (members) => `ARRAY<STRUCT<${members.join(", ")}>>`,
  (name, type) => `${name}: ${type}`,
);

const arrowMember = (/** @type {string} */ name, /** @type {string} */ type) =>
  `pyarrow.field("${name}", ${type})`;

const arrowType = spelling(
  {
    text: "pyarrow.string()",
    timestamp: "pyarrow.string()",
    json: "pyarrow.string()",
    integer: "pyarrow.int64()",
    boolean: "pyarrow.bool_()",
  },
  (members) =>
    `pyarrow.list_(pyarrow.struct([${members.map((member) => `\n        ${member},`).join("")}\n    ]))`,
  arrowMember,
);

/**
 * Spells the schema for each engine.
 *
 * @satisfies {Record<string, (columns: Column[]) => string>}
 */
export const engineSchemas = {
  duckdb: (columns) => `CREATE OR REPLACE MACRO skill_log(files) AS TABLE
SELECT * FROM read_json(files, format = 'newline_delimited', columns = {
${lines(columns, ({ name, type }) => `  ${name}: '${duckdbType(type)}'`)}
});
`,
  clickhouse: (columns) => `${lines(columns, ({ name, type }) => `${name} ${clickhouseType(type)}`)}
`,
  spark: (columns) => `${lines(columns, ({ name, type }) => `${name} ${sparkType(type)}`)}
`,
  arrow: (columns) => `import pyarrow

schema = pyarrow.schema([
${columns.map(({ name, type }) => `    ${arrowMember(name, arrowType(type))},`).join("\n")}
])
`,
};

/**
 * @param {Column[]} columns
 * @param {(column: Column) => string} spell
 */
function lines(columns, spell) {
  return columns.map(spell).join(",\n");
}
