// The row of random logs: the properties of tests/rust/ that need any number of choices.

import assert from "node:assert/strict";
import childProcess from "node:child_process";
import { promisify } from "node:util";

import { output, root } from "../../scripts/command.js";

/** The tests that are run. Each reads one log a choice. */
const TESTS = [
  "never_hide::tests::finds_the_same_entries_after_a_torn_one_whatever_the_limit",
  "never_hide::tests::hides_nothing_after_one_fault",
  "never_hide::tests::hides_nothing_of_ours_after_several_faults",
  "never_hide::tests::keeps_the_beginning_of_an_entry_pending_when_no_line_end_follows",
  "never_hide::tests::returns_each_entry_once_when_the_file_grows",
  "never_invent::tests::invents_nothing_after_one_fault",
  "never_invent::tests::invents_nothing_from_lines_of_ours_after_several_faults",
  "never_invent::tests::judges_each_damaged_line_as_the_contract_does",
  "never_invent::tests::recovers_nothing_but_its_own_entry_from_a_line_that_decodes",
];

/** The logs that a case reads for each test: no fewer, because the tests read 2,000. */
const LOGS = 2_000;

/** The most characters that a program prints: a failure has many logs. */
const MOST_PRINTED = 64 << 20;

const execFile = promisify(childProcess.execFile);

/** @type {import("./row.js").Row} */
export const row = {
  name: "random-logs",
  about:
    "Reads random logs with random faults, and judges what is returned, named or pending by FORMAT.md",
  counts: "logs",
  short: 1,
  full: 10_000_000,
  code: ["Cargo.lock", "Cargo.toml", "src", "tests/rust"],
  skip: () => output("cargo", ["--version"]) === null && "cargo is missing",
  async open(seed) {
    const build = ["test", "--locked", "--quiet", "--features", "schema", "--test", "core"];
    const messages = await printed("cargo", [...build, "--no-run", "--message-format", "json"]);
    const program = messages
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line))
      .find(({ target, executable }) => target?.name === "core" && executable)?.executable;
    assert.ok(program, "cargo named no program");
    return {
      async run(number) {
        const text = await printed(program, ["--exact", ...TESTS], {
          PROPTEST_CASES: `${LOGS}`,
          PROPTEST_RNG_SEED: `${seed * 1_000_000 + number}`,
          RUST_BACKTRACE: "0",
        });
        assert.match(text, new RegExp(`\\b${TESTS.length} passed`));
        return TESTS.length * LOGS;
      },
    };
  },
};

/**
 * Runs a program, and returns what it printed. Rejects with that when it fails.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {Record<string, string>} [env] added to this process's
 */
async function printed(program, args, env) {
  const options = { cwd: root, env: { ...process.env, ...env }, maxBuffer: MOST_PRINTED };
  try {
    return (await execFile(program, args, options)).stdout;
  } catch (cause) {
    const { stdout = "", stderr = "" } = /** @type {any} */ (cause);
    throw new Error(stdout + stderr, { cause });
  }
}
