// The modelled disk leaves the states that a crash may leave, and no others.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";

import { powerCut, processCrash } from "./crash-states.js";
import { ROOT, VirtualDisk } from "./virtual-disk.js";

const { O_APPEND, O_CREAT, O_WRONLY } = fs.constants;

/**
 * Returns what is at `/log` in each state: its text, or null where there is no such name.
 *
 * @param {import("./crash-states.js").Cut} cut
 */
function logs(cut) {
  const all = Array.from({ length: cut.states }, (_, number) => {
    const bytes = cut.numbered(number).bytesOf("log");
    return bytes && bytes.toString("latin1");
  });
  return [...new Set(all)].sort();
}

/** Makes a disk with a file of 510 bytes. */
function diskWithLog() {
  const disk = new VirtualDisk();
  disk.put("log", Buffer.alloc(510, "a"));
  return { disk, fd: disk.openSync(`${ROOT}/log`, O_WRONLY | O_APPEND) };
}

const old = "a".repeat(510);

test("loses any part of an append that was not synced when power is lost", () => {
  const { disk, fd } = diskWithLog();
  disk.writeSync(fd, Buffer.from("bbbb"));
  const ends = logs(powerCut(disk, disk.events.length, "torn write-back")).map((text) => {
    assert.equal(text?.slice(0, 510), old);
    return text?.slice(510);
  });
  // The size is old, new, or ends with the first sector. Each of two sectors has new bytes, NULs or
  // stale bytes.
  for (const end of ["", "bb", "\0\0", "bbbb", "bb\0\0", "\0\0bb", "\0\0\0\0"])
    assert.ok(ends.includes(end), end);
  const stale = ends.filter((end) => end?.includes("\x01"));
  assert.deepEqual([ends.length, stale.length], [11, 4]);
});

test("keeps what was synced when power is lost", () => {
  const { disk, fd } = diskWithLog();
  disk.writeSync(fd, Buffer.from("bbbb"));
  disk.fsyncSync(fd);
  assert.deepEqual(logs(powerCut(disk, disk.events.length, "power loss")), [`${old}bbbb`]);
});

test("syncs nothing that is written after a sync starts", async () => {
  const { disk, fd } = diskWithLog();
  const done = new Promise((resolve) => disk.fdatasync(fd, resolve));
  disk.writeSync(fd, Buffer.from("b"));
  await done;
  assert.ok(logs(powerCut(disk, disk.events.length, "power loss")).includes(old));
});

test("loses the name of a new file until its directory is synced", () => {
  const disk = new VirtualDisk();
  const fd = disk.openSync(`${ROOT}/log`, O_WRONLY | O_APPEND | O_CREAT, 0o600);
  disk.writeSync(fd, Buffer.from("b"));
  disk.fsyncSync(fd);
  assert.deepEqual(logs(powerCut(disk, disk.events.length, "power loss")), ["b", null]);
  disk.fsyncSync(disk.openSync(ROOT));
  assert.deepEqual(logs(powerCut(disk, disk.events.length, "power loss")), ["b"]);
});

test("undoes a rename as a whole until its directory is synced", () => {
  const disk = new VirtualDisk();
  disk.put("log", Buffer.from("old"));
  disk.put("copy", Buffer.from("new"));
  disk.renameSync(`${ROOT}/copy`, `${ROOT}/log`);
  const cut = powerCut(disk, disk.events.length, "power loss");
  const states = Array.from({ length: cut.states }, (_, number) => {
    const state = cut.numbered(number);
    return [String(state.bytesOf("log")), String(state.bytesOf("copy"))];
  });
  assert.deepEqual(states.sort(), [
    ["new", "null"],
    ["old", "new"],
  ]);
});

test("keeps all that was written when a process ends, but for the write that it is in", () => {
  const { disk, fd } = diskWithLog();
  disk.writeSync(fd, Buffer.from("bb"));
  disk.writeSync(fd, Buffer.from("cc"));
  assert.deepEqual(logs(processCrash(disk, 2)), [`${old}bbc`, `${old}bbcc`]);
  disk.note("returned");
  assert.deepEqual(logs(processCrash(disk, 3)), [`${old}bbcc`]);
});
