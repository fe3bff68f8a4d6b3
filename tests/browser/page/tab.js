// What a tab does where several write to one session: it appends numbered entries, and tells at once what became of each, so that it
// is known whatever becomes of the tab. It can be told to end the package's worker, at bad moments.

import { SessionLog } from "skill-log";

import { Random } from "../../conformance/random.js";
import { entryOf, identityOf } from "./tab-entry.js";

const { console, navigator, performance, Blob } = globalThis;

/** Milliseconds from which on an append is told of. */
const SLOW = 1000;

/** @param {number} time in milliseconds */
const pause = (time) => new Promise((wake) => setTimeout(wake, time));

/** @param {object} news */
const tell = (news) => console.debug(`tab ${JSON.stringify(news)}`);

/** Appends that are neither in the file nor refused. */
let pending = 0;

/** @type {{ kind: string, delay: number } | null} how the package's worker is to be ended */
let plan = null;

const workers = new Set();

const BrowserWorker = globalThis.Worker;

globalThis.Worker = class extends globalThis.Worker {
  #isAnswering = false;

  constructor(...args) {
    super(...args);
    workers.add(this);
    this.addEventListener("message", () => (this.#isAnswering = true));
    if (plan?.kind === "while it starts") this.#endIn(plan);
  }

  postMessage(...args) {
    super.postMessage(...args);
    if (plan?.kind === "in a batch" && this.#isAnswering && pending > 0) this.#endIn(plan);
  }

  terminate() {
    workers.delete(this);
    super.terminate();
  }

  async #endIn({ kind, delay }) {
    plan = null;
    if (delay > 0) await pause(delay);
    if (!workers.has(this) || (kind === "while it starts" && this.#isAnswering)) return;
    this.terminate();
    tell({ ended: kind });
  }
};

/**
 * Ends the package's worker: now; or the next one, while it starts; or when it is next told something, some time later.
 *
 * @param {"at any time" | "while it starts" | "in a batch"} kind
 * @param {number} delay in milliseconds
 */
function endWorker(kind, delay) {
  plan = kind === "at any time" ? null : { kind, delay };
  if (kind === "in a batch") return;
  for (const worker of workers) {
    worker.terminate();
    tell({ ended: "at any time" });
  }
}

/**
 * Appends an entry for each number, in bursts, until all are in the file.
 *
 * @param {{ dir: string, tab: string, life: number, numbers: number[], longestPause: number }} of each append of a life is an attempt
 *   of its own, and has a number
 */
async function appendAll({ dir, tab, life, numbers, longestPause }) {
  tellStalls(nothing);
  const log = await SessionLog.open(dir, "s");
  const random = new Random(life * 1000 + tab.charCodeAt(0));
  let attempts = 0;
  let left = numbers;
  let failed = [];
  let news = null;

  /** What settles in one turn is told in one message. */
  const tellSoon = () => {
    if (!news) {
      news = { acknowledged: [], failed: {}, slow: [], longest: 0 };
      queueMicrotask(() => {
        tell({ life, ...news });
        news = null;
      });
    }
    return news;
  };
  /** @param {number[]} some */
  const append = async (some) => {
    const entries = some.map((number) => entryOf({ tab, life, attempt: attempts++, number }));
    const start = performance.now();
    let code;
    pending += 1;
    try {
      await log.append(entries.length === 1 ? entries[0] : entries);
    } catch (error) {
      code = error.code ?? String(error);
      if (code !== "BUSY" && code !== "INTERRUPTED") tell({ wrong: `${code}: ${error.message}` });
      failed.push(...some);
    }
    pending -= 1;
    const time = performance.now() - start;
    const told = tellSoon();
    if (code) told.failed[code] = (told.failed[code] ?? 0) + 1;
    else
      told.acknowledged.push(
        ...entries.map(({ attempts: [{ attempt }], duration_ms }) => [attempt, duration_ms]),
      );
    if (time > SLOW) told.slow.push([performance.timeOrigin + start, time]);
    else told.longest = Math.max(told.longest, time);
  };

  while (left.length > 0) {
    const kind = random.pick(["at once", "at once", "in one call", "one by one"]);
    const burst = left.slice(0, random.between(1, kind === "one by one" ? 10 : 200));
    left = left.slice(burst.length);
    if (kind === "at once") await Promise.all(burst.map((number) => append([number])));
    else if (kind === "in one call") await append(burst);
    else for (const number of burst) await append([number]);
    left = [...failed, ...left];
    failed = [];
    await pause(random.below(longestPause));
  }
  await log.close();
  tell({ life, done: true });
}

/** Waits until an append waits, for a second at most. */
async function whenAppending() {
  for (let left = 200; left > 0 && pending === 0; left -= 1) await pause(5);
}

/**
 * What a worker does that tells how long it could not do what takes no time.
 *
 * @param {{ before: string, work: string }} of
 */
const pulse = ({ before, work }) => `(async () => {
  ${before}
  for (let at = performance.now(); ; ) {
    await new Promise((wake) => setTimeout(wake, 20));
    ${work}
    const now = performance.now();
    if (now - at > 150) postMessage({ from: performance.timeOrigin + at, to: performance.timeOrigin + now });
    at = now;
  }
})()`;

/** Tells of the machine, and of the process that the tab is in. */
const nothing = { before: "", work: "" };

/** Tells of the browser too: it takes as long as that does for a file that nobody else writes to. */
const aFile = {
  before: `
  const folder = await navigator.storage.getDirectory();
  const file = await folder.getFileHandle("pulse", { create: true });`,
  work: `
    const handle = await file.createSyncAccessHandle();
    handle.write(new Uint8Array(100), { at: 0 });
    handle.close();`,
};

/**
 * Tells of each stretch of time in which a worker that nobody disturbs, and has no part in what is tested, could do nothing.
 *
 * @param {{ before: string, work: string }} of
 */
function tellStalls(of) {
  const worker = new BrowserWorker(URL.createObjectURL(new Blob([pulse(of)])));
  worker.addEventListener("message", ({ data }) => tell({ stall: data }));
}

/** @type {string[]} */
const followed = [];

/** @param {string} dir */
async function follow(dir) {
  const log = await SessionLog.open(dir, "s");
  for await (const { entry } of log.follow({
    from: "start",
    onDamage: (damage) => tell({ wrong: `damage: ${JSON.stringify(damage)}` }),
  })) {
    followed.push(identityOf(entry));
  }
}

/**
 * Gives what is in the file, as it is and as the package reads it.
 *
 * @param {string} dir
 */
async function check(dir) {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(dir);
  const text = await (await (await folder.getFileHandle("s.jsonl")).getFile()).text();
  const lines = text.split("\n");
  const inFile = [];
  const wrong = lines.pop() === "" ? [] : ["the file does not end with a line"];
  for (const line of lines) {
    try {
      const identity = identityOf(JSON.parse(line));
      const [tab, life, attempt, number] = identity.split(" ");
      if (
        line !== JSON.stringify(entryOf({ tab, life: +life, attempt: +attempt, number: +number }))
      )
        throw new Error("not as it was sent");
      inFile.push(identity);
    } catch (error) {
      wrong.push(`${error.message}: ${line.slice(0, 200)}`);
    }
  }
  const log = await SessionLog.open(dir, "s");
  const read = (await log.read()).map(identityOf);
  const { entries, damage, pending } = await log.verify();
  await log.close();
  return { bytes: text.length, inFile, wrong: wrong.slice(0, 10), read, entries, damage, pending };
}

/**
 * Appends one entry.
 *
 * @param {string} dir
 * @param {number} number
 * @returns {Promise<{ time: number, code?: string }>} milliseconds, and why it failed if it did
 */
async function appendOne(dir, number) {
  const log = await SessionLog.open(dir, "s");
  const start = performance.now();
  try {
    await log.append(entryOf({ tab: "one", life: 0, attempt: 0, number }));
    return { time: performance.now() - start };
  } catch (error) {
    return { time: performance.now() - start, code: error.code ?? String(error) };
  } finally {
    await log.close();
  }
}

for (const type of ["freeze", "resume"])
  globalThis.addEventListener(type, () => tell({ [type]: pending }), { capture: true });

globalThis.tab = {
  appendAll,
  appendOne,
  check,
  endWorker,
  follow,
  followed,
  tellStalls: () => tellStalls(aFile),
  whenAppending,
};
