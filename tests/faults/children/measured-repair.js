// Repairs a session once. Prints the report without its damage, and the rise of memory in MiB.
//
//   measured-repair.js DIR SESSION [dry]

import { SessionLog } from "skill-log";

const [dir, session, dry] = process.argv.slice(2);
const log = await SessionLog.open(dir, session);
for await (const entry of log.entries({ to: 1, onDamage() {} })) void entry;
const peak = () => process.resourceUsage().maxRSS / 1024;
const start = peak();
const { damage, ...report } = await log.repair({ dryRun: dry === "dry" });
const memory = peak() - start;
await log.close();
console.log(JSON.stringify({ ...report, described: damage.length, memory }));
