// The fault: an append reaches the limit on the size of files (`ulimit -f`).

import { test } from "node:test";

import { temporaryDirectory } from "./directory.js";
import { checkLimit } from "./write-limit.js";

/** Bytes. `ulimit -f` counts in blocks of 512 bytes, as POSIX says. */
const limit = 64 * 1024;

const cases = [
  { length: 5000, name: "an entry that fits in part" },
  { length: 4096, name: "an entry of which nothing fits" },
];

for (const { length, name } of cases) {
  test(`refuses ${name} when the limit is reached, and loses no other`, {
    skip: process.platform !== "linux" && "prlimit is for Linux",
  }, async () => {
    // Only the soft limit, because a process may raise it itself.
    const under = ["sh", "-ec", `ulimit -S -f ${limit / 512}; exec "$@"`, "sh"];
    const release = "prlimit --pid $PPID --fsize=unlimited:";
    await checkLimit({
      dir: temporaryDirectory(),
      under,
      release,
      room: limit,
      length,
      cause: "EFBIG",
    });
  });
}
