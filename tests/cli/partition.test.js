// Segments by day, with every combination of limits.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { gunzipSync } from "node:zlib";

import { Partition } from "../../js/cli/exporting/partition.js";
import { Random } from "../conformance/random.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";

const header = Buffer.from("head\n");

for (const compression of /** @type {const} */ ([undefined, "gzip"])) {
  for (const limits of [
    {},
    { waiting: 5000 },
    { waitingOfDay: 700 },
    { waiting: 3000, waitingOfDay: 1500, segment: 4000 },
    { waitingOfDay: 1, segment: 1 },
  ]) {
    test(`keeps the order of lines, and starts each segment with the header, when given ${JSON.stringify({ compression, ...limits })}`, async (t) => {
      const folder = temporaryFolder(t);
      const random = new Random(1);
      const partition = new Partition(
        folder,
        { extension: ".csv", compression, header, line: () => header },
        limits,
      );
      /** @type {Record<string, string>} */
      const expected = {};
      for (let at = 0; at < 500; at += 1) {
        const day = `2026-01-0${random.between(1, 3)}`;
        const line = `${at}${" ".repeat(random.below(100))}\n`;
        expected[`date=${day}`] = (expected[`date=${day}`] ?? "") + line;
        await partition.add(`${day}T12:00:00Z`, Buffer.from(line));
      }
      await partition.complete();
      let files = 0;
      let bytes = 0;
      const segment = limits.segment ?? Infinity;
      const extension = compression ? ".csv.gz" : ".csv";
      const found = Object.keys(expected).map((day) => {
        const count = fs.readdirSync(path.join(folder, day)).length;
        // Read by their numbered names, so that any other file fails the test.
        const parts = Array.from({ length: count }, (_, part) => {
          const content = fs.readFileSync(path.join(folder, day, `part-${part}${extension}`));
          files += 1;
          bytes += content.length;
          const text = (compression ? gunzipSync(content) : content).toString();
          if (part < count - 1) assert.ok(text.length >= segment, "a segment is too short");
          assert.ok(text.length < segment + 3000, "a segment is too long");
          assert.ok(text.startsWith("head\n"));
          return text.slice("head\n".length);
        });
        return [day, parts.join("")];
      });
      assert.deepEqual(Object.fromEntries(found), expected);
      assert.deepEqual({ files: partition.files, bytes: partition.bytes }, { files, bytes });
    });
  }
}
