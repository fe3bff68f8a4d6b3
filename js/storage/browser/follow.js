// A file behind a handle that is followed, and what tells of its changes.

import { CHANNEL } from "./exclusive-file.js";
import { handleSource } from "./source.js";

/** @import { FollowedLog, OpenedFile, Watch } from "../storage.js" */

/** How long an append waits for those who begin to follow, in milliseconds, at most. */
const LONGEST_OPENING = 250;

/**
 * What is being opened to be followed, perhaps from its end, and its path.
 *
 * @type {Map<Promise<unknown>, string>}
 */
const opening = new Map();

/**
 * Waits for ends that were asked for before: what this thread appends then comes behind them.
 *
 * @param {string} path below the root of OPFS
 */
export async function endsTaken(path) {
  const ends = [...opening].flatMap(([end, of]) => (isEndOf(of, path) ? [end] : []));
  if (ends.length === 0) return;
  let timer;
  const late = new Promise((done) => (timer = setTimeout(done, LONGEST_OPENING)));
  await Promise.race([Promise.allSettled(ends), late]);
  clearTimeout(timer);
}

/**
 * Tells whether a file may be the one of a path: one that a handle leads to knows only the end of its own.
 *
 * @param {string} end
 * @param {string} path below the root of OPFS
 */
function isEndOf(end, path) {
  return `/${path}`.endsWith(`/${end}`);
}

/** @implements {FollowedLog} */
export class FollowedHandle {
  #find;
  #path;
  #identity;

  /**
   * @param {() => Promise<FileSystemFileHandle | null>} find gives the file's handle, null where there is no file
   * @param {string} path below the root of OPFS; or its name elsewhere
   * @param {() => Promise<string | object>} identity
   */
  constructor(find, path, identity) {
    this.#find = find;
    this.#path = path;
    this.#identity = identity;
  }

  /** @returns {Promise<OpenedFile | null>} */
  open() {
    const opened = this.#open();
    opening.set(opened, this.#path);
    const forget = () => opening.delete(opened);
    opened.then(forget, forget);
    return opened;
  }

  /** @returns {Promise<OpenedFile | null>} */
  async #open() {
    const handle = await this.#find();
    const source =
      handle &&
      (await handleSource(handle, this.#path, await this.#identity(), { isFollowed: true }));
    if (!source) return null;
    const { size } = source.snapshot;
    return { source, fileId: this.#path, size, tail: (await source.mark()).bytes };
  }

  /** Gives the path where there is a file: one that took the place of another is told by its bytes. */
  async fileId() {
    return (await this.#find()) && this.#path;
  }

  /** @param {(isMove: boolean) => void} wake */
  watch(wake) {
    return new HandleWatch(this.#find, this.#path, wake);
  }
}

function openChannel() {
  try {
    return new BroadcastChannel(CHANNEL);
  } catch {
    return null;
  }
}

/** @implements {Watch} */
class HandleWatch {
  #find;
  #wake;
  /** null where none is to be had: then the file is looked at often. */
  #channel = openChannel();
  /** @type {FileSystemObserver | null} */
  #observer = null;

  /**
   * @param {() => Promise<FileSystemFileHandle | null>} find
   * @param {string} path
   * @param {(isMove: boolean) => void} wake
   */
  constructor(find, path, wake) {
    this.#find = find;
    this.#wake = wake;
    this.#channel?.addEventListener("message", ({ data }) => {
      // One that is woken for another file finds nothing new.
      if (isEndOf(path, data)) wake(false);
    });
  }

  renew() {
    if (!this.#observer && typeof FileSystemObserver === "function") {
      this.#observer = new FileSystemObserver(() => this.#wake(false));
      this.#observe(this.#observer);
    }
    return this.#channel !== null;
  }

  /** @param {FileSystemObserver} observer */
  async #observe(observer) {
    try {
      const handle = await this.#find();
      if (!handle) throw new Error("no file yet");
      await observer.observe(handle);
      // Closed meanwhile.
      if (observer !== this.#observer) observer.disconnect();
    } catch {
      // Tried again at the next look, which is in a moment.
      if (observer === this.#observer) this.#observer = null;
    }
  }

  close() {
    this.#channel?.close();
    this.#observer?.disconnect();
    this.#observer = null;
  }
}
