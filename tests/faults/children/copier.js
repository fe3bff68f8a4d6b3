// Copies a log, and says when it starts: `copier.js DIR FROM TO`.

import { writeSync } from "node:fs";

import { copySession, SessionLog } from "skill-log";

const [dir, from, to] = process.argv.slice(2);
const [log, copy] = await Promise.all([from, to].map((id) => SessionLog.open(dir, id)));
writeSync(1, "starts\n");
await copySession(log, copy);
writeSync(1, "done\n");
