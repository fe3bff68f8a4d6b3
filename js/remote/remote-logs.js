// The logs of a server, as `Sessions` uses them.

import { EMPTY_REPORT } from "../damage/verify.js";
import { nameOfUrl } from "../storage/message-secrets.js";
import { Answers, isName } from "./answers.js";
import { PATHS } from "./protocol.js";
import { lookAt, RemoteDirectory } from "./remote-directory.js";
import { RemoteEvents } from "./remote-events.js";
import { RemoteIndex } from "./remote-index.js";
import { RemoteLog } from "./remote-source.js";
import { Server } from "./server.js";

/** @import { ProgressOptions, SessionReport, SessionSummary, VerifyManyOptions } from "../types.js" */
/** @import { HttpOptions } from "../storage/storage.js" */

export class RemoteLogs {
  #server;
  /** @type {Answers} */
  #answers;
  #events;

  /**
   * @param {URL} url
   * @param {HttpOptions} options
   */
  constructor(url, options) {
    this.#server = new Server(url, options);
    this.#answers = new Answers(this.#server);
    this.#events = new RemoteEvents(this.#server);
    this.path = nameOfUrl(url);
  }

  /** No log is scanned here. */
  openToScan() {
    return null;
  }

  /** @param {string} id */
  storedLog(id) {
    const look = (/** @type {string} */ id, /** @type {AbortSignal | undefined} */ signal) =>
      lookAt(this.#server, this.#answers, id, signal);
    return new RemoteLog(this.#server, id, look, this.#events);
  }

  /** @param {ReadonlySet<string>} [ids] */
  followed(ids) {
    return new RemoteDirectory(this.#server, this.#answers, this.#events, ids);
  }

  /**
   * @param {ProgressOptions} options
   * @returns {AsyncGenerator<SessionSummary, void, void>}
   */
  async *list({ signal, onProgress }) {
    let bytes = 0;
    for await (const sent of this.#server.lines(PATHS.sessions, { signal })) {
      const summary = this.#answers.summary(sent);
      bytes += summary.bytes;
      yield summary;
      signal?.throwIfAborted();
    }
    onProgress?.({ bytes, total: bytes });
  }

  /**
   * Returns the logs of an index.
   *
   * @param {ReadonlySet<string> | undefined} ids
   * @param {((error: unknown, id: string) => void) | undefined} onFailure
   */
  indexed(ids, onFailure) {
    return new RemoteIndex(this.#server, this.#answers, ids, onFailure);
  }

  /**
   * Has the server read all logs.
   *
   * @param {Omit<VerifyManyOptions, "ids"> & { ids?: ReadonlySet<string> | undefined }} options
   * @returns {Promise<SessionReport[]>} by session id
   */
  async verify({ ids, signal, onProgress, onDamage, onFailure }) {
    const query = this.#server.naming(PATHS.reports, ids);
    /** @type {SessionReport[]} */
    const reports = [];
    const lines = this.#server.lines(PATHS.reports, { query, signal });
    for (;;) {
      const { value, done } = await lines.next();
      if (done) {
        for (const failure of Array.isArray(value?.failures) ? value.failures : []) {
          this.#answers.check(isName(failure?.id), "a failure");
          if (ids && !ids.has(failure.id)) continue;
          const error = this.#server.errorOf(failure);
          if (!onFailure) throw error;
          onFailure(error, failure.id);
        }
        break;
      }
      const report = this.#answers.report(value);
      if (ids && !ids.has(report.session)) continue;
      if (onDamage) {
        report.damage.forEach(onDamage);
        report.damage = EMPTY_REPORT.damage.slice();
      }
      reports.push(/** @type {SessionReport} */ (report));
    }
    const bytes = reports.reduce((sum, report) => sum + report.bytes, 0);
    onProgress?.({ bytes, total: bytes });
    return reports.sort((one, other) => (one.session < other.session ? -1 : 1));
  }

  /** Ends all requests. */
  close() {
    this.#server.close();
  }
}
