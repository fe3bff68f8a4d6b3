// The steps that a tab, or a worker in a tab, does on demand.

import { SessionLog, Sessions } from "skill-log";

const { navigator, performance } = globalThis;

/** @type {Map<string, Promise<SessionLog>>} */
const logs = new Map();

/** Opens each log once, as an application does. @param {string} dir */
function logOf(dir) {
  if (!logs.has(dir)) logs.set(dir, SessionLog.open(dir, "s"));
  return /** @type {Promise<SessionLog>} */ (logs.get(dir));
}

/** @param {string} message */
const entryOf = (message) => ({
  skill: "k",
  final_status: "ok",
  timestamp: "2026-01-02T00:00:00Z",
  message,
});

/** When each entry was seen, by its message. @type {Record<string, number>} */
let sightings = {};

let isHammering = false;
/** @type {Record<string, number>} */
let outcomes = {};

const steps = {
  /**
   * Appends entries in one turn, and returns how each append went.
   *
   * @param {string} dir
   * @param {...string} messages the message of each entry
   * @returns {Promise<Outcome[]>}
   */
  append: (dir, ...messages) => append(dir, messages),

  /**
   * Appends long entries in one turn.
   *
   * @param {string} dir
   * @param {string} name which starts each message
   * @param {number} count
   * @param {number} length
   */
  appendLong: (dir, name, count, length) =>
    append(
      dir,
      Array.from({ length: count }, (_, i) => `${name} ${i} `.padEnd(length, ".")),
    ),

  /** Appends until `rest` is called. @param {string} dir */
  async hammer(dir) {
    isHammering = true;
    outcomes = {};
    for (let number = 0; isHammering; ) {
      const results = await steps.append(dir, ...Array.from({ length: 20 }, () => `${number++}`));
      for (const { error } of results) {
        const outcome = error?.code ?? "appended";
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
    }
  },

  /** Ends `hammer`, and returns the number of appends by outcome. */
  async rest() {
    isHammering = false;
    return outcomes;
  },

  /** Removes a global of this browser. @param {string} name */
  async lack(name) {
    delete (/** @type {Record<string, unknown>} */ (globalThis)[name]);
  },

  /** Notes when each new entry is seen. @param {string} dir */
  async watch(dir) {
    for await (const { entry } of (await logOf(dir)).follow({ from: "end" }))
      sightings[`${entry.message}`] = Date.now();
  },

  /** Does what `watch` does, with a handle of the directory. @param {string} dir */
  async watchByHandle(dir) {
    let handle = await navigator.storage.getDirectory();
    for (const part of dir.split("/")) handle = await handle.getDirectoryHandle(part);
    const log = await SessionLog.open(handle, "s");
    for await (const { entry } of log.follow({ from: "end" }))
      sightings[`${entry.message}`] = Date.now();
  },

  /** Does what `watch` does, with all logs of the directory. @param {string} dir */
  async watchAll(dir) {
    const sessions = await Sessions.open(dir);
    for await (const { entry } of sessions.follow({ from: "end" }))
      sightings[`${entry.message}`] = Date.now();
  },

  /**
   * Appends an entry, and returns when it was in the file.
   *
   * @param {string} dir
   * @param {string} message
   */
  async appendedAt(dir, message) {
    await (await logOf(dir)).append(entryOf(message));
    return Date.now();
  },

  /** Returns the sightings since the last call. */
  async takeSightings() {
    const taken = sightings;
    sightings = {};
    return taken;
  },

  /** Returns the log's messages and its damage. @param {string} dir */
  async read(dir) {
    const log = await logOf(dir);
    const { damage, pending } = await log.verify();
    return {
      messages: (await log.read({ onDamage() {} })).map(({ message = "" }) => message),
      damage: damage.map(({ kind }) => kind),
      pending,
    };
  },

  /** Returns a file's size in bytes, or null. @param {string} dir @param {string} name */
  async size(dir, name = "s.jsonl") {
    try {
      return (await (await (await folder(dir)).getFileHandle(name)).getFile()).size;
    } catch (error) {
      if (/** @type {Error} */ (error).name === "NotFoundError") return null;
      throw error;
    }
  },

  /**
   * Holds the exclusive handle. Workers only.
   *
   * @param {string} dir
   * @param {number} time in milliseconds
   */
  async holdHandle(dir, time) {
    const handle = await (
      await (await folder(dir)).getFileHandle("s.jsonl", { create: true })
    ).createSyncAccessHandle();
    setTimeout(() => handle.close(), time);
  },

  /**
   * Fills a file through the exclusive handle until the quota is used up. Workers only.
   *
   * @param {string} dir
   * @param {string} name
   * @param {number} most how many bytes at most
   */
  async fill(dir, name, most) {
    const handle = await (
      await (await folder(dir)).getFileHandle(name, { create: true })
    ).createSyncAccessHandle();
    let left = most;
    for (let step = 1 << 18; step >= 1; step >>= 2) {
      for (let taken = step; taken > 0 && left >= step; left -= taken) {
        try {
          taken = handle.write(new Uint8Array(step), { at: handle.getSize() });
        } catch {
          taken = 0;
        }
      }
    }
    handle.close();
    return most - left;
  },

  /** @param {string} dir @param {string} name */
  async remove(dir, name) {
    await (await folder(dir)).removeEntry(name);
  },

  /** Holds the lock that orders writers, for ever. @param {string} dir */
  holdTurn(dir) {
    return new Promise((held) => {
      navigator.locks.request(`skill-log:${dir}/s.jsonl`, () => {
        held(undefined);
        return new Promise(() => {});
      });
    });
  },

  /** Returns the names of the package's locks that are held or waited for. */
  async locks() {
    const { held = [], pending = [] } = await navigator.locks.query();
    return [...held, ...pending]
      .map(({ name = "" }) => name)
      .filter((name) => name.startsWith("skill-log"));
  },
};

/**
 * @typedef {object} Outcome
 * @property {number} time in milliseconds
 * @property {number} [bytes]
 * @property {{ code: string, name: string, message: string, [fact: string]: unknown }} [error]
 */

/**
 * @param {string} dir
 * @param {string[]} messages
 * @returns {Promise<Outcome[]>}
 */
async function append(dir, messages) {
  const log = await logOf(dir);
  const start = performance.now();
  return Promise.all(
    messages.map(async (message) => {
      try {
        const { bytes } = await log.append(entryOf(message));
        return { time: performance.now() - start, bytes };
      } catch (thrown) {
        const error = /** @type {any} */ (thrown);
        const { name, code = String(error), path, written, expected } = error;
        return {
          time: performance.now() - start,
          error: {
            name,
            code,
            path,
            written,
            expected,
            message: error.message,
            cause: error.cause?.name,
          },
        };
      }
    }),
  );
}

/** @param {string} dir */
async function folder(dir) {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(dir, { create: true });
}

globalThis.steps = steps;

if (typeof globalThis.document === "undefined") {
  globalThis.onmessage = async ({ data: { name, args }, ports: [port] }) => {
    try {
      port.postMessage({ result: await globalThis.steps[name](...args) });
    } catch (error) {
      port.postMessage({ error: String(/** @type {any} */ (error)?.stack ?? error) });
    }
  };
}
