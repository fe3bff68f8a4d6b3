// Follows a file by its handle, and watches for changes.

import { MARK_BYTES } from "../file-mark.js";
import { tailOf } from "../joined-source.js";
import { CHANNEL } from "./exclusive-file.js";
import { disconnect, observe } from "./observing.js";
import { handleSource } from "./source.js";
import { FOLLOWERS_WAIT } from "./waits.js";

/** @import { FollowedLog, OpenedFile, Source, Watch } from "../storage.js" */
/** @import { SessionFolder } from "./session-folder.js" */

/**
 * The starts of followers, perhaps from an end, and whether a file is followed.
 *
 * @type {Map<Promise<unknown>, (path: string) => boolean>}
 */
const starting = new Map();

/**
 * Lets appends in this thread wait until a follower has started.
 *
 * @template T
 * @param {Promise<T>} start
 * @param {(path: string) => boolean} isFollowed whether the file of a path below the root of OPFS
 *   may be followed
 */
export function whileStarting(start, isFollowed) {
  starting.set(start, isFollowed);
  const forget = () => starting.delete(start);
  start.then(forget, forget);
  return start;
}

/**
 * Waits for followers in this thread that are starting. So what this thread appends next comes
 * after the end that they start from.
 *
 * @param {string} path below the root of OPFS
 */
export async function followersStarted(path) {
  const ends = [...starting].flatMap(([end, isFollowed]) => (isFollowed(path) ? [end] : []));
  if (ends.length === 0) return;
  let timer;
  const late = new Promise((done) => (timer = setTimeout(done, FOLLOWERS_WAIT)));
  await Promise.race([Promise.allSettled(ends), late]);
  clearTimeout(timer);
}

/**
 * Tells whether a followed file may be the file of a path. A file that was opened by a handle knows
 * only the end of its path.
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
  #openSource;
  #isThere;

  /**
   * @param {() => Promise<FileSystemFileHandle | null>} find finds the file's handle; null when
   *   there is no file
   * @param {string} path below the root of OPFS; outside OPFS the file's name
   * @param {() => Promise<Source | null>} openSource
   * @param {() => Promise<unknown>} [isThere] whether there is something to follow; default: a file
   */
  constructor(find, path, openSource, isThere = find) {
    this.#find = find;
    this.#path = path;
    this.#openSource = openSource;
    this.#isThere = isThere;
  }

  /** @returns {Promise<OpenedFile | null>} */
  open() {
    return whileStarting(this.#open(), (path) => isEndOf(this.#path, path));
  }

  /** @returns {Promise<OpenedFile | null>} */
  async #open() {
    const source = await this.#openSource();
    if (!source) return null;
    try {
      const size = await source.size();
      const tail = await tailOf(source, size, MARK_BYTES);
      return { source, fileId: this.#path, size, tail };
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  /** Returns the path when there is a file. A replaced file is noticed by its bytes. */
  async fileId() {
    return (await this.#isThere()) ? this.#path : null;
  }

  /** @param {(isMove: boolean) => void} wake */
  watch(wake) {
    return new HandleWatch(this.#find, this.#path, wake);
  }
}

/**
 * Follows the session of a log.
 *
 * @param {SessionFolder} folder
 * @param {string} log its path below the directory
 * @param {string} path below the root of OPFS; outside OPFS the file's name
 */
export function followedSession(folder, log, path) {
  return new FollowedHandle(
    () => folder.handle(log),
    path,
    () => folder.open(log),
    () => folder.isThere(log),
  );
}

/**
 * Follows the file of a handle.
 *
 * @param {FileSystemFileHandle} handle
 * @param {string} path
 */
export function followedHandle(handle, path) {
  return new FollowedHandle(
    async () => handle,
    path,
    () => handleSource(handle, path, handle, { isFollowed: true }),
  );
}

export function openChannel() {
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
  /** null if the browser has none; the file is then polled more often. */
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
      // A follower that was woken for another file finds nothing new.
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
      await observe(observer, handle);
      // The watch was closed meanwhile.
      if (observer !== this.#observer) disconnect(observer);
    } catch {
      // `renew` tries again at the next poll.
      if (observer === this.#observer) this.#observer = null;
    }
  }

  close() {
    this.#channel?.close();
    disconnect(this.#observer);
    this.#observer = null;
  }
}
