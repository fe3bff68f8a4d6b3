// The fault: power is lost while a repair overwrites. Any of the sectors written between two syncs
// may have reached the disk. The row disk-states of docs/evidence.md cuts all other operations.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { Random } from "../conformance/random.js";
import { powerCut } from "../evidence/disk-states/crash-states.js";
import { checkRecovery, checkSaved } from "../evidence/disk-states/recovery.js";
import { DAMAGED } from "../evidence/disk-states/starts.js";
import { replaceFs, VirtualDisk } from "../evidence/disk-states/virtual-disk.js";
import { LOG, SAVED, Workload } from "../evidence/disk-states/workload.js";

/** Random states of each moment of a repair. Some of them are repaired again. */
const STATES = 60;
const REPAIRED = 6;

let disk = new VirtualDisk();
after(replaceFs(() => disk));

for (const [what, start] of Object.entries(DAMAGED)) {
  test(`invents and loses no entry when power is lost during the repair of ${what}`, async (t) => {
    const workload = new Workload(start, [200]);
    disk = workload.disk;
    await workload.open();
    await workload.run("repair that drops doubt");
    await workload.close();
    const { events } = workload.disk;
    const before = workload.start;
    assert.ok(before);
    assert.ok(
      events.some(({ kind }) => kind === "write"),
      "nothing was overwritten",
    );
    assert.notEqual(
      events.findLast(({ kind }) => kind !== "note")?.kind,
      "write",
      "the last write was not synced",
    );
    const lines = workload.entries.map(({ line }) => line);
    const promised = { may: new Map(lines.map((line, at) => [line, at])), must: new Set(lines) };
    const random = new Random(1);
    const known = new Map();
    let read = 0;
    for (let point = 0; point <= events.length; point += 1) {
      const cut = powerCut(workload.disk, point, "torn write-back");
      const isSmall = cut.states <= STATES;
      for (let number = 0; number < (isSmall ? cut.states : STATES); number += 1) {
        disk = isSmall ? cut.numbered(number) : cut.chosen(random);
        const saved = disk.bytesOf(SAVED)?.toString("latin1") ?? "";
        checkSaved(before, disk.bytesOf(LOG) ?? Buffer.alloc(0), saved);
        const isRepaired = number % Math.ceil(STATES / REPAIRED) === 0;
        await checkRecovery(disk, promised, known, isRepaired ? "before" : "none");
        read += 1;
      }
    }
    t.diagnostic(`${read} states`);
  });
}
