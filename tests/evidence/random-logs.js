// The row of random logs: the properties of tests/rust/ that need any number of choices.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";

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
    const built = await ended("cargo", [...build, "--no-run", "--message-format", "json"], {});
    assert.equal(built.code, 0, built.text);
    const program = built.text
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line))
      .find(({ target, executable }) => target?.name === "core" && executable)?.executable;
    assert.ok(program, "cargo named no program");
    return {
      async run(number) {
        const { code, text } = await ended(program, ["--exact", ...TESTS], {
          PROPTEST_CASES: `${LOGS}`,
          PROPTEST_RNG_SEED: `${seed * 1_000_000 + number}`,
          RUST_BACKTRACE: "0",
        });
        assert.equal(code, 0, text);
        assert.match(text, new RegExp(`\\b${TESTS.length} passed`));
        return TESTS.length * LOGS;
      },
    };
  },
};

/**
 * Runs a program to its end, and returns its exit code and what it printed.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {Record<string, string>} env added to this process's
 * @returns {Promise<{ code: number | null, text: string }>}
 */
function ended(program, args, env) {
  return new Promise((done, failed) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (part) => (text += part));
    child.on("error", failed).on("close", (code) => done({ code, text }));
  });
}
