// Types that callers narrow: of `input`, of `final_status`, and of integers. Compiled and not run.

import { append, decode, encode, matches, read, SessionLog } from "skill-log";
import type {
  Attempt,
  Conditions,
  Entry,
  EntryInput,
  LogIndex,
  LogRecord,
  RawJson,
  ReadOptions,
  Row,
  Select,
} from "skill-log";

type Task = { path: string; lines?: number };
type Status = "pass" | "fail";

/** Is `true` when the two types are the same. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._yes: Same<A, B> extends true ? [] : [never]): void {}

type Duration<E extends { duration_ms?: unknown }> = Exclude<E["duration_ms"], undefined>;

/** `{ integers: "number" }` makes integers numbers in every way to read entries. */
export async function integers(log: SessionLog, index: LogIndex, line: string): Promise<number[]> {
  const exact = decode(line);
  same<Duration<typeof exact>, number | bigint>();
  same<Attempt["attempt"], number | bigint>();
  const rounded = decode(line, { integers: "number" });
  same<Duration<typeof rounded>, number>();
  const durations = [
    rounded.duration_ms ?? 0,
    ...(rounded.attempts ?? []).map(({ attempt }) => attempt),
  ];
  for (const entry of await read("logs", "s", { integers: "number" }))
    durations.push(entry.duration_ms ?? 0);
  for (const entry of await log.read({ integers: "number", strict: true }))
    durations.push(entry.duration_ms ?? 0);
  for await (const entry of log.entries({ integers: "number", from: 0 }))
    durations.push(entry.duration_ms ?? 0);
  for await (const { entry } of log.records({ integers: "number" }))
    durations.push(entry.duration_ms ?? 0);
  for await (const { entry } of log.follow({ integers: "number" }))
    durations.push(entry.duration_ms ?? 0);
  durations.push((await index.entry(0, { integers: "number" })).duration_ms ?? 0);
  for (const entry of await index.entries({ start: 0, end: 1 }, { integers: "number" }))
    durations.push(entry.duration_ms ?? 0);
  // @ts-expect-error: by default an integer may be a bigint
  durations.push((await log.read())[0].duration_ms ?? 0);
  // @ts-expect-error: with "exact", an integer may be a bigint
  durations.push((await log.read({ integers: "exact" }))[0].duration_ms ?? 0);
  const options: ReadOptions = {};
  const either = await log.read(options);
  same<Duration<(typeof either)[0]>, number | bigint>();
  // @ts-expect-error: `integers` has no value "bigint"
  await log.read({ integers: "bigint" });
  // @ts-expect-error: a misspelled option, beside others
  await log.read({ integers: "number", onDamaged: undefined });
  return durations;
}

/** A log's types of `input` and `final_status` hold for the entries that it reads and appends. */
export async function inputAndStatus(): Promise<void> {
  const log = await SessionLog.open<Task, Status>("logs", "s");
  await log.append({ skill: "x", final_status: "pass", input: { path: "a" } });
  // @ts-expect-error: no such status
  await log.append({ skill: "x", final_status: "passed" });
  // @ts-expect-error: no such input
  await log.append({ skill: "x", final_status: "pass", input: { file: "a" } });
  await append<Task, Status>("logs", "s", { skill: "x", final_status: "fail" });
  const entries = await log.read();
  same<typeof entries, Entry<Task, Status>[]>();
  await log.append(entries);
  for (const { input, final_status } of entries) {
    const lines: number | undefined = input?.lines;
    // @ts-expect-error: no such status
    if (final_status === "passed") console.log(lines);
  }
  const raw = await log.read({ input: "raw", integers: "number" });
  same<typeof raw, Entry<RawJson, Status, number>[]>();
  for await (const record of log.records()) same<typeof record, LogRecord<Task, Status>>();
  for await (const record of log.follow({ integers: "number" }))
    same<typeof record, LogRecord<Task, Status, number>>();
  const index = await log.index();
  same<typeof index, LogIndex<Task, Status>>();
  same<ReturnType<typeof index.row>, Row<Status>>();
  same<ReturnType<typeof index.range>, Row<Status>[]>();
  const failed = index.select({ final_status: "fail", rows: { start: 0, end: 1 } });
  // @ts-expect-error: no such status
  index.select({ final_status: ["failed"] });
  for (const { input } of await index.entries(failed)) console.log(input?.path);
  const of = await SessionLog.from<Task, Status>("s.jsonl");
  same<typeof of, SessionLog<Task, Status>>();
  same<Awaited<ReturnType<typeof read<Task, Status>>>, Entry<Task, Status>[]>();
  const typed: Entry<Task, Status, number>[] = await read("logs", "s", { integers: "number" });
  const one = decode<Task, Status>(encode(typed[0]));
  same<typeof one, Entry<Task, Status>>();
}

/** Without type arguments, a type accepts values with any type arguments. */
export async function untyped(
  log: SessionLog,
  index: LogIndex,
  entry: Entry,
  input: EntryInput,
): Promise<void> {
  const typed = await SessionLog.open<Task, Status>("logs", "s");
  const logs: SessionLog[] = [log, typed];
  const indexes: LogIndex[] = [index, await typed.index()];
  const found: Entry[] = [
    entry,
    ...(await typed.read()),
    ...(await typed.read({ integers: "number" })),
  ];
  const rows: Row[] = indexes.flatMap((each) => each.range(0, each.length));
  const taken: EntryInput[] = [input, ...found];
  const anything: number = entry.input.what.ever;
  const conditions: Conditions = { final_status: ["pass"] };
  const select: Select = { ...conditions, rows: [0] };
  index.select(select);
  const isMet: boolean =
    matches(entry, conditions) && matches(found[0], { skill: "x" }) && matches(input, {});
  // @ts-expect-error: an entry is not one of several rows
  matches(entry, { rows: [0] });
  // @ts-expect-error: a text is no row
  await index.entries(["0", "1"]);
  console.log(logs, rows, taken, anything, isMet);
}
