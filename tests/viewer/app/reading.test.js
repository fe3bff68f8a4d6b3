// What is read of logs while they grow, with the package's own index and records of a test.

import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { encode, Sessions } from "skill-log";

import { Reading } from "../../../viewer/app/reading.js";
import { EMPTY, Store } from "../../../viewer/app/store.js";
import { temporaryFolder } from "../../js/support/temporary-folder.js";

/** @import { SessionRecord } from "skill-log" */
/** @import { State } from "../../../viewer/app/store.js" */
/** @import { Logs } from "../../../viewer/sources/opened.js" */

const line = (/** @type {string} */ skill) =>
  encode({ session_id: "s", timestamp: "2026-01-01T00:00:00Z", skill, final_status: "pass" });

/**
 * Opens the sessions `a` and `b`, whose new entries arrive when a test says so.
 *
 * @param {import("node:test").TestContext} t
 * @param {(index: Logs["index"]) => Logs["index"]} [indexed] how an index is made
 */
async function opened(t, indexed = (index) => index) {
  const folder = temporaryFolder(t);
  for (const id of ["a", "b"]) writeFileSync(join(folder, `${id}.jsonl`), line("first"));
  const sessions = await Sessions.open(folder, { cache: false });
  const index = /** @type {Logs["index"]} */ ((options) => sessions.index(options));
  /** @type {(record: SessionRecord) => void} */
  let arrive = () => {};
  const records = new ReadableStream({
    start: (controller) => {
      arrive = (record) => controller.enqueue(record);
    },
  });
  const logs = /** @type {Logs} */ ({
    list: (options) => sessions.list(options),
    index: indexed(index),
    close: () => sessions.close(),
    follow: () => records.values(),
  });
  /** @type {Store<State>} */
  const store = new Store(EMPTY);
  const reading = new Reading(store);
  t.after(() => reading.close());
  void reading.open(Promise.resolve({ logs, name: "logs", updates: "follow" }));
  await until(() => store.state.summaries.length === 2 && !store.state.isListing);
  return {
    store,
    /** Appends an entry, which arrives. @param {string} session */
    append(session) {
      const path = join(folder, `${session}.jsonl`);
      const offset = readFileSync(path).length;
      const bytes = line("later");
      appendFileSync(path, bytes);
      const entry = JSON.parse(Buffer.from(bytes).toString());
      const end = offset + bytes.length;
      arrive({ entry, session, offset, length: bytes.length - 1, end, recovered: false });
    },
  };
}

/** Returns a promise, and what resolves it. */
function gate() {
  /** @type {() => void} */
  let open = () => {};
  const passed = /** @type {Promise<void>} */ (new Promise((done) => (open = done)));
  return { open, passed };
}

/** @param {() => boolean} isSo */
async function until(isSo) {
  const end = Date.now() + 10_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`it is still not so: ${isSo}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

test("shows an entry that arrived while its session was being indexed", async (t) => {
  const made = gate();
  const mayGoOn = gate();
  const { store, append } = await opened(t, (index) => async (options) => {
    // Nothing is shown before all of it is read.
    const all = await index({ ids: options?.ids });
    made.open();
    await mayGoOn.passed;
    return all;
  });
  store.set({ session: "a" });
  await made.passed;
  append("a");
  await until(() => store.state.summaries[0].entries === 2);
  // The summary changes in the same moment in which the entry would be read.
  assert.equal(store.state.index, null);
  mayGoOn.open();
  await until(() => store.state.rows.length === 2);
  assert.deepEqual(
    store.state.summaries.map(({ id, entries }) => [id, entries]),
    [
      ["a", 2],
      ["b", 1],
    ],
  );
});

test("shows an entry that arrived while another session's entries were read", async (t) => {
  const refreshing = gate();
  const mayGoOn = gate();
  const { store, append } = await opened(t, (index) => async (options) => {
    const all = await index(options);
    if (options?.ids?.[0] !== "a") return all;
    const refresh = all.refresh.bind(all);
    all.refresh = async (options) => {
      refreshing.open();
      await mayGoOn.passed;
      return refresh(options);
    };
    return all;
  });
  store.set({ session: "a" });
  await until(() => store.state.rows.length === 1);
  append("a");
  await refreshing.passed;
  store.set({ session: "b" });
  await until(() => store.state.rows.length === 1 && store.state.progress === null);
  append("b");
  await until(() => store.state.summaries.find(({ id }) => id === "b")?.entries === 2);
  mayGoOn.open();
  await until(() => store.state.rows.length === 2);
});
