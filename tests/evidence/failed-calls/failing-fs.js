// Replaces functions of `fs`, as the package calls them, so that the n-th call fails. The package
// uses the default export of `node:fs`, whose functions a test can replace.

import fs from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { getSystemErrorMap } from "node:util";

/**
 * @typedef {"open" | "close" | "stat" | "read" | "write" | "sync" | "rename" | "unlink" | "link" |
 *   "list" | "mkdir" | "chmod" | "truncate" | "watch"} Kind of a call
 */

/**
 * How calls fail.
 *
 * @typedef {object} Fault
 * @property {string} name
 * @property {keyof typeof constants.errno} [code] absent where a call does less than it was asked to
 * @property {readonly Kind[]} kinds the calls that it hits
 * @property {boolean} [isHarmless] whether nobody may notice it
 * @property {boolean} [isLasting] whether all later calls fail too, as on a full disk
 */

/** @type {readonly Kind[]} */
const growing = ["open", "write", "sync", "rename", "link", "mkdir", "truncate"];

/** @type {readonly Kind[]} */
const all = [...growing, "close", "stat", "read", "unlink", "list", "chmod", "watch"];

/** @type {readonly Fault[]} */
export const faults = [
  { name: "EIO", code: "EIO", kinds: all },
  { name: "EIO from then on", code: "EIO", kinds: all, isLasting: true },
  { name: "ENOSPC", code: "ENOSPC", kinds: growing },
  { name: "ENOSPC from then on", code: "ENOSPC", kinds: growing, isLasting: true },
  { name: "EDQUOT", code: "EDQUOT", kinds: growing },
  { name: "EINTR", code: "EINTR", kinds: ["open", "close", "read", "write", "sync"] },
  { name: "EAGAIN", code: "EAGAIN", kinds: ["open", "read", "write"] },
  { name: "EMFILE", code: "EMFILE", kinds: ["open", "list", "watch"] },
  {
    name: "EACCES",
    code: "EACCES",
    kinds: ["open", "stat", "list", "mkdir", "rename", "unlink", "chmod"],
  },
  { name: "short write", kinds: ["write"] },
  { name: "short read", kinds: ["read"], isHarmless: true },
];

/** The functions that block, and end with a result. @type {Record<string, Kind>} */
const blocking = {
  openSync: "open",
  closeSync: "close",
  fstatSync: "stat",
  lstatSync: "stat",
  statSync: "stat",
  realpathSync: "stat",
  accessSync: "stat",
  readlinkSync: "stat",
  readSync: "read",
  readFileSync: "read",
  writeSync: "write",
  fsyncSync: "sync",
  fdatasyncSync: "sync",
  renameSync: "rename",
  unlinkSync: "unlink",
  rmSync: "unlink",
  rmdirSync: "unlink",
  linkSync: "link",
  readdirSync: "list",
  mkdirSync: "mkdir",
  mkdtempSync: "mkdir",
  chmodSync: "chmod",
  fchmodSync: "chmod",
  fchownSync: "chmod",
  utimesSync: "chmod",
  ftruncateSync: "truncate",
  watch: "watch",
};

/** The functions that end in a call of their last argument. @type {Record<string, Kind>} */
const calledBack = {
  open: "open",
  close: "close",
  read: "read",
  write: "write",
  writev: "write",
  fsync: "sync",
  fdatasync: "sync",
};

/** The functions that return a promise. @type {Record<string, Kind>} */
const promised = { mkdir: "mkdir", writeFile: "write", rename: "rename", rm: "unlink" };

const { readdirSync, readlinkSync } = fs;

/** Counts the calls below a folder, and has them fail. */
export class FailingFs {
  #base;
  /** @type {Fault | null} */
  #fault = null;
  #nth = 0;
  /** How many functions that are replaced run now: what they call themselves is not counted. */
  #depth = 0;
  /** @type {Map<number, string>} the path of each descriptor below the folder */
  #paths = new Map();
  /** @type {(() => void)[]} */
  #restore = [];
  /** The calls of each kind so far. @type {Map<Kind, number>} */
  counts = new Map();
  /** What failed. @type {string[]} */
  fired = [];

  /** @param {string} base the folder */
  constructor(base) {
    this.#base = base;
    for (const [name, kind] of Object.entries(blocking)) this.#replace(fs, name, kind, "now");
    for (const [name, kind] of Object.entries(calledBack)) this.#replace(fs, name, kind, "back");
    for (const [name, kind] of Object.entries(promised))
      this.#replace(fs.promises, name, kind, "promise");
  }

  /**
   * Has calls fail from now on.
   *
   * @param {Fault} fault
   * @param {number} nth the first call that fails, from 1
   */
  fail(fault, nth) {
    this.#fault = fault;
    this.#nth = nth;
    this.counts.clear();
    this.fired = [];
  }

  /** What fails: null when nothing does. For a process that takes part. */
  get failing() {
    return this.#fault && { fault: this.#fault, nth: this.#nth };
  }

  /** Has no call fail any more. */
  lift() {
    this.#fault = null;
  }

  /**
   * Does what is no part of the work: its calls are not counted.
   *
   * @template T
   * @param {() => T} use
   * @returns {T}
   */
  aside(use) {
    this.#depth += 1;
    try {
      return use();
    } finally {
      this.#depth -= 1;
    }
  }

  /** Puts the functions of `fs` back. */
  remove() {
    this.lift();
    for (const restore of this.#restore) restore();
  }

  /**
   * Returns the paths of files below a folder that this process has open.
   *
   * @param {string} folder
   */
  openFiles(folder) {
    const open = [];
    for (const fd of readdirSync("/proc/self/fd")) {
      try {
        const path = readlinkSync(join("/proc/self/fd", fd));
        if (path.startsWith(join(folder, "/"))) open.push(path);
      } catch {
        // The descriptor of the list itself is closed already.
      }
    }
    return open;
  }

  /**
   * @param {any} object
   * @param {string} name of a function
   * @param {Kind} kind
   * @param {"now" | "back" | "promise"} ends how it ends
   */
  #replace(object, name, kind, ends) {
    const real = object[name];
    this.#restore.push(() => (object[name] = real));
    object[name] = (/** @type {any[]} */ ...args) => {
      if (this.#depth > 0 || !this.#isBelow(args[0])) return real.apply(object, args);
      const failure = this.#count(name, kind, args);
      if (ends === "now") return this.#now(real, kind, args, failure);
      if (ends === "promise") return this.#promised(real, kind, args, failure);
      return this.#back(real, kind, args, failure);
    };
    // Functions with functions, such as `realpathSync.native`.
    Object.assign(object[name], real);
  }

  /** @param {unknown} target a descriptor or a path */
  #isBelow(target) {
    if (typeof target === "number") return this.#paths.has(target);
    const path = target instanceof URL ? target.pathname : String(target);
    return path.startsWith(this.#base);
  }

  /**
   * Counts a call, and returns how it fails.
   *
   * @param {string} name
   * @param {Kind} kind
   * @param {any[]} args
   * @returns {Error | "short" | null}
   */
  #count(name, kind, args) {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    const fault = this.#fault;
    if (!fault?.kinds.includes(kind)) return null;
    let count = 0;
    for (const each of fault.kinds) count += this.counts.get(each) ?? 0;
    if (fault.isLasting ? count < this.#nth : count !== this.#nth) return null;
    if (!fault.code && !canBeShort(name, args)) return null;
    const target = typeof args[0] === "number" ? this.#paths.get(args[0]) : String(args[0]);
    this.fired.push(`${name} ${target?.slice(this.#base.length)}`);
    if (!fault.code) return "short";
    const errno = -constants.errno[fault.code];
    const why = getSystemErrorMap().get(errno)?.[1];
    const path = typeof args[0] === "number" ? undefined : String(args[0]);
    const syscall = name.replace(/Sync$/, "");
    const where = path === undefined ? "" : ` '${path}'`;
    const message = `${fault.code}: ${why}, ${syscall}${where}`;
    return Object.assign(new Error(message), { errno, code: fault.code, syscall, path });
  }

  /**
   * @param {Function} real
   * @param {Kind} kind
   * @param {any[]} args
   * @param {Error | "short" | null} failure
   */
  #now(real, kind, args, failure) {
    this.#depth += 1;
    try {
      // Linux closes the file also where close reports an error.
      if (kind === "close") this.#forget(args[0]);
      if (failure instanceof Error && kind === "close") real.apply(fs, args);
      if (failure instanceof Error) throw failure;
      if (failure && kind === "read") {
        const old = copyOf(args);
        return this.#half(real.apply(fs, args), args, old);
      }
      const result = real.apply(fs, failure ? shortened(args) : args);
      if (kind === "open") this.#paths.set(result, String(args[0]));
      return result;
    } finally {
      this.#depth -= 1;
    }
  }

  /**
   * @param {Function} real
   * @param {Kind} kind
   * @param {any[]} args
   * @param {Error | "short" | null} failure
   */
  #back(real, kind, args, failure) {
    const done = args.at(-1);
    const before = args.slice(0, -1);
    if (kind === "close") this.#forget(args[0]);
    if (failure instanceof Error) {
      if (kind === "close") real.call(fs, args[0], () => done(failure));
      else setImmediate(done, failure);
      return;
    }
    const old = failure && kind === "read" ? copyOf(args) : null;
    const isHalf = failure && !old;
    real.call(fs, ...(isHalf ? shortened(before) : before), (/** @type {any[]} */ ...results) => {
      if (old && !results[0]) results[1] = this.#half(results[1], args, old);
      if (kind === "open" && !results[0]) this.#paths.set(results[1], String(args[0]));
      done(...results);
    });
  }

  /**
   * @param {Function} real
   * @param {Kind} kind
   * @param {any[]} args
   * @param {Error | "short" | null} failure
   */
  async #promised(real, kind, [target, ...rest], failure) {
    if (!(failure instanceof Error)) return real.call(fs.promises, target, ...rest);
    // A full disk takes a part of a file.
    if (kind === "write") {
      const [bytes, options] = rest;
      await real.call(fs.promises, target, bytes.subarray(0, bytes.length >> 1), options);
    }
    throw failure;
  }

  /**
   * Makes a read a short one: of about half of what it read. A single byte cannot be less.
   *
   * @param {number} count
   * @param {any[]} args
   * @param {Buffer} old what the buffer had before
   * @returns {number} the count of the short read
   */
  #half(count, [, bytes, offset = 0], old) {
    if (count < 2) {
      this.fired.pop();
      return count;
    }
    bytes.set(old.subarray(count >> 1), offset + (count >> 1));
    return count >> 1;
  }

  /** @param {number} fd */
  #forget(fd) {
    this.#paths.delete(fd);
  }
}

/** Copies what a read may change. @param {any[]} args */
function copyOf([, bytes, offset = 0, length = bytes.length - offset]) {
  return Buffer.from(bytes.subarray(offset, offset + length));
}

/**
 * Returns whether a call may do less than it was asked to. Node itself goes on where a function
 * reads or writes a whole file. A read must say where it starts, because a short one moves a file's
 * place less.
 *
 * @param {string} name
 * @param {any[]} args
 */
function canBeShort(name, [, bytes, offset = 0, length = bytes?.length - offset, position]) {
  if (!["readSync", "writeSync", "read", "write"].includes(name)) return false;
  if (!ArrayBuffer.isView(bytes) || length < 2) return false;
  return name.startsWith("write") || typeof position === "number";
}

/**
 * Returns the arguments of a write for about half of its bytes.
 *
 * @param {any[]} args
 */
function shortened([fd, bytes, offset = 0, length = bytes.length - offset, ...rest]) {
  return [fd, bytes, offset, length >> 1, ...rest];
}
