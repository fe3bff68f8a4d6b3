// A tab that writes to one session beside others: it appends numbered entries, and reports at once
// what became of each, so that Node knows it even when the tab goes. It can terminate the package's
// worker at bad moments.

import { SessionLog } from "skill-log";

import { Random } from "../../conformance/random.js";
import { entryOf, identityOf } from "./tab-entry.js";

const { console, navigator, performance, Blob } = globalThis;

/** The shortest time of an append that is reported, in milliseconds. */
const SLOW = 1000;

/** @param {number} time in milliseconds */
const pause = (time) => new Promise((wake) => setTimeout(wake, time));

/** @typedef {import("../writer-tab.js").News} News */

/** Reports to Node. @param {News | { [fact: string]: unknown }} news */
const report = (news) => console.debug(`tab ${JSON.stringify(news)}`);

/** How many appends have not settled. */
let pending = 0;

/** @typedef {{ kind: string, delay: number }} Plan */

/** When the package's worker is to be terminated. @type {Plan | null} */
let plan = null;

/** @type {Set<Worker>} */
const workers = new Set();

const BrowserWorker = globalThis.Worker;

globalThis.Worker = class extends globalThis.Worker {
  #isAnswering = false;

  /** @param {ConstructorParameters<typeof Worker>} args */
  constructor(...args) {
    super(...args);
    workers.add(this);
    this.addEventListener("message", () => (this.#isAnswering = true));
    if (plan?.kind === "while it starts") this.#endIn(plan);
  }

  /** @param {unknown} message @param {any} [transferred] */
  postMessage(message, transferred) {
    super.postMessage(message, transferred);
    if (plan?.kind === "in a batch" && this.#isAnswering && pending > 0) this.#endIn(plan);
  }

  terminate() {
    workers.delete(this);
    super.terminate();
  }

  /** @param {Plan} plan */
  async #endIn({ kind, delay }) {
    plan = null;
    if (delay > 0) await pause(delay);
    if (!workers.has(this) || (kind === "while it starts" && this.#isAnswering)) return;
    this.terminate();
    report({ ended: kind });
  }
};

/**
 * Terminates the package's worker: now; or the next worker, while it starts; or some time after the
 * next message to it.
 *
 * @param {"at any time" | "while it starts" | "in a batch"} kind
 * @param {number} delay in milliseconds
 */
function endWorker(kind, delay) {
  plan = kind === "at any time" ? null : { kind, delay };
  if (kind === "in a batch") return;
  for (const worker of workers) {
    worker.terminate();
    report({ ended: "at any time" });
  }
}

/**
 * Appends an entry for each number, in bursts, until all are in the file.
 *
 * @param {object} of
 * @param {string} of.dir
 * @param {string} of.tab
 * @param {number} of.life
 * @param {number[]} of.numbers
 * @param {number} of.longestPause in milliseconds
 */
async function appendAll({ dir, tab, life, numbers, longestPause }) {
  reportStalls(nothing);
  const log = await SessionLog.open(dir, "s");
  const random = new Random(life * 1000 + tab.charCodeAt(0));
  let attempts = 0;
  let left = numbers;
  /** @type {number[]} */
  let failed = [];
  /** @type {Required<Pick<News, "acknowledged" | "failed" | "slow" | "longest">> | null} */
  let news = null;

  /** Reports all appends that settle in one turn in one message. */
  const reportSoon = () => {
    if (!news) {
      news = { acknowledged: [], failed: {}, slow: [], longest: 0 };
      queueMicrotask(() => {
        report({ life, ...news });
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
    } catch (thrown) {
      const error = /** @type {any} */ (thrown);
      code = error.code ?? String(error);
      if (code !== "BUSY" && code !== "INTERRUPTED") report({ wrong: `${code}: ${error.message}` });
      failed.push(...some);
    }
    pending -= 1;
    const time = performance.now() - start;
    const batch = reportSoon();
    if (code) batch.failed[code] = (batch.failed[code] ?? 0) + 1;
    else
      batch.acknowledged.push(
        ...entries.map(
          ({ attempts: [{ attempt }] = [], duration_ms }) =>
            /** @type {[number, number]} */ ([attempt, duration_ms]),
        ),
      );
    if (time > SLOW) batch.slow.push([performance.timeOrigin + start, time]);
    else batch.longest = Math.max(batch.longest, time);
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
  report({ life, done: true });
}

/** Waits until an append has not settled, for a second at most. */
async function whenAppending() {
  for (let left = 200; left > 0 && pending === 0; left -= 1) await pause(5);
}

/**
 * Returns the program of a worker that reports when its work, which takes no time, was late.
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

/** No work: the delays are those of the machine and the tab's process. */
const nothing = { before: "", work: "" };

/** Work on a file that nobody else writes to: the delays are the browser's too. */
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
 * Reports each stretch of time in which a worker without a part in the test was stopped.
 *
 * @param {{ before: string, work: string }} of
 */
function reportStalls(of) {
  const worker = new BrowserWorker(URL.createObjectURL(new Blob([pulse(of)])));
  worker.addEventListener("message", ({ data }) => report({ stall: data }));
}

/** @type {string[]} */
const followed = [];

/** @param {string} dir */
async function follow(dir) {
  const log = await SessionLog.open(dir, "s");
  for await (const { entry } of log.follow({
    from: "start",
    onDamage: (damage) => report({ wrong: `damage: ${JSON.stringify(damage)}` }),
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
      wrong.push(`${/** @type {Error} */ (error).message}: ${line.slice(0, 200)}`);
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
 * @returns {Promise<{ time: number, code?: string }>} the milliseconds, and the code of an error
 */
async function appendOne(dir, number) {
  const log = await SessionLog.open(dir, "s");
  const start = performance.now();
  try {
    await log.append(entryOf({ tab: "one", life: 0, attempt: 0, number }));
    return { time: performance.now() - start };
  } catch (error) {
    const code = /** @type {any} */ (error).code ?? String(error);
    return { time: performance.now() - start, code };
  } finally {
    await log.close();
  }
}

for (const type of ["freeze", "resume"])
  globalThis.addEventListener(type, () => report({ [type]: pending }), { capture: true });

globalThis.tab = {
  appendAll,
  appendOne,
  check,
  endWorker,
  follow,
  followed,
  reportStalls: () => reportStalls(aFile),
  whenAppending,
};
