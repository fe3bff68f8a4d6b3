// Tab completes commands, directories, sessions and options in each supported shell.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { temporaryFolder } from "../js/support/temporary-folder.js";
import { furnish } from "./places.js";
import { inPipe, inTerminal, Terminal } from "./running.js";

/** How each shell starts without the settings of its user, and how it loads the script. */
const shells = {
  bash: {
    start: "PS1='ready> ' bash --noprofile --norc -i",
    // Twice, as when a .bashrc is read again.
    load: "source <(skill-log completion bash); source <(skill-log completion bash)",
  },
  zsh: {
    start: "PS1='ready> ' zsh -f -i",
    load: "autoload -Uz compinit; compinit -D; source <(skill-log completion zsh)",
  },
  fish: {
    start: "fish --no-config -C 'function fish_prompt; echo \"ready> \"; end'",
    load: "skill-log completion fish | source",
  },
};

/** What is typed before Tab, and the text that Tab makes of it. */
const words = [
  ["skill-log rea", "skill-log read"],
  ["lo", "read logs"],
  ["fix", "logs fix-login"],
  ["--no-v", "fix-login --no-verified"],
];

for (const [shell, { start, load }] of Object.entries(shells)) {
  test(`completes each word when Tab is pressed in ${shell}`, async (t) => {
    const cwd = temporaryFolder(t);
    furnish(cwd);
    const typed = words.map(([word], at) => ({
      after: at === 0 ? `${load.slice(-12)}\nready>` : words[at - 1][1],
      type: `${word}\t`,
    }));
    const { stdout, status } = await inTerminal(start, {
      cwd,
      keys: [
        { after: "ready>", type: `${load}\r` },
        ...typed,
        { after: words[words.length - 1][1], type: "\r" },
        { after: "session store\nready>", type: "exit\r" },
      ],
    });
    assert.equal(status, 0);
    const terminal = new Terminal();
    await terminal.write(stdout);
    assert.match(
      terminal.text,
      /^ready> ?skill-log read logs fix-login --no-verified *\n2026-03-01 09:03:00 {2}tdd\/green {2}fail/m,
    );
    terminal.close();
  });
}

for (const [shell, { start, load }] of Object.entries(shells)) {
  test(`runs nothing and writes no file when Tab is pressed in ${shell}`, async (t) => {
    const cwd = temporaryFolder(t);
    furnish(cwd);
    fs.writeFileSync(path.join(cwd, "kept"), "kept");
    const { status } = await inTerminal(start, {
      cwd,
      keys: [
        { after: "ready>", type: `${load}\r` },
        {
          after: `${load.slice(-12)}\nready>`,
          type: "skill-log export $(touch run) logs > kept upd\t",
        },
        { after: "kept update-docs", type: "\x15exit\r" },
      ],
    });
    assert.notEqual(status, "SIGTERM", "nothing was completed");
    assert.equal(fs.readFileSync(path.join(cwd, "kept"), "utf8"), "kept");
    assert.ok(!fs.existsSync(path.join(cwd, "run")));
  });
}

/** The words on the line so far, and completions of the last. */
const suggested = [
  {
    words: "complete -- ''",
    has: [
      "append",
      "read",
      "tail",
      "list",
      "stats",
      "search",
      "verify",
      "repair",
      "export",
      "schema",
    ],
  },
  { words: "complete -- read --st", has: ["--status"] },
  { words: "complete -- read damaged/", is: ["damaged/crashed.jsonl", "damaged/fine.jsonl"] },
  { words: "complete -- read damaged ''", is: ["crashed", "fine"] },
  { words: "complete -- read nowhere/", is: [] },
  { words: "complete -- read '~/dam'", is: ["~/damaged"] },
  { words: "complete -- read '~/damaged' ''", is: ["crashed", "fine"] },
  { words: "complete -- completion ''", is: ["bash", "zsh", "fish"] },
  // Names that a shell could split or obey are not suggested.
  { words: "complete -- read hostile-names ''", is: [] },
];

test("suggests the words that may follow when the script asks", async (t) => {
  const cwd = temporaryFolder(t);
  furnish(cwd);
  for (const { words, has, is } of suggested) {
    const { stdout, status } = await inPipe(`skill-log ${words}`, { cwd, env: { HOME: cwd } });
    const lines = stdout.toString().trimEnd().split("\n");
    assert.match(/** @type {string} */ (lines.pop()), /^:\d+$/, words);
    const values = lines.map((line) => line.split("\t")[0]);
    if (is) assert.deepEqual(values, is, words);
    else
      for (const value of has)
        assert.ok(values.includes(value), `${words}: no ${value} in ${values}`);
    assert.equal(status, 0);
  }
});
