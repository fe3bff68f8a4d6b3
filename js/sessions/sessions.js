import { checkMaker, failing, invalidArgument, OWN, SkillLogError } from "../errors.js";
import { followLogs } from "../following/logs-follower.js";
import { checkOptions } from "../options.js";
import { followedDirectory } from "#storage";

/** @import { Directory, FollowLogsOptions, InputAs, InputOf, IntegerOf, Integers, SessionRecord, SessionsOptions } from "../types.js" */
/** @import { FollowedDirectoryOptions } from "../storage/storage.js" */

const OPEN_OPTIONS = ["recursive", "links"];

/**
 * The logs of a directory, as one.
 *
 * @template [Input=any] your type of `input`
 * @template {string} [Status=string] your type of `final_status`
 */
export class Sessions {
  #dir;
  #options;
  /** @type {Set<{ close(): void }>} those that have not ended */
  #followers = new Set();
  #isClosed = false;

  /**
   * Use `Sessions.open`.
   *
   * @param {symbol} maker
   * @param {unknown} dir
   * @param {SessionsOptions} options
   * @internal
   */
  constructor(maker, dir, options) {
    checkMaker(maker, "Sessions", "Sessions.open");
    this.#dir = dir;
    this.#options = options;
  }

  /**
   * Opens a directory of logs.
   *
   * @template [Input=any]
   * @template {string} [Status=string]
   * @param {Directory} dir
   * @param {SessionsOptions} [options]
   * @returns {Promise<Sessions<Input, Status>>}
   */
  static async open(dir, options) {
    const { recursive = false, links = false } = checkOptions(options, OPEN_OPTIONS);
    for (const [name, value] of Object.entries({ recursive, links }))
      if (typeof value !== "boolean")
        throw invalidArgument(`options.${name}`, value, "true or false");
    followedDirectory(dir, {});
    return new Sessions(OWN, dir, { recursive, links });
  }

  /**
   * Returns the entries of all logs, then the entries that any process appends to any log, also to
   * new logs. Returns each once, and the entries of each log in the order of its file. Never ends
   * by itself.
   *
   * What happens to a file is noticed as `SessionLog.follow` notices it. A file that is renamed to
   * another log goes on there, and a file that has two names is followed by one of them. At most 64
   * files are open at once. A log that was quiet while others grew is not open: entries may be
   * missed that are appended less than a moment before it is removed.
   *
   * @template {InputAs} [As=InputAs]
   * @template {Integers} [I=Integers]
   * @param {FollowLogsOptions<As, I>} [options]
   * @returns {AsyncGenerator<SessionRecord<InputOf<As, Input>, Status, IntegerOf<I>>, void, void>}
   * @throws {SkillLogError} from a step, and never from the call: `INVALID_ARGUMENT`, `CLOSED`;
   *   `IO_ERROR` when the directory cannot be listed
   */
  follow(options) {
    if (this.#isClosed)
      return failing(
        new SkillLogError("CLOSED", "the sessions were closed: open them again to go on"),
      );
    const open = (/** @type {FollowedDirectoryOptions} */ some) =>
      followedDirectory(this.#dir, { ...this.#options, ...some });
    return /** @type {AsyncGenerator<any>} */ (followLogs(open, options, this.#followers));
  }

  /**
   * Closes the sessions, and ends what follows them.
   *
   * @returns {Promise<void>}
   */
  async close() {
    this.#isClosed = true;
    for (const follower of this.#followers) follower.close();
  }

  /** Closes the sessions at the end of an `await using` block. */
  async [Symbol.asyncDispose]() {
    await this.close();
  }
}
