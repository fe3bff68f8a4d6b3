import { decode, encode, SessionLog } from "skill-log";
import type { Entry, EntryInput, ErrorCode, LogRecord } from "skill-log";
import { init, append as appendSlim } from "skill-log/slim";

/** Is compiled and not run, because Node has no such storage. */
export async function inPage(
  dir: FileSystemDirectoryHandle,
  file: File,
): Promise<LogRecord | undefined> {
  await init(fetch("skill_log.wasm"));
  const entry: EntryInput = { skill: "x", final_status: "ok" };
  await appendSlim("logs", "s", entry, { workerUrl: new URL("worker.js", location.href) });
  const log = await SessionLog.open(dir, "s", { workerUrl: "/worker.js" });
  const dropped = await SessionLog.from(file);
  const index = await dropped.index({
    onProgress: ({ bytes, total }) => console.log(bytes / total),
  });
  const entries: Entry[] = await index.entries(index.select({ skill: "x" }));
  await log.append(entries);
  await SessionLog.from("/s.jsonl", { headers: new Headers({ Authorization: "x" }), fetch });
  await SessionLog.from("/s.jsonl", {
    headers: { Authorization: "x" },
    fetch: (url, init) => fetch(url, { ...init, credentials: "include" }),
  });
  // @ts-expect-error: a header is a text
  await SessionLog.from("/s.jsonl", { headers: { Length: 5 } });
  const codes: ErrorCode[] = ["STORAGE_UNAVAILABLE", "FILE_CHANGED"];
  console.log(codes);
  for await (const record of log.follow({ from: "start" })) return record;
}

const log = await SessionLog.from(
  new Blob([encode({ session_id: "s", skill: "x", final_status: "ok" })]),
);
console.log(decode(encode((await log.read())[0])).skill);
