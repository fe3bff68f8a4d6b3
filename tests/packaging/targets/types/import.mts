import { append, decode, encode, listSessions, RawJson, read, removeSession, SessionLog, SkillLogError, Totals } from "skill-log";
import type { Damage, Entry, EntryInput, ErrorCode, LogIndex, Report, Row, Stats } from "skill-log";

async function use(): Promise<object> {
  const input: EntryInput = { skill: "x", final_status: "ok", timestamp: new Date(), input: { any: ["thing"] } };
  await append("logs", "s", input, { sync: true });
  await using log = await SessionLog.open("logs", "s");
  const { bytes }: { bytes: number } = await log.append([input, input]);
  const damage: Damage[] = [];
  const entries: Entry[] = await read("logs", "s", { onDamage: (found) => damage.push(found) });
  const offsets: number[] = [];
  for await (const { entry, offset } of log.records({ reverse: true })) if (entry.skill === "x") offsets.push(offset);
  const report: Report = await log.verify();
  const index: LogIndex = await log.index();
  const row: Row = index.row(0);
  const stats: Stats = index.stats(index.select({ skill: ["x"], since: new Date(0) }));
  const totals: Totals = new Totals();
  totals.add(index, [0]);
  const sum: Stats = totals.stats();
  const line: Uint8Array = encode({ ...input, session_id: "s" });
  const raw: unknown = decode(line, { input: "raw" }).input;
  const id: string = (await listSessions("logs"))[0].id;
  let code: ErrorCode | undefined;
  try {
    // @ts-expect-error: the format has no such field
    await log.append({ skill: "x", finalStatus: "ok" });
  } catch (error) {
    if (error instanceof SkillLogError && error.code === "INVALID_ENTRY") code = error.code;
  }
  // @ts-expect-error: a number is no text
  const refused = () => encode({ skill: 5, final_status: "ok" });
  const whole = bytes > 0 && report.bytes > bytes && offsets.length === entries.length && typeof refused === "function";
  return { whole, damage, skill: row.skill, entries: stats.entries + sum.entries - 1, raw: raw instanceof RawJson && raw.text, code, removed: await removeSession("logs", id) };
}

use().then((outcome) => console.log(JSON.stringify(outcome)));
