// The manual page has every command and option of the help, each once, and is valid.

import assert from "node:assert/strict";
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import test from "node:test";

import { without } from "../programs.js";
import { inPipe } from "./running.js";

const page = fileURLToPath(new URL("../../dist/skill-log.1", import.meta.url));

/** Messages of mandoc about every page that is made from Markdown; they concern nothing visible. */
const harmless = [
  /: STYLE: /,
  /: WARNING: skipping paragraph macro: PP after S[HS]$/,
  /: WARNING: cannot parse date, using it verbatim: TH /,
];

/** Returns heading → the first words of each list item below it. */
function sections() {
  const plain = fs
    .readFileSync(page, "utf8")
    .replace(/\\f[BIRP]/g, "")
    .replace(/\\\|/g, "")
    .replace(/\\(.)/g, "$1");
  return new Map(
    plain
      .split(/^\.S[HS] /m)
      .slice(1)
      .map((part) => {
        const [heading, ...lines] = part.split("\n");
        return [
          heading.replaceAll('"', ""),
          lines.filter((_, at) => lines[at - 1] === ".IP (bu 2").map((line) => line.split(": ")[0]),
        ];
      }),
  );
}

/**
 * Returns the options in the help of a command, by their group.
 *
 * @param {string} command
 * @returns {Promise<Record<string, string[]>>}
 */
async function helpOf(command) {
  const { stdout, status } = await inPipe(`skill-log ${command} --help`, { cwd: "." });
  assert.equal(status, 0);
  assert.doesNotMatch(stdout.toString(), /default:\s*[{[]/, "a default is shown as it is written");
  /** @type {Record<string, string[]>} */
  const groups = {};
  let group = "";
  for (const line of stdout.toString().split("\n")) {
    if (/^\S.*:$/.test(line)) group = line.slice(0, -1);
    const [, flags] = /^ {2}(-\S.*?)(?: {2}|$)/.exec(line) ?? [];
    if (flags) (groups[group] ??= []).push(flags);
  }
  return groups;
}

test("has every command and every option once when the manual is built", async () => {
  const found = sections();
  const { stdout } = await inPipe("skill-log --help", { cwd: "." });
  const [, list] = /^Commands:\n(.*?)\n\n/ms.exec(stdout.toString()) ?? [];
  const commands = [.../** @type {string} */ (list).matchAll(/^ {2}(\w+)/gm)]
    .map(([, name]) => name)
    .filter((name) => name !== "help");
  assert.ok(commands.length > 10);
  assert.deepEqual(
    [...found.keys()].filter((heading) => heading.startsWith("skill-log ")),
    commands.map((name) => `skill-log ${name}`),
  );
  assert.deepEqual(found.get("OPTIONS"), (await helpOf("")).Options);
  const filters = new Set();
  for (const name of commands) {
    const { "Which entries": filter = [], ...own } = await helpOf(name);
    for (const flags of filter) filters.add(flags);
    // The options of all commands are listed once, under OPTIONS.
    const options = Object.values(own)
      .flat()
      .filter((flags) => !/^(-h, --help$|--color |--tz |--utc$)/.test(flags));
    const listed = /** @type {string[]} */ (found.get(`skill-log ${name}`)).filter((item) =>
      item.startsWith("-"),
    );
    assert.deepEqual(listed.sort(), options.sort(), name);
  }
  assert.ok(filters.size > 10);
  assert.deepEqual(found.get("WHICH ENTRIES")?.sort(), [...filters].sort());
});

test("names an operand alike, in capitals, when help, errors and the manual name it", async () => {
  const { stdout } = await inPipe("skill-log --help", { cwd: "." });
  const [, list] = /** @type {RegExpExecArray} */ (
    /^Commands:\n(.*?)\n\n/ms.exec(stdout.toString())
  );
  const commands = [...list.matchAll(/^ {2}(\w+)/gm)]
    .map(([, name]) => name)
    .filter((name) => name !== "help");
  const names = new Set(["ACTION", "DIRECTORY", "SESSION", "TEXT", "KIND", "SHELL"]);
  for (const command of commands) {
    const help = (await inPipe(`skill-log ${command} --help`, { cwd: "." })).stdout.toString();
    const [, usage] = /** @type {RegExpExecArray} */ (
      /^Usage: skill-log \w+ \[options\](.*)$/m.exec(help)
    );
    const [, args = ""] = /^Arguments:\n(.*?)\n\n/ms.exec(help) ?? [];
    const listed = [...args.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name);
    assert.deepEqual(
      listed.filter((name) => !names.has(name) || !usage.includes(name)),
      [],
      command,
    );
    const { stderr } = await inPipe(`skill-log ${command}`, { cwd: "." });
    const [, missing] = /missing required argument '(.*)'/.exec(stderr.toString()) ?? [];
    assert.ok(missing === undefined || listed.includes(missing), `${command}: ${missing}`);
    assert.deepEqual(
      sections()
        .get(`skill-log ${command}`)
        ?.filter((item) => /^\w/.test(item) && !names.has(item)),
      [],
      command,
    );
  }
});

test("has no fault when mandoc checks the manual", { skip: without("mandoc") }, async () => {
  const { stdout } = await inPipe(`mandoc -Tlint '${page}'`, { cwd: "." });
  const faults = stdout
    .toString()
    .split("\n")
    .filter((line) => line !== "" && !harmless.some((each) => each.test(line)));
  assert.deepEqual(faults, []);
});
