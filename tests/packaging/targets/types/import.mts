import { readFileSync } from "node:fs";
import {
  append,
  decode,
  encode,
  listSessions,
  RawJson,
  read,
  removeSession,
  SessionLog,
  SkillLogError,
} from "skill-log";
import * as slim from "skill-log/slim";
import type {
  Damage,
  Entry,
  EntryInput,
  ErrorCode,
  LogContents,
  LogIndex,
  Report,
  Row,
  Stats,
} from "skill-log";

async function use(): Promise<object> {
  const input: EntryInput = {
    skill: "x",
    final_status: "ok",
    timestamp: new Date(),
    input: { any: ["thing"] },
  };
  await append("logs", "s", input, { sync: true });
  await using log = await SessionLog.open("logs", "s");
  const { bytes }: { bytes: number } = await log.append([input, input]);
  const damage: Damage[] = [];
  const entries: Entry[] = await read("logs", "s", { onDamage: (found) => damage.push(found) });
  const offsets: number[] = [];
  for await (const { entry, offset } of log.records({ reverse: true }))
    if (entry.skill === "x") offsets.push(offset);
  const report: Report = await log.verify();
  const index: LogIndex = await log.index();
  const row: Row = index.row(0);
  const stats: Stats = index.stats(index.select({ skill: ["x"], since: new Date(0) }));
  const sum: Stats = index.stats([0]);
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
  const whole =
    bytes > 0 &&
    report.bytes > bytes &&
    offsets.length === entries.length &&
    typeof refused === "function";
  return {
    whole,
    damage,
    skill: row.skill,
    entries: stats.entries + sum.entries - 1,
    raw: raw instanceof RawJson && raw.text,
    code,
    removed: await removeSession("logs", id),
  };
}

/** An option may be `undefined`, also under `exactOptionalPropertyTypes`, and is then not given. */
async function useAbsent(signal?: AbortSignal): Promise<string[]> {
  const absent = { signal, onProgress: undefined };
  const reading = {
    signal,
    input: undefined,
    strict: undefined,
    onDamage: undefined,
    maxLineBytes: undefined,
  };
  const options = { sync: undefined, maxLineBytes: undefined, mode: undefined, dirMode: undefined };
  await append("logs", "absent", { skill: "x", phase: undefined, final_status: "ok" }, options);
  await using log = await SessionLog.open("logs", "absent", { ...options, workerUrl: undefined });
  await log.append({ skill: "y", final_status: "ok" }, options);
  const found = await read("logs", "absent", reading);
  found.push(...(await log.read(reading)));
  for await (const entry of log.entries({
    ...reading,
    from: undefined,
    to: undefined,
    reverse: undefined,
  }))
    found.push(entry);
  for await (const { entry } of log.follow({ ...reading, from: undefined })) {
    found.push(entry);
    if (entry.skill === "y") break;
  }
  const index = await log.index(absent);
  const any = undefined;
  const rows = index.select({
    skill: any,
    phase: any,
    final_status: any,
    model_used: any,
    verified: any,
    since: any,
    until: any,
    min_duration_ms: any,
    rows: any,
  });
  found.push(
    ...(await index.entries(
      await index.search("x", { ...absent, rows: undefined, ignoreCase: undefined }),
      { signal, input: undefined },
    )),
  );
  found.push(
    await index.entry(rows[1], { signal, input: undefined }),
    decode(encode(found[0]), { input: undefined }),
  );
  const { added, removed }: { added: number; removed: number } = await index.refresh(absent);
  const contents: LogContents[] = index.logs();
  const ids: (string | undefined)[] = [...contents, ...index.damage].map(({ session }) => session);
  console.assert(added + removed + index.removed === 0 && ids.length > 0);
  await log.verify(absent);
  await log.repair({ ...absent, dryRun: undefined, exclusive: undefined });
  const file = await SessionLog.from("logs/absent.jsonl", {
    signal,
    workerUrl: undefined,
    headers: undefined,
    fetch: undefined,
  });
  found.push(...(await file.read()));
  await file.close();
  await removeSession("logs", "absent");
  return found.map(({ skill }) => skill);
}

/** Is compiled and not run, because there is no such server. */
export async function onServer(): Promise<void> {
  const url = new URL("https://example.com/s.jsonl");
  await SessionLog.from(url, { headers: { Authorization: "x", "X-None": undefined }, fetch });
  await SessionLog.from(url, {
    headers: new Headers(),
    fetch: async (url, { headers, signal }) => fetch(url, { headers, signal }),
  });
}

/** Compiles in Node, without the types of browsers. */
async function useSlim(): Promise<string> {
  const wasm: slim.WasmSource = readFileSync("node_modules/skill-log/dist/skill_log_bg.wasm");
  await slim.init(wasm);
  const line: slim.PlainBytes = slim.encode({ session_id: "s", skill: "x", final_status: "ok" });
  return slim.decode(line).skill;
}

async function useAll(): Promise<object> {
  const absent = await useAbsent();
  return { ...(await use()), absent: absent.join(""), slim: await useSlim() };
}

useAll().then((outcome) => console.log(JSON.stringify(outcome)));
