// The fault: the disk is full. Appends fill a real file system of 64 KiB until an append fails.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { facts } from "./child.js";
import { damagedLog } from "./damaged-log.js";
import { temporaryDirectory } from "./directory.js";
import { onDisk, size } from "./small-disk.js";
import { checkLimit } from "./write-limit.js";

/** @import { Damage } from "skill-log" */

/** Bytes of another file on the disk, which is deleted later to make room. */
const other = 8 * 1024;

const linux = { skip: process.platform !== "linux" && "the test mounts a disk as Linux does" };

const cases = [
  { length: 5000, name: "an entry that fits in part" },
  { length: 300, name: "a short entry that fits in part" },
  { length: 4096, name: "an entry of which nothing fits" },
];

for (const { length, name } of cases) {
  test(`refuses ${name} when the disk is full, and loses no other`, linux, async () => {
    const dir = temporaryDirectory();
    const under = onDisk(dir, `head -c ${other} /dev/zero >${dir}/other; exec "$@"`);
    await checkLimit({
      dir,
      under,
      release: `rm ${dir}/other`,
      room: size - other,
      length,
      cause: "ENOSPC",
    });
  });
}

test(
  "changes nothing when a repair has no room to save the damage, and repairs later",
  linux,
  async () => {
    const base = temporaryDirectory();
    const dir = join(base, "disk");
    const { session, bytes, kinds } = damagedLog;
    mkdirSync(dir);
    writeFileSync(join(base, "original"), bytes);
    const report = await facts("single-repair.js", [dir, session], {
      // The disk has room for a part of the saved damage.
      under: onDisk(
        dir,
        `
      cp ${base}/original ${dir}/${session}.jsonl
      head -c ${bytes.length} /dev/zero >${dir}/other
      if "$@" >&2; then exit 3; fi
      cmp ${base}/original ${dir}/${session}.jsonl >&2
      rm ${dir}/other
      "$@" >${base}/report
      "$@" >&2
      cat ${base}/report
    `,
        2 * bytes.length + 4 * 4096,
      ),
    });
    assert.deepEqual(
      report.damage.map((/** @type {Damage} */ { kind }) => kind),
      kinds,
    );
    assert.ok(report.repaired > 0);
  },
);
