// A file system in memory, which remembers each change and each sync. The shipped storage runs on it
// unchanged, because functions of `node:fs` are replaced for paths below ROOT.

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/** Where the disk is. The machine has nothing there. */
export const ROOT = "/skill-log-virtual-disk";

/** The first descriptor of the disk. The machine's own ones are smaller. */
const FIRST_FD = 1_000_000;

const {
  O_ACCMODE = 3,
  O_APPEND,
  O_CREAT,
  O_EXCL,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
} = /** @type {Record<string, number>} */ (/** @type {unknown} */ (fs.constants));
const { S_IFDIR, S_IFREG } = fs.constants;

/** All times are long ago, so that nobody waits for a writer that may be at work. */
const LONG_AGO = Date.UTC(2026, 0, 1);

/** The next number of a file. The package remembers which directories it synced by their numbers. */
let inodes = 1;

const UID = process.geteuid?.() ?? 0;

/**
 * A file or a directory.
 *
 * @typedef {object} Node
 * @property {number} ino
 * @property {number} mode with its kind
 * @property {Map<string, Node> | null} names null for a file
 * @property {Buffer} bytes of a file, with room after them
 * @property {number} size
 * @property {number} links
 * @property {number} born in milliseconds since 1970, as the other times
 * @property {number} modified
 * @property {number} changed
 * @property {Buffer} first the bytes of a file when it was made
 * @property {Map<string, Node>} firstNames the names of a directory when it was made
 */

/**
 * What a look at a file or directory shows.
 *
 * @typedef {Pick<Node, "ino" | "mode" | "links" | "size" | "born" | "modified" | "changed"> &
 *   { isFile: boolean }} Look
 */

/**
 * What happened: bytes were written, or names of a directory changed in one step, or a sync ended
 * that covers the events before `through`. Notes are the caller's.
 *
 * @typedef {{ kind: "write", node: Node, offset: number, bytes: Buffer }
 *   | { kind: "names", node: Node, changes: [string, Node | null][] }
 *   | { kind: "sync", node: Node, through: number }
 *   | { kind: "note", note: any }} Event
 */

const MESSAGES = {
  EBADF: "bad file descriptor",
  EEXIST: "file already exists",
  EISDIR: "illegal operation on a directory",
  ENOENT: "no such file or directory",
  ENOTDIR: "not a directory",
  ENOTEMPTY: "directory not empty",
};

/**
 * @param {keyof typeof MESSAGES} code
 * @param {string} syscall
 * @param {string} [path]
 */
function failure(code, syscall, path) {
  const place = path === undefined ? "" : ` '${path}'`;
  // A stack takes longer than all else here, and nobody reads it.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error(`${code}: ${MESSAGES[code]}, ${syscall}${place}`);
  Error.stackTraceLimit = stackTraceLimit;
  return Object.assign(error, { code, syscall, ...(path !== undefined && { path }) });
}

/** What the system says of a file or directory. */
export class Stat {
  #isFile;
  #look;

  /** @param {Look} node */
  constructor(node) {
    this.#look = node;
    this.#isFile = node.isFile;
    this.dev = 7;
    this.ino = node.ino;
    this.mode = node.mode;
    this.nlink = node.links;
    this.uid = UID;
    this.gid = 0;
    this.size = node.size;
    this.birthtimeMs = node.born;
    this.mtimeMs = node.modified;
    this.ctimeMs = node.changed;
  }

  get look() {
    return this.#look;
  }

  isFile() {
    return this.#isFile;
  }

  isDirectory() {
    return !this.#isFile;
  }

  isSymbolicLink() {
    return false;
  }
}

/** The same in BigInts. */
class BigStat extends Stat {
  /** @param {Look} node */
  constructor(node) {
    super(node);
    const nanoseconds = (/** @type {number} */ at) => BigInt(at) * 1_000_000n;
    Object.assign(this, {
      dev: 7n,
      ino: BigInt(node.ino),
      nlink: BigInt(node.links),
      size: BigInt(node.size),
      birthtimeNs: nanoseconds(node.born),
      mtimeNs: nanoseconds(node.modified),
      ctimeNs: nanoseconds(node.changed),
    });
  }
}

/**
 * @param {Node} node
 * @returns {Look}
 */
function lookAt({ ino, mode, links, size, born, modified, changed, names }) {
  return { ino, mode, links, size, born, modified, changed, isFile: names === null };
}

/**
 * @param {Look} look
 * @param {boolean} isBig
 */
export function statOf(look, isBig) {
  return isBig ? new BigStat(look) : new Stat(look);
}

/** Files and directories in memory, with what happened to them. */
export class VirtualDisk {
  #time = LONG_AGO;
  #fds = FIRST_FD;
  /** @type {Map<number, { node: Node, flags: number }>} */
  #open = new Map();
  /** @type {Event[]} */
  events = [];
  root = this.#made(S_IFDIR | 0o700);

  /** How many descriptors are open. */
  get openCount() {
    return this.#open.size;
  }

  /** @param {number} mode with its kind */
  #made(mode) {
    const time = this.#time++;
    /** @type {Node} */
    const node = {
      ino: inodes++,
      mode,
      names: (mode & S_IFDIR) === S_IFDIR ? new Map() : null,
      bytes: Buffer.alloc(0),
      size: 0,
      links: 0,
      born: time,
      modified: time,
      changed: time,
      first: Buffer.alloc(0),
      firstNames: new Map(),
    };
    return node;
  }

  /**
   * Puts a file that is on the disk from the start. Makes its directories.
   *
   * @param {string} path below ROOT
   * @param {Uint8Array} bytes
   */
  put(path, bytes) {
    const names = path.split("/");
    const name = /** @type {string} */ (names.pop());
    const dir = this.putDirectory(names);
    const node = this.#made(S_IFREG | 0o600);
    node.bytes = Buffer.from(bytes);
    node.first = Buffer.from(bytes);
    node.size = bytes.length;
    node.links = 1;
    dir.names?.set(name, node);
    dir.firstNames.set(name, node);
  }

  /** @param {string[]} names of a directory, from the root on */
  putDirectory(names) {
    let dir = this.root;
    for (const name of names) {
      let node = dir.names?.get(name);
      if (!node) {
        node = this.#made(S_IFDIR | 0o700);
        dir.names?.set(name, node);
        dir.firstNames.set(name, node);
      }
      dir = node;
    }
    return dir;
  }

  /**
   * Returns the bytes of a file.
   *
   * @param {string} path below ROOT
   * @returns {Buffer | null} null where there is none
   */
  bytesOf(path) {
    const node = this.#at(`${ROOT}/${path}`);
    return node && !node.names ? node.bytes.subarray(0, node.size) : null;
  }

  /** Forgets what happened: all is on the disk from the start. */
  settle() {
    const settle = (/** @type {Node} */ node) => {
      node.first = Buffer.from(node.bytes.subarray(0, node.size));
      if (!node.names) return;
      node.firstNames = new Map(node.names);
      for (const each of node.names.values()) settle(each);
    };
    settle(this.root);
    this.events = [];
  }

  /** @param {any} note */
  note(note) {
    this.events.push({ kind: "note", note });
  }

  /**
   * Returns the file or directory of a call: of its descriptor, or of its path.
   *
   * @param {unknown} fdOrPath
   * @returns {Node | null} null where there is none
   */
  nodeOf(fdOrPath) {
    if (typeof fdOrPath === "number") return this.#open.get(fdOrPath)?.node ?? null;
    return this.#at(String(fdOrPath));
  }

  /** @param {string} path */
  #at(path) {
    /** @type {Node | undefined} */
    let node = this.root;
    for (const name of path.slice(ROOT.length).split("/")) {
      if (name === "") continue;
      node = node?.names?.get(name);
      if (!node) return null;
    }
    return node;
  }

  /**
   * @param {string} path
   * @param {string} syscall
   */
  #parent(path, syscall) {
    const at = path.replace(/\/+$/, "").lastIndexOf("/");
    const dir = this.#at(path.slice(0, at));
    if (!dir) throw failure("ENOENT", syscall, path);
    if (!dir.names) throw failure("ENOTDIR", syscall, path);
    return { dir, names: dir.names, name: path.replace(/\/+$/, "").slice(at + 1) };
  }

  /**
   * Changes names of a directory in one step.
   *
   * @param {Node} dir
   * @param {[string, Node | null][]} changes
   */
  #rename(dir, changes) {
    const names = /** @type {Map<string, Node>} */ (dir.names);
    const time = this.#time++;
    for (const [name, node] of changes) {
      const before = names.get(name);
      if (before) {
        before.links -= 1;
        before.changed = time;
      }
      if (node) {
        node.links += 1;
        node.changed = time;
        names.set(name, node);
      } else names.delete(name);
    }
    dir.modified = dir.changed = time;
    this.events.push({ kind: "names", node: dir, changes });
  }

  /**
   * @param {number} fd
   * @param {string} syscall
   */
  #opened(fd, syscall) {
    const opened = this.#open.get(fd);
    if (!opened) throw failure("EBADF", syscall);
    return opened;
  }

  /**
   * @param {string} path
   * @param {number | string} [how]
   * @param {number} [mode]
   */
  openSync(path, how = O_RDONLY, mode = 0o666) {
    const flags =
      typeof how === "number"
        ? how
        : { r: O_RDONLY, wx: O_WRONLY | O_CREAT | O_EXCL, w: O_WRONLY | O_CREAT | O_TRUNC }[how];
    if (flags === undefined) throw new Error(`the virtual disk does not know the flag ${how}`);
    let node = this.#at(path);
    if (!node) {
      const { dir, name } = this.#parent(path, "open");
      if (!(flags & O_CREAT)) throw failure("ENOENT", "open", path);
      node = this.#made(S_IFREG | (mode & 0o777));
      this.#rename(dir, [[name, node]]);
    } else if (flags & O_CREAT && flags & O_EXCL) throw failure("EEXIST", "open", path);
    if (node.names && flags & O_ACCMODE) throw failure("EISDIR", "open", path);
    if (flags & O_TRUNC && node.size > 0) throw new Error("the virtual disk cuts no file");
    const fd = this.#fds++;
    this.#open.set(fd, { node, flags });
    return fd;
  }

  /** @param {number} fd */
  closeSync(fd) {
    this.#opened(fd, "close");
    this.#open.delete(fd);
  }

  /**
   * @param {number} fd
   * @param {{ bigint?: boolean }} [options]
   */
  fstatSync(fd, options) {
    return statOf(lookAt(this.#opened(fd, "fstat").node), options?.bigint === true);
  }

  /**
   * @param {string} path
   * @param {{ bigint?: boolean, throwIfNoEntry?: boolean }} [options]
   */
  lstatSync(path, options) {
    const node = this.#at(path);
    if (node) return statOf(lookAt(node), options?.bigint === true);
    if (options?.throwIfNoEntry === false) return undefined;
    throw failure("ENOENT", "lstat", path);
  }

  /**
   * @param {string} path
   * @param {{ bigint?: boolean, throwIfNoEntry?: boolean }} [options]
   */
  statSync(path, options) {
    return this.lstatSync(path, options);
  }

  /** @param {string} path */
  existsSync(path) {
    return this.#at(path) !== null;
  }

  /** @param {string} path */
  accessSync(path) {
    if (!this.existsSync(path)) throw failure("ENOENT", "access", path);
  }

  /** @param {string} path */
  realpathSync(path) {
    return path;
  }

  /**
   * @param {number} fd
   * @param {Uint8Array} into
   * @param {number} [from]
   * @param {number} [length]
   * @param {number} [position]
   */
  readSync(fd, into, from = 0, length = into.length - from, position = 0) {
    const { node } = this.#opened(fd, "read");
    if (node.names) throw failure("EISDIR", "read");
    const count = Math.max(0, Math.min(length, node.size - position));
    into.set(node.bytes.subarray(position, position + count), from);
    return count;
  }

  /**
   * @param {number} fd
   * @param {Uint8Array} bytes
   * @param {number} [from]
   * @param {number} [length]
   * @param {number | null} [position]
   */
  writeSync(fd, bytes, from = 0, length = bytes.length - from, position = null) {
    const { node, flags } = this.#opened(fd, "write");
    // The only writers without append mode and without a position write a new copy from its start.
    const offset = flags & O_APPEND || position === null ? node.size : position;
    this.write(node, offset, Buffer.from(bytes.subarray(from, from + length)));
    return length;
  }

  /**
   * @param {Node} node
   * @param {number} offset
   * @param {Buffer} bytes
   */
  write(node, offset, bytes) {
    const end = offset + bytes.length;
    if (end > node.bytes.length) {
      const longer = Buffer.alloc(Math.max(2 * end, 1024));
      node.bytes.copy(longer, 0, 0, node.size);
      node.bytes = longer;
    }
    bytes.copy(node.bytes, offset);
    node.size = Math.max(node.size, end);
    node.modified = node.changed = this.#time++;
    this.events.push({ kind: "write", node, offset, bytes });
  }

  /** @param {number} fd */
  fsyncSync(fd) {
    const { node } = this.#opened(fd, "fsync");
    this.events.push({ kind: "sync", node, through: this.events.length });
  }

  /**
   * Syncs what was written before the call, and ends later.
   *
   * @param {number} fd
   * @param {(error: unknown) => void} done
   */
  fdatasync(fd, done) {
    const { node } = this.#opened(fd, "fdatasync");
    const through = this.events.length;
    setImmediate(() => {
      this.events.push({ kind: "sync", node, through });
      done(null);
    });
  }

  /**
   * @param {string} from
   * @param {string} to
   */
  renameSync(from, to) {
    const old = this.#parent(from, "rename");
    const next = this.#parent(to, "rename");
    const node = old.names.get(old.name);
    if (!node) throw failure("ENOENT", "rename", from);
    if (old.dir !== next.dir) throw new Error("the virtual disk renames within a directory only");
    this.#rename(old.dir, [
      [next.name, node],
      [old.name, null],
    ]);
  }

  /** @param {string} path */
  unlinkSync(path) {
    const { dir, names, name } = this.#parent(path, "unlink");
    const node = names.get(name);
    if (!node) throw failure("ENOENT", "unlink", path);
    if (node.names) throw failure("EISDIR", "unlink", path);
    this.#rename(dir, [[name, null]]);
  }

  /**
   * @param {string} path
   * @param {{ force?: boolean }} [options]
   */
  rmSync(path, options) {
    if (options?.force && !this.existsSync(path)) return;
    this.unlinkSync(path);
  }

  /**
   * @param {string} from
   * @param {string} to
   */
  linkSync(from, to) {
    const { dir, names, name } = this.#parent(to, "link");
    const node = this.#at(from);
    if (!node) throw failure("ENOENT", "link", from);
    if (names.has(name)) throw failure("EEXIST", "link", to);
    this.#rename(dir, [[name, node]]);
  }

  /**
   * @param {string} path
   * @param {{ mode?: number, recursive?: boolean }} [options]
   */
  mkdirSync(path, { mode = 0o777, recursive = false } = {}) {
    if (this.existsSync(path)) {
      if (recursive) return;
      throw failure("EEXIST", "mkdir", path);
    }
    if (recursive) this.mkdirSync(path.slice(0, path.lastIndexOf("/")), { mode, recursive });
    const { dir, name } = this.#parent(path, "mkdir");
    this.#rename(dir, [[name, this.#made(S_IFDIR | (mode & 0o777))]]);
  }

  /** @param {string} path */
  readdirSync(path) {
    const node = this.#at(path);
    if (!node) throw failure("ENOENT", "scandir", path);
    if (!node.names) throw failure("ENOTDIR", "scandir", path);
    return [...node.names.keys()];
  }

  /**
   * @param {string} path
   * @param {number} mode
   */
  chmodSync(path, mode) {
    const node = this.#at(path);
    if (!node) throw failure("ENOENT", "chmod", path);
    this.#setMode(node, mode);
  }

  /**
   * @param {number} fd
   * @param {number} mode
   */
  fchmodSync(fd, mode) {
    this.#setMode(this.#opened(fd, "fchmod").node, mode);
  }

  /**
   * @param {Node} node
   * @param {number} mode
   */
  #setMode(node, mode) {
    node.mode = (node.mode & ~0o7777) | mode;
    node.changed = this.#time++;
  }

  /** @param {number} fd */
  fchownSync(fd) {
    this.#opened(fd, "fchown");
  }
}

/** The functions of `node:fs` whose first argument is a path, and those whose first is a descriptor. */
const BY_PATH = /** @type {const} */ ([
  "openSync",
  "lstatSync",
  "statSync",
  "existsSync",
  "accessSync",
  "realpathSync",
  "renameSync",
  "unlinkSync",
  "rmSync",
  "linkSync",
  "mkdirSync",
  "readdirSync",
  "chmodSync",
]);
const BY_FD = /** @type {const} */ ([
  "closeSync",
  "fstatSync",
  "readSync",
  "writeSync",
  "fsyncSync",
  "fdatasync",
  "fchmodSync",
  "fchownSync",
]);

/**
 * What does the calls for paths below ROOT, and for descriptors of the disk.
 *
 * @typedef {Record<(typeof BY_PATH)[number] | (typeof BY_FD)[number], (...args: any[]) => any>} Calls
 */

/**
 * Replaces functions of `node:fs` in this thread, until the returned function is called.
 *
 * @param {() => Calls} calls returns the disk of the moment
 * @returns {() => void}
 */
export function replaceFs(calls) {
  const real = /** @type {any} */ ({ ...fs });
  const realPromises = { ...fs.promises };
  const isBelow = (/** @type {unknown} */ path) =>
    (typeof path === "string" || Buffer.isBuffer(path)) &&
    (String(path) === ROOT || String(path).startsWith(`${ROOT}/`));
  /** @type {Record<string, (...args: any[]) => any>} */
  const replaced = {};
  for (const name of BY_PATH)
    replaced[name] = (path, ...rest) =>
      isBelow(path) ? calls()[name](String(path), ...rest) : real[name](path, ...rest);
  for (const name of BY_FD)
    replaced[name] = (fd, ...rest) =>
      fd >= FIRST_FD ? calls()[name](fd, ...rest) : real[name](fd, ...rest);
  replaced.read = (fd, into, from, length, position, done) => {
    if (fd < FIRST_FD) return real.read(fd, into, from, length, position, done);
    let count = 0;
    try {
      count = calls().readSync(fd, into, from, length, position);
    } catch (error) {
      queueMicrotask(() => done(error));
      return;
    }
    queueMicrotask(() => done(null, count));
  };
  // The system reports no changes on this disk, and followers look again and again.
  replaced.watch = (path, ...rest) => {
    if (!isBelow(path)) return real.watch(path, ...rest);
    throw failure("ENOENT", "watch", String(path));
  };
  Object.assign(fs, replaced);
  Object.assign(fs.promises, {
    mkdir: async (/** @type {any} */ path, /** @type {any} */ options) =>
      isBelow(path) ? calls().mkdirSync(path, options) : realPromises.mkdir(path, options),
    rename: async (/** @type {any} */ from, /** @type {any} */ to) =>
      isBelow(from) ? calls().renameSync(from, to) : realPromises.rename(from, to),
    rm: async (/** @type {any} */ path, /** @type {any} */ options) =>
      isBelow(path) ? calls().rmSync(path, options) : realPromises.rm(path, options),
    async writeFile(/** @type {any} */ path, /** @type {any} */ bytes, /** @type {any} */ options) {
      if (!isBelow(path)) return realPromises.writeFile(path, bytes, options);
      const fd = calls().openSync(path, options.flag, options.mode);
      try {
        // In pieces, as Node writes large files.
        const half = Math.ceil(bytes.length / 2);
        for (const piece of [bytes.subarray(0, half), bytes.subarray(half)])
          calls().writeSync(fd, piece, 0, piece.length, null);
      } finally {
        calls().closeSync(fd);
      }
    },
  });
  syncBuiltinESMExports();
  return () => {
    for (const name of Object.keys(replaced)) /** @type {any} */ (fs)[name] = real[name];
    const { mkdir, rename, rm, writeFile } = realPromises;
    Object.assign(fs.promises, { mkdir, rename, rm, writeFile });
    syncBuiltinESMExports();
  };
}
