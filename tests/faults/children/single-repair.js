// Repairs a session once and prints the report.
//
//   single-repair.js DIR SESSION

import { SessionLog } from "skill-log";

const [dir, session] = process.argv.slice(2);
const log = await SessionLog.open(dir, session);
const report = await log.repair();
await log.close();
console.log(JSON.stringify(report));
