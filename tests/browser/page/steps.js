// What a tab, or a worker in one, does when it is asked, one thing at a time.

import { SessionLog } from "skill-log";

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
let outcomes = {};

const steps = {
  /**
   * Appends entries, and tells how that went.
   *
   * @param {string} dir
   * @param {...string} messages of an entry each; all are appended in one turn
   * @returns {Promise<{ time: number, bytes?: number, error?: Record<string, unknown> }[]>} of each
   */
  append: (dir, ...messages) => append(dir, messages),

  /**
   * Appends long entries in one turn.
   *
   * @param {string} dir
   * @param {string} name which their messages begin with
   * @param {number} count
   * @param {number} length
   */
  appendLong: (dir, name, count, length) =>
    append(
      dir,
      Array.from({ length: count }, (_, i) => `${name} ${i} `.padEnd(length, ".")),
    ),

  /** Appends without an end. @param {string} dir */
  async hammer(dir) {
    isHammering = true;
    outcomes = {};
    for (let number = 0; isHammering; ) {
      const results = await steps.append(dir, ...Array.from({ length: 20 }, () => `${number++}`));
      for (const { error } of results)
        outcomes[error?.code ?? "appended"] = (outcomes[error?.code ?? "appended"] ?? 0) + 1;
    }
  },

  /** Ends that. Gives how many appends ended how. */
  async rest() {
    isHammering = false;
    return outcomes;
  },

  /** Does without something that this browser has. @param {string} name */
  async lack(name) {
    delete globalThis[name];
  },

  /** Keeps in mind when each entry is seen that comes from now on. @param {string} dir */
  async watch(dir) {
    for await (const { entry } of (await logOf(dir)).follow({ from: "end" }))
      sightings[`${entry.message}`] = Date.now();
  },

  /** The same, of a log whose directory it has a handle of. @param {string} dir */
  async watchByHandle(dir) {
    let handle = await navigator.storage.getDirectory();
    for (const part of dir.split("/")) handle = await handle.getDirectoryHandle(part);
    const log = await SessionLog.open(handle, "s");
    for await (const { entry } of log.follow({ from: "end" }))
      sightings[`${entry.message}`] = Date.now();
  },

  /** Appends an entry, and gives when it was in the file. @param {string} dir @param {string} message */
  async appendedAt(dir, message) {
    await (await logOf(dir)).append(entryOf(message));
    return Date.now();
  },

  /** Gives what was seen since it was asked last. */
  async takeSightings() {
    const taken = sightings;
    sightings = {};
    return taken;
  },

  /** Gives what is in the log, and what is wrong with it. @param {string} dir */
  async read(dir) {
    const log = await logOf(dir);
    const { damage, pending } = await log.verify();
    return {
      messages: (await log.read({ onDamage() {} })).map(({ message = "" }) => message),
      damage: damage.map(({ kind }) => kind),
      pending,
    };
  },

  /** Gives the bytes in the file. @param {string} dir @param {string} name */
  async size(dir, name = "s.jsonl") {
    try {
      return (await (await (await folder(dir)).getFileHandle(name)).getFile()).size;
    } catch (error) {
      if (error.name === "NotFoundError") return null;
      throw error;
    }
  },

  /** Holds the file's handle, by the browser's own means. In a worker alone. @param {string} dir @param {number} time in milliseconds */
  async holdHandle(dir, time) {
    const handle = await (
      await (await folder(dir)).getFileHandle("s.jsonl", { create: true })
    ).createSyncAccessHandle();
    setTimeout(() => handle.close(), time);
  },

  /**
   * Adds to a file, by the browser's own means, until nothing is taken any more. In a worker alone.
   *
   * @param {string} dir
   * @param {string} name
   * @param {number} most bytes
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

  /** Holds the lock that gives writers their turns, for ever. @param {string} dir */
  holdTurn(dir) {
    return new Promise((held) => {
      navigator.locks.request(`skill-log:${dir}/s.jsonl`, () => {
        held(undefined);
        return new Promise(() => {});
      });
    });
  },

  /** Gives the names of the package's locks that are held or waited for. */
  async locks() {
    const { held = [], pending = [] } = await navigator.locks.query();
    return [...held, ...pending]
      .map(({ name = "" }) => name)
      .filter((name) => name.startsWith("skill-log"));
  },
};

/**
 * @param {string} dir
 * @param {string[]} messages
 */
async function append(dir, messages) {
  const log = await logOf(dir);
  const start = performance.now();
  return Promise.all(
    messages.map(async (message) => {
      try {
        const { bytes } = await log.append(entryOf(message));
        return { time: performance.now() - start, bytes };
      } catch (error) {
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
      port.postMessage({ result: await steps[name](...args) });
    } catch (error) {
      port.postMessage({ error: String(error?.stack ?? error) });
    }
  };
}
