import { appendFileSync, closeSync, existsSync, openSync, readdirSync, statSync } from "node:fs";
import { append, listSessions, read, removeSession, SessionLog } from "skill-log";

const entry = { skill: "tdd", final_status: "pass" };
const dir = "made/logs";
const failure = (call) =>
  call.then(
    () => "none",
    ({ code, message }) => `${code}: ${message.slice(message.lastIndexOf(": ") + 2)}`,
  );

/** Returns the next file's descriptor, which is higher for each file that was left open. */
function nextFile() {
  const fd = openSync("main.js");
  closeSync(fd);
  return fd;
}

const before = nextFile();
for (const id of ["a", "b", "c"]) await append(dir, id, entry);
const leftOpen = nextFile() - before;
const modes = [`${dir}/a.jsonl`, dir, "made"].map((path) =>
  (statSync(path).mode & 0o777).toString(8),
);
await append(dir, "a", { ...entry, skill: "review" });

const log = await SessionLog.open(dir, "a");
const followed = log.follow({ from: "end" });
const next = followed.next();
await log.append({ ...entry, skill: "docs" });
const first = (await next).value.entry.skill;
await followed.return();

const synced = await failure(log.append({ ...entry, skill: "commit" }, { sync: true }));
appendFileSync(`${dir}/a.jsonl`, "torn\n");
const wouldRepair = (await log.repair({ dryRun: true })).repaired;
const repaired = await failure(log.repair());
const saved = existsSync(`${dir}/a.damaged`);
const rows = (await log.index()).length;
await log.close();

console.log(
  JSON.stringify({
    leftOpen,
    modes,
    followed: first,
    synced,
    wouldRepair,
    repaired,
    saved,
    rows,
    read: (await read(dir, "a", { onDamage() {} })).map(({ skill }) => skill),
    sessions: (await listSessions(dir)).map(({ id }) => id).sort(),
    removed: await removeSession(dir, "a"),
    left: readdirSync(dir).sort(),
  }),
);
