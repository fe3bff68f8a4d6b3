const { expect, test } = require("@jest/globals");
const { appendFileSync } = require("node:fs");
const { append, read, SessionLog } = require("skill-log");

test("writes and reads a log", async () => {
  await append("logs", "s", { skill: "tdd", final_status: "pass" });
  appendFileSync("logs/s.jsonl", '{"session_id":"s","timest');
  const log = await SessionLog.open("logs", "s");
  await log.append({ skill: "review", final_status: "pass" });
  const index = await log.index();
  expect([index.length, index.damage.map(({ kind }) => kind)]).toEqual([2, ["torn"]]);
  expect((await read("logs", "s", { onDamage() {} })).map(({ skill }) => skill)).toEqual([
    "tdd",
    "review",
  ]);
});
