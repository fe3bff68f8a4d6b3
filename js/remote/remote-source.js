// A log of a server as a source of bytes, and as a log that is followed.

import { SkillLogError } from "../errors.js";
import { MARK_BYTES } from "../storage/file-mark.js";
import { dateIn, isCount } from "./answers.js";
import { FILE_HEADER, MODIFIED_HEADER, PATHS, VERSION_HEADER } from "./protocol.js";

/** @import { FollowedLog, Look, OpenedFile, Source, StoredLog, Watch } from "../storage/storage.js" */
/** @import { RemoteEvents } from "./remote-events.js" */
/** @import { Server } from "./server.js" */

/**
 * A file of a server. Each read is a request.
 *
 * @implements {Source}
 */
export class RemoteSource {
  #server;
  #query;
  #missing;
  #signal;
  #size;
  #modified = 0;
  /** @type {string | null} */
  #version = null;
  #ending = new AbortController();

  /**
   * @param {Server} server
   * @param {string} id
   * @param {object} [file]
   * @param {string} [file.identity] that of the file that is read; default: the one at the path
   * @param {number} [file.size] where the source ends; default: where the file ends
   * @param {import("../types.js").ErrorCode} [file.missing] what is thrown where the file is not there any
   *   more
   * @param {AbortSignal | undefined} [file.signal] ends reading
   */
  constructor(server, id, { identity, size, missing = "REPLACED", signal } = {}) {
    this.#server = server;
    this.#query = { id, ...(identity !== undefined && { file: identity }) };
    this.#size = size;
    this.#missing = missing;
    this.#signal = signal;
    /** @type {string | object} */
    this.identity = identity ?? this.#query;
    this.path = server.urlOf(PATHS.log, { id });
    this.name = this.path;
    if (signal?.aborted) this.#ending.abort(signal.reason);
    signal?.addEventListener("abort", this.#abort);
  }

  #abort = () => this.#ending.abort(this.#signal?.reason);

  /**
   * @template T
   * @param {Promise<T>} asked
   * @returns {Promise<T>}
   */
  async #ask(asked) {
    try {
      return await asked;
    } catch (error) {
      const isGone =
        error instanceof SkillLogError && (error.code === "NOT_FOUND" || error.code === "REPLACED");
      if (!isGone) throw error;
      throw new SkillLogError(this.#missing, `${this.name}: the file was removed or replaced`, {
        path: this.path,
      });
    }
  }

  async size() {
    if (this.#size !== undefined) return this.#size;
    const asked = { query: this.#query, signal: this.#ending.signal };
    const headers = await this.#ask(this.#server.head(PATHS.log, asked));
    const size = Number(headers.get("content-length") ?? NaN);
    const modified = Number(headers.get(MODIFIED_HEADER) ?? NaN);
    const file = headers.get(FILE_HEADER);
    const isFile = this.#query.file === undefined || this.#query.file === file;
    if (!isCount(size) || !dateIn(modified) || !isFile)
      throw this.#server.invalid("the head of a log");
    this.#modified = modified;
    this.#version = headers.get(VERSION_HEADER);
    return size;
  }

  async modified() {
    if (this.#modified === 0 && this.#size === undefined) await this.size();
    return this.#modified;
  }

  async version() {
    return this.#version;
  }

  /**
   * @param {number} offset
   * @param {Uint8Array} into
   */
  async read(offset, into) {
    const wanted = Math.max(0, Math.min(into.length, (this.#size ?? Infinity) - offset));
    let filled = 0;
    while (filled < wanted) {
      // The core's memory may move while an answer comes, so `into` is never part of it.
      const count = await this.#ask(
        this.#server.bytes(
          PATHS.log,
          this.#query,
          offset + filled,
          into.subarray(filled, wanted),
          this.#ending.signal,
        ),
      );
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }

  cancel() {
    this.#ending.abort(new SkillLogError("INTERRUPTED", `${this.name}: reading was cancelled`));
    this.#ending = new AbortController();
  }

  async close() {
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#ending.abort(new SkillLogError("CLOSED", `${this.name}: the file was closed`));
  }
}

/**
 * A log of a server. It can only be read.
 *
 * @implements {StoredLog}
 */
export class RemoteLog {
  #server;
  #id;
  #look;
  #events;

  /**
   * @param {Server} server
   * @param {string} id
   * @param {(id: string, signal?: AbortSignal) => Promise<Look | null>} look
   * @param {RemoteEvents} events
   */
  constructor(server, id, look, events) {
    this.#server = server;
    this.#id = id;
    this.#look = look;
    this.#events = events;
    this.path = server.urlOf(PATHS.log, { id });
  }

  /** @returns {never} */
  append() {
    throw new SkillLogError("READ_ONLY", "a log of a server can only be read");
  }

  /** @returns {Promise<never>} */
  async create() {
    return this.append();
  }

  /** @returns {Promise<never>} */
  async repairable() {
    return this.append();
  }

  async source() {
    const look = await this.#look(this.#id);
    return look && new RemoteSource(this.#server, this.#id, { identity: String(look.identity) });
  }

  followed() {
    return new FollowedRemoteLog(this.#server, this.#id, this.#look, this.#events);
  }

  async close() {}
}

/** @implements {FollowedLog} */
export class FollowedRemoteLog {
  #server;
  #id;
  #look;
  #events;

  /**
   * @param {Server} server
   * @param {string} id
   * @param {(id: string) => Promise<Look | null>} look
   * @param {RemoteEvents} events
   */
  constructor(server, id, look, events) {
    this.#server = server;
    this.#id = id;
    this.#look = look;
    this.#events = events;
  }

  /** @returns {Promise<OpenedFile | null>} */
  async open() {
    const look = await this.#look(this.#id);
    if (!look) return null;
    const { size } = look;
    const fileId = String(look.identity);
    // A follower takes a file that it cannot find for one that was removed.
    const options = { identity: fileId, missing: /** @type {const} */ ("NOT_FOUND") };
    const source = new RemoteSource(this.#server, this.#id, options);
    const tail = new Uint8Array(Math.min(size, MARK_BYTES));
    try {
      const count = await source.read(size - tail.length, tail);
      return { source, fileId, size, tail: tail.subarray(0, count) };
    } catch (error) {
      await source.close();
      if (error instanceof SkillLogError && error.code === "NOT_FOUND") return null;
      throw error;
    }
  }

  async fileId() {
    const look = await this.#look(this.#id);
    return look && String(look.identity);
  }

  /**
   * @param {(isMove: boolean) => void} wake
   * @returns {Watch}
   */
  watch(wake) {
    const release = this.#events.listen((id, isMove) => {
      if (id === null || id === this.#id) wake(isMove);
    });
    return { renew: () => this.#events.isConnected, close: release };
  }
}
