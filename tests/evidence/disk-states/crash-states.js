// The states that a crash may leave on a disk, from what happened before it.
//
// A process that dies leaves all that was written, and of the write that it was in, the start. A
// power cut leaves what was synced, and of the rest any part: each page (or each sector) of a file
// as it was at any time since the last sync; any of the sizes that the file had since then, also
// within a write; any of the changes of names, but each after those of the same names before it. A
// name and its file's data are durable apart. What a size covers and no data reached is NULs, or
// stale bytes.

import { VirtualDisk } from "./virtual-disk.js";

/** @import { Random } from "../../conformance/random.js" */
/** @import { Event, Node } from "./virtual-disk.js" */

/** @typedef {"process crash" | "power loss" | "torn write-back"} CrashClass */

/** @type {readonly CrashClass[]} */
export const CLASSES = ["process crash", "power loss", "torn write-back"];

/** What a disk writes in one step, in bytes. */
const UNIT = { "power loss": 4096, "torn write-back": 512 };

/**
 * Bytes of a file that was there before. Each line and sector of them starts with a byte that JSON
 * never has there: the format has no checksums, so no reader knows stale text within an entry from
 * the text that was written.
 */
const STALE = Buffer.from(
  '\x03mi\x02t","final_status":"ok"}\n\x01{"session_i\x01d":"stale","timestamp":"\n\x7f\x04\0\0{"a',
);

/** What a crash at one point may leave. */
export class Cut {
  /** How many values each choice has. @type {number[]} */
  counts = [];
  #build;

  /**
   * @param {number[]} counts
   * @param {(values: number[]) => VirtualDisk} build
   */
  constructor(counts, build) {
    this.counts = counts;
    this.#build = build;
  }

  /** How many states there are. Some of them are the same. */
  get states() {
    return this.counts.reduce((product, count) => product * count, 1);
  }

  /**
   * @param {number} number below `states`
   */
  numbered(number) {
    let rest = number;
    return this.#build(
      this.counts.map((count) => {
        const value = rest % count;
        rest = Math.floor(rest / count);
        return value;
      }),
    );
  }

  /**
   * Chooses a state: one in four is among the oldest or the newest, where few things are missing.
   *
   * @param {Random} random
   */
  chosen(random) {
    const bias = [0, 0.08, 0.92, 0.5, 0.5, 0.5, 0.3, 0.7][random.below(8)];
    return this.#build(
      this.counts.map((count) => {
        if (random.chance(0.3)) return random.below(count);
        return random.chance(bias) ? count - 1 : 0;
      }),
    );
  }
}

/**
 * Returns what a process that dies may leave. The last write may be cut anywhere.
 *
 * @param {VirtualDisk} disk the one on which the events happened
 * @param {number} point how many events happened
 */
export function processCrash(disk, point) {
  const { events } = disk;
  const last = events[point - 1];
  const length = last?.kind === "write" ? last.bytes.length : 0;
  // All of it, nothing, or a part: at a page's end, and at a few other places.
  const offset = last?.kind === "write" ? last.offset : 0;
  const cuts = new Set([length]);
  for (let at = 4096 - (offset % 4096); at < length; at += 4096) cuts.add(at);
  for (const at of [1, 2, Math.floor(length / 2), length - 2, length - 1])
    if (at > 0 && at < length) cuts.add(at);
  const all = [...cuts];
  return new Cut([all.length], ([value]) => {
    /** @param {Node} node */
    const bytesOf = (node) => {
      const writes = writesOf(events, node, 0, point);
      const cut = writes.at(-1);
      if (last?.kind === "write" && last.node === node && cut)
        writes[writes.length - 1] = { ...cut, bytes: cut.bytes.subarray(0, all[value]) };
      return written(node.first, writes);
    };
    return restored(disk.root, bytesOf, (node) => namesAt(events, node, point));
  });
}

/**
 * Returns what a power cut may leave.
 *
 * @param {VirtualDisk} disk the one on which the events happened
 * @param {number} point how many events happened
 * @param {"power loss" | "torn write-back"} kind
 */
export function powerCut(disk, point, kind) {
  const { events } = disk;
  const unit = UNIT[kind];
  /** @type {Map<Node, number>} what is synced of each */
  const synced = new Map();
  /** @type {Set<Node>} */
  const nodes = new Set();
  for (let at = 0; at < point; at += 1) {
    const event = events[at];
    if (event.kind === "note") continue;
    nodes.add(event.node);
    if (event.kind === "sync")
      synced.set(event.node, Math.max(synced.get(event.node) ?? 0, event.through));
  }
  /** @type {number[]} */
  const counts = [];
  const choice = (/** @type {number} */ count) => counts.push(count) - 1;
  const stale = choice(2);
  /** @type {Map<Node, (values: number[]) => Buffer>} */
  const files = new Map();
  /** @type {Map<Node, (values: number[]) => Map<string, Node>>} */
  const directories = new Map();
  for (const node of nodes) {
    const from = synced.get(node) ?? 0;
    if (node.names) directories.set(node, namesCut(events, node, from, point, choice));
    else files.set(node, fileCut(events, node, from, point, unit, choice, stale));
  }
  if (![...files.values()].some((file) => /** @type {any} */ (file).grows)) counts[stale] = 1;
  return new Cut(counts, (values) =>
    restored(
      disk.root,
      (node) => files.get(node)?.(values) ?? node.first,
      (node) => directories.get(node)?.(values) ?? node.firstNames,
    ),
  );
}

/**
 * @param {readonly Event[]} events
 * @param {Node} node
 * @param {number} from
 * @param {number} to
 * @param {number} unit
 * @param {(count: number) => number} choice
 * @param {number} stale the choice of what is where nothing was written
 */
function fileCut(events, node, from, to, unit, choice, stale) {
  const base = written(node.first, writesOf(events, node, 0, from));
  const writes = writesOf(events, node, from, to);
  const sizes = [base.length];
  /** @type {Map<number, { offset: number, bytes: Buffer }[]>} */
  const units = new Map();
  for (const write of writes) {
    const end = write.offset + write.bytes.length;
    const old = sizes[sizes.length - 1];
    // A file grows page by page within a write.
    for (let at = (Math.floor(old / unit) + 1) * unit; at < end; at += unit) sizes.push(at);
    if (end > old) sizes.push(end);
    for (let at = Math.floor(write.offset / unit); at * unit < end; at += 1) {
      const list = units.get(at) ?? [];
      list.push(write);
      units.set(at, list);
    }
  }
  const size = choice(sizes.length);
  const chosen = [...units].map(([at, list]) => ({ at, list, which: choice(list.length + 1) }));
  const most = sizes[sizes.length - 1];
  const build = (/** @type {number[]} */ values) => {
    const bytes = Buffer.alloc(most);
    base.copy(bytes);
    if (values[stale] === 1)
      for (let at = base.length; at < most; at += 1) {
        const isFirst = at === base.length || at % UNIT["torn write-back"] === 0;
        bytes[at] = isFirst ? 1 : STALE[at % STALE.length];
      }
    for (const { at, list, which } of chosen) {
      const start = at * unit;
      const end = Math.min(start + unit, most);
      // A unit that reached the disk has NULs after the end that the file had.
      if (values[which] > 0 && end > base.length) bytes.fill(0, Math.max(start, base.length), end);
      for (const write of list.slice(0, values[which]))
        write.bytes.copy(
          bytes,
          Math.max(start, write.offset),
          Math.max(0, start - write.offset),
          Math.min(write.bytes.length, end - write.offset),
        );
    }
    return bytes.subarray(0, sizes[values[size]]);
  };
  return Object.assign(build, { grows: sizes.length > 1 });
}

/**
 * @param {readonly Event[]} events
 * @param {Node} node
 * @param {number} from
 * @param {number} to
 * @param {(count: number) => number} choice
 */
function namesCut(events, node, from, to, choice) {
  const base = namesAt(events, node, from);
  /** @type {{ changes: [string, Node | null][], which: number }[]} */
  const pending = [];
  for (let at = from; at < to; at += 1) {
    const event = events[at];
    if (event.kind === "names" && event.node === node)
      pending.push({ changes: event.changes, which: choice(2) });
  }
  return (/** @type {number[]} */ values) => {
    const names = new Map(base);
    const lost = new Set();
    for (const { changes, which } of pending) {
      const isLost = values[which] === 0 || changes.some(([name]) => lost.has(name));
      for (const [name, to] of changes) {
        if (isLost) lost.add(name);
        else if (to) names.set(name, to);
        else names.delete(name);
      }
    }
    return names;
  };
}

/**
 * @param {readonly Event[]} events
 * @param {Node} node
 * @param {number} from
 * @param {number} to
 */
function writesOf(events, node, from, to) {
  const writes = [];
  for (let at = from; at < to; at += 1) {
    const event = events[at];
    if (event.kind === "write" && event.node === node) writes.push(event);
  }
  return writes;
}

/**
 * @param {Buffer} first
 * @param {{ offset: number, bytes: Buffer }[]} writes
 */
function written(first, writes) {
  const size = writes.reduce(
    (most, { offset, bytes }) => Math.max(most, offset + bytes.length),
    first.length,
  );
  const all = Buffer.alloc(size);
  first.copy(all);
  for (const { offset, bytes } of writes) bytes.copy(all, offset);
  return all;
}

/**
 * @param {readonly Event[]} events
 * @param {Node} node
 * @param {number} point
 */
function namesAt(events, node, point) {
  const names = new Map(node.firstNames);
  for (let at = 0; at < point; at += 1) {
    const event = events[at];
    if (event.kind !== "names" || event.node !== node) continue;
    for (const [name, to] of event.changes) {
      if (to) names.set(name, to);
      else names.delete(name);
    }
  }
  return names;
}

/**
 * Makes the disk that is found after a crash.
 *
 * @param {Node} root
 * @param {(node: Node) => Buffer} bytesOf
 * @param {(node: Node) => Map<string, Node>} namesOf
 */
function restored(root, bytesOf, namesOf) {
  const disk = new VirtualDisk();
  const copy = (/** @type {Node} */ dir, /** @type {string[]} */ path) => {
    for (const [name, node] of namesOf(dir)) {
      if (node.names) {
        disk.putDirectory([...path, name]);
        copy(node, [...path, name]);
      } else disk.put([...path, name].join("/"), bytesOf(node));
    }
  };
  copy(root, []);
  return disk;
}
