// Compares what was exported of hosts with what their writers know.

import assert from "node:assert/strict";

import { writeHosts } from "../../engines/written-hosts.js";
import { linesOf, segmentsOf } from "./exported-lake.js";

/**
 * Checks that an export that was killed again and again has each entry of the writers' ledgers once.
 * Returns what was written, and which entries were exported, as the ledgers name them.
 *
 * @param {string} folder
 * @param {Parameters<typeof writeHosts>[1]} of
 */
export async function checkLedger(folder, of) {
  const written = await writeHosts(folder, of);
  const { lake, appended, began, killed } = written;
  assert.ok(killed.exports >= of.exportKills, `${killed.exports}`);
  /** @type {Set<string>} */
  const exported = new Set();
  for (const { line, host, day } of linesOf(segmentsOf(lake))) {
    const { phase, session_id: session, timestamp } = JSON.parse(line);
    const identity = `${phase} ${session}`;
    assert.ok(!exported.has(identity), `${identity} is there twice`);
    assert.ok(began.has(identity), `nobody wrote ${identity}`);
    assert.equal(phase.split("/")[0], host);
    assert.equal(timestamp.slice(0, 10), day);
    exported.add(identity);
  }
  for (const identity of appended) assert.ok(exported.has(identity), `${identity} is missing`);
  return { ...written, exported };
}
