import type { FollowedLog } from "../following/follower.js";
import type { AppendOptions, FetchFunction, SessionInfo, WorkerOptions } from "../types.js";
import type { Step, Stretches } from "./overwriting.js";
import type { Source } from "./chunks.js";

/** What a platform does for logs: `#storage` is one of these. */
export interface Storage {
  /** Gives the log of a session, at once and without a look at the files. Throws where `dir` is no directory's name. */
  storedLog(dir: unknown, sessionId: string, options: StorageOptions): StoredLog;
  /** Gives any file, to be read. Rejects where there is none; `signal` ends looking for it. */
  openFile(source: unknown, options: StorageOptions, signal?: AbortSignal): Promise<ReadableFile>;
  /** Gives the logs in a directory, newest first; none where there is no directory. */
  listLogs(dir: unknown): Promise<SessionInfo[]>;
  /** Removes a log and what was saved of its damage, and tells whether there was one. */
  removeLog(dir: unknown, sessionId: string): Promise<boolean>;
}

/** What a storage may need of a log's options. */
export type StorageOptions = WorkerOptions & HttpOptions;

/** How a server is asked for a log. */
export interface HttpOptions {
  /** Checked; sent with each request. */
  headers?: Record<string, string>;
  /** In the place of the platform's. */
  fetch?: FetchFunction;
}

/** One session's log in a directory. */
export interface StoredLog {
  /** Of its file, where files have paths that others know. */
  path?: string;
  /**
   * Appends lines, before which a line end stands for a file that does not end in one. They are a view that is good until the
   * call returns. Gives the bytes written.
   */
  append(lines: Uint8Array, options: Required<AppendOptions>): number | Promise<number>;
  /** Opens the log to read; null where there is none. */
  source(): Promise<Source | null>;
  followed(): FollowedLog;
  /** Opens what repair needs; null where there is no log. */
  repairable(): Promise<RepairedFile | null>;
  /** Ends what goes on. */
  close(): Promise<void>;
}

/** A file that can only be read. */
export interface ReadableFile {
  /** Where it is, where others know it by that. */
  path?: string;
  /** Opens it; `signal` ends whatever may take long until it is closed. */
  open(signal?: AbortSignal): Promise<Source>;
  /** null where what is read is a snapshot. */
  followed: FollowedLog | null;
}

/** A log that is repaired in place, and the file that keeps what is overwritten. */
export interface RepairedFile {
  source: Source;
  /** Names what the damaged bytes are saved to. */
  savedPath: string;
  /** Gives when the log was changed last, in milliseconds since 1970. */
  modified(): Promise<number>;
  /** Ends the last line as an append does, and tells whether it did: not where the log was changed since. */
  seal(end: number, modified: number): Promise<boolean>;
  /** Saves bytes of the log, as a line of JSON. They are a view that is good until the call returns. */
  save(offset: number, kind: string, bytes: Uint8Array): void | Promise<void>;
  /** Brings to the disk what was saved. Nothing may be overwritten before. */
  syncSaved(): void | Promise<void>;
  /**
   * Does a step of overwriting. Gives the sum of the bytes that stand there then; null where others have changed them since
   * they were looked at, and nothing was overwritten.
   */
  overwrite(stretches: Stretches, step: Step): number | null | Promise<number | null>;
  /** Brings to the disk what was overwritten: before the next step. */
  sync(): void | Promise<void>;
  /** Throws where saving, or a rewrite, would be refused because of what stands in its way: to be called before anything is changed. */
  checkPlaces?(isSaved: boolean, isRewritten: boolean): void;
  /** Replaces the file by one with line ends put in before the bytes at rising offsets. */
  insertNewlines(offsets: number[]): Promise<void>;
  close(): Promise<void>;
}
