// Reads a log from a server. Then the program must end, because nothing keeps it running.
import { argv } from "node:process";
import { SessionLog } from "skill-log";

const log = await SessionLog.from(new URL(argv[2]));
let read = 0;
for await (const { skill } of log.entries()) read += Number(skill === "tdd");
const index = await log.index();
console.log(JSON.stringify([read, index.length, (await index.entry(0)).skill]));
