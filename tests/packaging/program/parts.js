// What a user does with the package, the same in each target. Each part gets the package as the
// target loaded it, and returns its results as JSON. expected.js has the results that must come.

/** An entry with a field of each type, and text that the format escapes. */
const entry = {
  session_id: "s",
  timestamp: "2026-01-02T03:04:05.123456789+01:00",
  skill: "tdd",
  phase: "green",
  input: { files: ["a<b>.rs"], ключ: "\u2028", deep: [{ n: 1.5 }] },
  attempts: [{ attempt: 1, model: "m-large", output_summary: "two findings", verified: true }],
  final_status: "pass",
  duration_ms: 1234,
};

const lines = ["tdd", "review"].map(
  (skill) =>
    `{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"${skill}","final_status":"pass"}\n`,
);

/** Encodes and decodes an entry, and encodes a bad entry. Needs no storage. */
export function useCodec({ decode, encode, SkillLogError }) {
  const line = encode(entry);
  let refused;
  try {
    encode({ ...entry, finalStatus: "pass" });
  } catch (error) {
    refused = error instanceof SkillLogError && error.code;
  }
  return { line: new TextDecoder().decode(line), decoded: decode(line), refused };
}

/**
 * Reads a Blob, as if a person had chosen a file, and bytes. Needs no storage.
 *
 * @param {typeof import("skill-log")} skillLog
 * @param {object} [options] for opening a file in this target
 */
export async function useFiles({ SessionLog }, options) {
  const dropped = await SessionLog.from(new Blob(lines), options);
  const index = await dropped.index();
  const bytes = await SessionLog.from(new TextEncoder().encode(lines.join("")));
  return {
    dropped: skills(await dropped.read()),
    indexed: index.row(1).skill,
    bytes: skills(await bytes.read()),
  };
}

/**
 * Appends, tears the log's tail, appends again, reads, follows, indexes and searches.
 *
 * @param {typeof import("skill-log")} skillLog
 * @param {object} place
 * @param {any} place.dir
 * @param {(name: string, text: string) => void | Promise<void>} place.tear writes to the end of a
 *   file in `dir`
 * @param {object} [place.options] for opening a log in this target
 */
export async function useStorage(
  { append, listSessions, read, removeSession, SessionLog },
  { dir, tear, options },
) {
  const damage = [];
  const reading = { onDamage: ({ kind }) => damage.push(kind) };
  await append(dir, "s", { skill: "tdd", final_status: "pass" }, options);
  const log = await SessionLog.open(dir, "s", options);
  await log.append(
    [
      { skill: "review", final_status: "fail", input: { found: "a needle" } },
      { skill: "docs", final_status: "pass" },
    ],
    { sync: true },
  );
  await tear("s.jsonl", '{"session_id":"s","timest');
  const followed = log.follow({ from: "end", onDamage() {} });
  const next = followed.next();
  await log.append({ skill: "commit", final_status: "pass" });
  const first = (await next).value;
  await followed.return();
  const index = await log.index();
  const hits = await index.search("NEEDLE", { ignoreCase: true });
  const outcome = {
    skills: skills(await log.read(reading)),
    damage,
    again: skills(await read(dir, "s", { onDamage() {} })),
    followed: first.entry.skill,
    rows: index.length,
    failed: [...index.select({ final_status: "fail" })],
    hits: [...hits],
    found: (await index.entry(hits[0])).input,
    sessions: (await listSessions(dir)).map(({ id }) => id),
  };
  await log.close();
  return {
    ...outcome,
    removed: await removeSession(dir, "s"),
    left: (await listSessions(dir)).length,
  };
}

/** Returns the error code of each call that needs storage, in a target without storage. */
export async function useNoStorage({ append, listSessions, read, removeSession, SessionLog }) {
  const entry = { skill: "tdd", final_status: "pass" };
  const calls = {
    append: () => append("logs", "s", entry),
    open: async () => (await SessionLog.open("logs", "s")).append(entry),
    read: () => read("logs", "s"),
    listSessions: () => listSessions("logs"),
    removeSession: () => removeSession("logs", "s"),
  };
  const refused = {};
  for (const [name, call] of Object.entries(calls))
    refused[name] = await call().then(
      () => "not refused",
      (error) => error.code ?? String(error),
    );
  return refused;
}

function skills(entries) {
  return entries.map(({ skill }) => skill);
}
