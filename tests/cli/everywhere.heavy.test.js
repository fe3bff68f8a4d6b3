// What holds for every command, wherever its output goes.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";

import { logOf } from "../../bench/logs.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { furnish } from "./places.js";
import { inPipe, inTerminal, Terminal } from "./running.js";

/** Each command that reads logs. @type {Record<string, (logs: string) => string>} */
const onLogs = {
  read: (logs) => `read ${logs}`,
  "read --full": (logs) => `read ${logs} --full`,
  "read --json": (logs) => `read ${logs} --json`,
  tail: (logs) => `tail ${logs}`,
  list: (logs) => `list ${logs}`,
  "list -l": (logs) => `list ${logs} -l`,
  "list --json": (logs) => `list ${logs} -l --json`,
  stats: (logs) => `stats ${logs}`,
  "stats --json": (logs) => `stats ${logs} --json`,
  search: (logs) => `search e ${logs}`,
  "search --json": (logs) => `search e ${logs} --json`,
  verify: (logs) => `verify ${logs}`,
  "verify --json": (logs) => `verify ${logs} --json`,
  repair: (logs) => `repair ${logs}`,
  "repair --json": (logs) => `repair ${logs} --json`,
  export: (logs) => `export ${logs}`,
  "export, CSV": (logs) => `export ${logs} --format csv`,
};

/** The commands that read no logs. */
const others = {
  append:
    "append logs s --skill \"$(printf '\\033]0;x\\007')\" --status \"$(printf '\\302\\2332J')\" --message \"$(printf '\\342\\200\\256')\"",
  "append --json": "append logs s --skill tdd --status pass --json",
  "append, refused": "append logs \"$(printf '\\033]0;x\\007')\" --skill tdd --status pass",
  schema: "schema",
  "--version": "--version",
  "--help": "--help",
  "an unknown command": "\"$(printf '\\033]0;x\\007')\"",
  "an unknown option": "read logs \"--$(printf '\\033]0;x\\007')\"",
};

const ESCAPE = "\x1b";

/**
 * Matches colours and other styles: the only sequences that a terminal may get without a progress
 * bar.
 */
const STYLE = new RegExp(`${ESCAPE}\\[[\\d;]*m`, "g");

/**
 * @param {import("node:test").TestContext} t
 */
function place(t) {
  const cwd = temporaryFolder(t);
  furnish(cwd);
  return cwd;
}

/**
 * @param {Record<string, string>} commands
 * @param {(t: import("node:test").TestContext, command: string, name: string) => Promise<void>}
 *   check
 */
const each = (commands, check) => async (/** @type {import("node:test").TestContext} */ t) => {
  for (const [name, command] of Object.entries(commands))
    await t.test(name, (t) => check(t, command, name));
};

/** @param {string} logs */
const on = (logs) =>
  Object.fromEntries(Object.entries(onLogs).map(([name, command]) => [name, command(logs)]));

for (const logs of ["hostile", "hostile-names", "damaged"]) {
  test(
    `makes the terminal do nothing when it prints what ${logs} contains`,
    each({ ...on(logs), ...(logs === "hostile" && others) }, async (t, command) => {
      const { stdout } = await inTerminal(`skill-log ${command}`, { cwd: place(t) });
      const terminal = new Terminal();
      await terminal.write(stdout);
      assert.deepEqual(
        { titles: terminal.titles, replies: terminal.replies },
        { titles: [], replies: "" },
      );
      terminal.close();
      // The terminal adds a return to each line end.
      const left = stdout.toString().replaceAll("\r\n", "\n").replace(STYLE, "");
      assert.match(left, /^(?:(?![\p{Cc}\p{Cf}\p{Zl}\p{Zp}])[^]|[\n\u200c\u200d])*$/u);
    }),
  );
}

test(
  "prints no colour when NO_COLOR is set, also in a terminal",
  each({ ...on("logs"), ...others }, async (t, command) => {
    const { stdout } = await inTerminal(`skill-log ${command}`, {
      cwd: place(t),
      env: { NO_COLOR: "1" },
    });
    assert.ok(stdout.length > 0);
    assert.ok(!stdout.includes(ESCAPE), stdout.toString());
  }),
);

test("follows --color when NO_COLOR or FORCE_COLOR says otherwise", async (t) => {
  const coloured = Object.entries(on("logs")).filter(
    ([name]) => !/--json|^export|--full/.test(name),
  );
  for (const [name, command] of coloured) {
    await t.test(name, async (t) => {
      const cwd = place(t);
      const always = await inPipe(`skill-log ${command} --color=always`, {
        cwd,
        env: { NO_COLOR: "1" },
      });
      assert.ok(always.stdout.includes(ESCAPE));
      const plain = await inPipe(`skill-log ${command}`, { cwd });
      assert.equal(always.stdout.toString().replace(STYLE, ""), plain.stdout.toString());
      const never = await inTerminal(`skill-log ${command} --color=never`, {
        cwd,
        env: { FORCE_COLOR: "1" },
      });
      assert.ok(never.stdout.length > 0 && !never.stdout.includes(ESCAPE));
    });
  }
});

test(
  "prints no colour when the output is a pipe",
  each({ ...on("logs"), ...others }, async (t, command) => {
    const { stdout, stderr } = await inPipe(`skill-log ${command}`, { cwd: place(t) });
    assert.ok(stdout.length + stderr.length > 0);
    // JSON and CSV print entries unchanged, and the entries of logs/ have no escapes.
    assert.ok(!stdout.includes(ESCAPE) && !stderr.includes(ESCAPE), `${stdout}${stderr}`);
  }),
);

test(
  "ends quietly when the reader of its output has gone",
  each(on("logs"), async (t, command) => {
    const { stderr, status } = await inPipe(`skill-log ${command} | true; exit \${PIPESTATUS[0]}`, {
      cwd: place(t),
    });
    assert.deepEqual({ stderr: stderr.toString(), status }, { stderr: "", status: 0 });
  }),
);

test(
  "prints one line and exits with 1 when the directory does not exist",
  each(on("nowhere"), async (t, command) => {
    const { stdout, stderr, status } = await inPipe(`skill-log ${command}`, { cwd: place(t) });
    assert.equal(stdout.toString(), "");
    assert.match(stderr.toString(), /^skill-log: error: nowhere: [^\n]+\n$/);
    assert.equal(status, 1);
  }),
);

test(
  "prints one line and exits with 1 when there is no memory to start",
  each({ ...on("logs"), append: "append logs s --skill tdd --status pass" }, async (t, command) => {
    // More than Node needs, and less than V8 reserves for a WebAssembly module.
    const { stdout, stderr, status } = await inPipe(`ulimit -v 4000000; skill-log ${command}`, {
      cwd: place(t),
    });
    assert.equal(stdout.toString(), "");
    assert.match(
      stderr.toString(),
      /^skill-log: error: [^\n]*no memory to start in [^\n]*--disable-wasm-trap-handler[^\n]*\n$/,
    );
    assert.equal(status, 1);
  }),
);

test(
  "works when there is no memory to start and the command needs no WebAssembly",
  each({ "--version": "--version", "--help": "--help", schema: "schema" }, async (t, command) => {
    const { stdout, stderr, status } = await inPipe(`ulimit -v 4000000; skill-log ${command}`, {
      cwd: place(t),
    });
    assert.deepEqual(
      { isSaid: stdout.length > 0, stderr: stderr.toString(), status },
      { isSaid: true, stderr: "", status: 0 },
    );
  }),
);

test("works without that memory when Node gets the option that the error names", async (t) => {
  const { stdout, status } = await inPipe(
    "ulimit -v 4000000; NODE_OPTIONS=--disable-wasm-trap-handler skill-log read logs --json | wc -l",
    { cwd: place(t) },
  );
  assert.deepEqual([stdout.toString().trim(), status], ["10", 0]);
});

test(
  "exits with 0 when the session has no entries",
  each(on("logs zero"), async (t, command, name) => {
    const { stderr, status } = await inPipe(`skill-log ${command}`, { cwd: place(t) });
    // A search without a match exits with 1, like grep.
    assert.deepEqual(
      { stderr: stderr.toString(), status },
      { stderr: "", status: name.startsWith("search") ? 1 : 0 },
    );
  }),
);

test(
  "prints a hint and exits with 2 when operands are missing",
  each({ ...on(""), append: "append" }, async (t, command) => {
    const { stdout, stderr, status } = await inPipe(`skill-log ${command}`, { cwd: place(t) });
    assert.equal(stdout.toString(), "");
    assert.match(
      stderr.toString(),
      /^skill-log: error: missing required argument[^\n]*\nSee: skill-log [a-z]+ --help\n$/,
    );
    assert.equal(status, 2);
  }),
);

test("ends by the signal, and leaves the terminal in order, when Ctrl-C is pressed", async (t) => {
  const { path: big } = logOf(4096);
  const long = {
    ...Object.fromEntries(
      Object.entries(on(big)).filter(
        ([name]) => !/^(tail|list|list --json|search --json)$/.test(name),
      ),
    ),
    "export to a file": `export ${big} -o out.jsonl.gz`,
  };
  for (const [name, command] of Object.entries(long)) {
    await t.test(name, async (t) => {
      const cwd = place(t);
      const before = fs.readdirSync(cwd);
      // The output goes elsewhere, so that only the progress bar is in the terminal.
      const { stdout, status } = await inTerminal(
        `skill-log ${command} > ${name.startsWith("export to") ? "/dev/tty" : "/dev/null"}`,
        { cwd, keys: [{ after: "% of", type: "\x03" }] },
      );
      const terminal = new Terminal();
      await terminal.write(stdout);
      assert.equal(status, 130);
      assert.equal(terminal.text.replace("^C", "").trim(), "", "text is left in the terminal");
      // The cursor is visible again.
      assert.ok(stdout.lastIndexOf("\x1b[?25h") > stdout.lastIndexOf("\x1b[?25l"));
      terminal.close();
      assert.deepEqual(fs.readdirSync(cwd), before);
    });
  }
});
