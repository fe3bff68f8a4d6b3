// Asks the real engines, which set-up installs from PyPI in target/tools/engines-venv.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { enginesFolder, inEnvironment } from "../../scripts/setup.js";
import { without } from "../programs.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

const python = inEnvironment(enginesFolder, "python", process.platform);

/** @typedef {"duckdb" | "clickhouse" | "spark" | "pandas" | "polars" | "jq"} Engine */
/** @typedef {Record<string, any>} Row */
/**
 * @typedef {object} Answer
 * @property {Row[][]} [rows] of each query
 * @property {boolean} [same] whether the entries are those that were expected
 * @property {string} [found] the entries, where they differ
 * @property {string} [expected]
 * @property {string} [error]
 * @property {number} [seconds] that a request took which is `timed`
 */

/**
 * What an engine is asked. Default query: `ALL`.
 *
 * @typedef {object} Request
 * @property {string[]} [files]
 * @property {string} [lake] an exported directory of hosts, in place of files
 * @property {string[]} [queries]
 * @property {string} [expected] the path of canonical lines to compare with
 * @property {boolean} [timed] asks for the seconds that the queries take
 * @property {boolean} [executors] asks Spark which executor reads which part of the files
 */

/** The kind of `skill-log schema` that an engine takes. */
const schemas = {
  duckdb: "duckdb",
  clickhouse: "clickhouse",
  spark: "spark",
  pandas: "arrow",
  polars: "arrow",
  jq: "arrow",
};

/**
 * Returns why the tests of engines cannot run, or `false` if they can: for `skip`.
 *
 * @param {...string} programs
 */
export function withoutEngines(...programs) {
  if (!existsSync(python))
    return "no engines: `node scripts/test.js engines` installs what these tests run";
  return without(...programs);
}

/**
 * Runs `skill-log`.
 *
 * @param {...string} args
 * @returns {string} what it printed
 */
export function skillLog(...args) {
  const program = join(root, "dist/cli/skill-log.js");
  const { stdout } = spawnSync(process.execPath, [program, ...args], {
    encoding: "utf8",
    env: { ...process.env, TZ: "UTC", XDG_CACHE_HOME: join(root, "target/tmp/cache") },
    maxBuffer: 1 << 30,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return stdout;
}

/**
 * Returns a query of `integrations/`.
 *
 * @param {Engine} engine
 * @param {string} name
 */
export function query(engine, name) {
  return readFileSync(join(root, "integrations", engine, name), "utf8");
}

/** Selects all entries. */
export const ALL = "SELECT * FROM entries";

/**
 * Asks an engine, which starts once for all requests.
 *
 * @param {Engine} engine
 * @param {Request[]} requests
 * @param {Record<string, string>} [env]
 * @returns {Answer[]}
 */
export function ask(engine, requests, env = {}) {
  const schema = skillLog("schema", schemas[engine]);
  const cwd = mkdtempSync(join(tmpdir(), "skill-log-engine-"));
  try {
    const { stdout, stderr, status } = spawnSync(
      python,
      [join(root, "tests/engines/engines.py"), engine],
      {
        cwd,
        encoding: "utf8",
        env: { ...process.env, TZ: "UTC", ...env },
        input: JSON.stringify(requests.map((request) => ({ schema, queries: [ALL], ...request }))),
        maxBuffer: 1 << 30,
      },
    );
    if (status !== 0) throw new Error(`${engine} ended with ${status}:\n${stderr.slice(-4000)}`);
    // NaN has no place in JSON, and no answer has it.
    return JSON.parse(stdout);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
