// Reads a log of a server's, and ends when that is done: nothing is held any more.
import { argv } from "node:process";
import { SessionLog } from "skill-log";

const log = await SessionLog.from(new URL(argv[2]));
let read = 0;
for await (const { skill } of log.entries()) read += Number(skill === "tdd");
const index = await log.index();
console.log(JSON.stringify([read, index.length, (await index.entry(0)).skill]));
