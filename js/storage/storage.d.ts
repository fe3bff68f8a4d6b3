// The contract between a platform's files and the package above them: all the types that both sides
// know.

import type {
  AppendOptions,
  Damage,
  FetchFunction,
  PlainBytes,
  Report,
  SessionInfo,
  WorkerOptions,
} from "../types.js";

/** A platform's file access for logs: the module that `#storage` names. */
export interface Storage {
  /**
   * Returns the log of a session without looking at any file. Throws when `dir` cannot name a
   * directory.
   */
  storedLog(dir: unknown, sessionId: string, options: StorageOptions): StoredLog;
  /**
   * Opens any file to read it. Rejects when there is no such file. `signal` ends the search for it.
   */
  openFile(source: unknown, options: StorageOptions, signal?: AbortSignal): Promise<ReadableFile>;
  /** Returns many logs without looking at any file. Throws when `source` cannot name logs. */
  storedLogs(source: unknown, options: StoredLogsOptions): StoredLogs | Promise<StoredLogs>;
  /** Returns how many processors there are. */
  processors(): number;
  /** How one log is read in several threads; null where `Source.scan` leaves it to another thread. */
  scanAccess: ScanAccess | null;
  /** Returns the files of caches; null where nothing can be cached. `dir` is where they are. */
  cacheFiles(dir?: string): CacheFiles | null;
  /**
   * Lists the logs in a directory, or also in its subdirectories, newest first. A missing directory
   * has no logs.
   */
  listLogs(dir: unknown, recursive: boolean): Promise<SessionInfo[]>;
  /** Removes a log and the file of its saved damage. Returns whether there was a log. */
  removeLog(dir: unknown, sessionId: string): Promise<boolean>;
}

/** The options of an append that storage needs. */
export type WriteOptions = Required<
  Pick<AppendOptions, "sync" | "maxLineBytes" | "mode" | "dirMode">
>;

/** The options of a log that storage may need. */
export type StorageOptions = WorkerOptions & HttpOptions;

/** How to request a log from a server. */
export interface HttpOptions {
  /** Sent with each request. They are valid. */
  headers?: Record<string, string>;
  /** Replaces the platform's `fetch`. */
  fetch?: FetchFunction;
}

/** How to find many logs. */
export interface StoredLogsOptions extends StorageOptions {
  /** Whether to look in subdirectories too. */
  recursive: boolean;
  /** Whether to read logs that are symbolic links. */
  links: boolean;
}

/** Files that hold caches, each under a key. */
export interface CacheFiles {
  /**
   * Reads a cache of at most so many bytes. `space` returns where its bytes go, once their number is
   * known, and must be filled at once. Does nothing when there is no such cache.
   */
  read(name: string, most: number, space: (length: number) => Uint8Array): Promise<void>;
  /** Replaces a cache by another in one step. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Returns the bytes of all caches. */
  size(): Promise<number>;
  /** Removes all caches. */
  clear(): Promise<void>;
}

/** One session's log in a directory. */
export interface StoredLog {
  /** The path of its file, if other programs know the file by a path. */
  path?: string;
  /**
   * Appends lines. Their first byte is a line end, which is written only if the file does not end
   * in a line end. `lines` is a view that lasts until the call returns. Returns the number of bytes
   * written.
   */
  append(lines: Uint8Array, options: WriteOptions): number | Promise<number>;
  /**
   * Makes the log, with these bytes, in one step: others see no part of it. Each chunk lasts until the
   * next is asked for. Returns the number of bytes. Rejects with `EXISTS` when there is a log.
   */
  create(chunks: AsyncIterable<Uint8Array>, options: WriteOptions): Promise<number>;
  /** Opens the log to read it; null when there is no log. */
  source(): Promise<Source | null>;
  /** null when the log is a snapshot, which cannot grow. */
  followed(): FollowedLog | null;
  /** Opens the log to repair it; null when there is no log. */
  repairable(): Promise<RepairedFile | null>;
  /**
   * Waits for appends that go on, syncs what is to be synced in time, and closes the files. Rejects
   * with `SYNC_FAILED` when such a sync failed.
   */
  close(): Promise<void>;
  /**
   * The same, but what is to be synced in time is synced later, and a warning reports a failure.
   * Absent where nothing is synced later.
   */
  leave?(): Promise<void>;
}

/** How logs are read in several threads. */
export interface ScanAccess {
  /** Opens a log to scan it in this thread. */
  openToScan: OpenLog;
  /** How many logs are opened at once to scan them. Default: 1. */
  openedAtOnce?: number;
  /** Logs of at most so many bytes are read as fast by one thread as by several. Default: none. */
  smallBytes?: number;
  /**
   * Whether this thread responds to a user. Then it does only what is little, or what no other thread
   * can do.
   */
  isPage?: boolean;
  /** Starts another thread that scans. Absent where there is none. */
  startThread?(): ScanThread;
}

/**
 * Many logs that are read as one: those of a directory, or of a list of files. What `openToScan` takes
 * is `located`.
 */
export interface StoredLogs extends ScanAccess {
  /** The path of the directory, if other programs know it by a path. */
  path?: string;
  /** A text that differs between any two directories. Absent where nothing is cached. */
  cacheKey?: string | Promise<string>;
  /**
   * Whether another directory may have the same `cacheKey`. Then the last bytes of a cached log are
   * compared though its stamp is the same. Known after `find`.
   */
  isKeyShared?: boolean;
  /** Whether they are a list of files, whose ids may be any text. */
  isList?: boolean;
  /**
   * Finds the logs that are there now: the newest first, or in any order if that is not wanted.
   * `onNames` may be called with the number of names in a directory, before its files are looked at.
   * Logs that are not of `ids` may be left out.
   */
  find(
    signal?: AbortSignal,
    isSorted?: boolean,
    onNames?: (count: number) => void,
    ids?: ReadonlySet<string>,
  ): Promise<FoundLogs>;
  /**
   * Returns the ids of all logs, and looks at no file. Each is its own `ref`. Null or absent where logs
   * must be found.
   */
  names?(): string[] | null;
  /** Opens a log to append to it and read it. */
  storedLog(id: string): StoredLog;
  /**
   * Returns what opens the text of each session of which files are archived, of all or of some ids.
   * Absent where nothing is.
   */
  archived?(ids?: readonly string[]): Map<string, OpenArchived>;
  /**
   * Returns what follows all logs, or those of some ids, also logs that do not exist yet. Looks at no
   * file.
   */
  followed(ids?: ReadonlySet<string>): FollowedDirectory;
  /** Returns how messages name a log. `ref` is that of `FoundLogs`. */
  named(ref: any): { name: string; path?: string };
  /**
   * Opens a log to read it; null when there is none. `wasRead` is true when it could be read before.
   */
  open(ref: any, signal?: AbortSignal, wasRead?: boolean): Promise<Source | null>;
  /**
   * Returns what opens a log in any thread, for what opens it here and takes less memory. Absent where
   * both are the same.
   */
  located?(ref: any): any;
  /**
   * Whether a log is compressed. Then its size when it was found is not that of its text, it is not
   * opened to scan it, and no other thread reads it. Absent where none is.
   */
  isCompressed?(ref: any): boolean;
}

/** The text of a session, and how much of it is archived. */
export interface ArchivedText {
  source: Source;
  length: number;
}

/** Opens the text of a session; null when it is not archived any more. */
export type OpenArchived = () => Promise<ArchivedText | null>;

/** The logs that were found. */
export interface FoundLogs {
  /** For each log its session id. Logs whose names are not UTF-8 may have the same. */
  ids: string[];
  /** For each log what opens it; null where it is not read. */
  refs: any[];
  /** For each log its stamp: see `ScannedLog.stamp`. */
  stamps: BigInt64Array;
  /** Returns what is known of the log at a position. */
  info(at: number): SessionInfo;
  /**
   * By position, why a subdirectory cannot be listed. Its id ends with `/`, its `ref` is null. Absent
   * where none is.
   */
  unlisted?: ReadonlyMap<number, unknown>;
  /** Frees what serves only to read the logs at once. Absent where there is nothing to free. */
  forget?(): void;
}

/** Opens a log to scan it; null when there is none. `ref` is that of a task. */
export type OpenLog = (ref: any) => ScannedLog | null | Promise<ScannedLog | null>;

/** A log that is open to be scanned. */
export interface ScannedLog {
  readonly size: number;
  /**
   * Six words that differ between any two versions of a log: what identifies the file (device, inode,
   * birth time), its size, and the times of its last change (mtime, ctime), in nanoseconds. A browser
   * knows a file by its name only, so the first three are 0 there, and both times are the same. The
   * mtime is 0 where nobody knows it; the ctime is 0 where the file cannot change.
   */
  readonly stamp: ArrayLike<bigint>;
  /** Whether reads wait, so that `into` must not be of the core's memory. */
  readonly isSlow?: true;
  /** Returns the number of bytes read. */
  read(offset: number, into: Uint8Array): number | Promise<number>;
  /**
   * Reads bytes without a copy, where reads wait. They last until the next call; null when there are
   * fewer. Others follow them, up to an offset.
   */
  chunk?(offset: number, length: number, to: number): Promise<Uint8Array | null>;
  close(): void;
}

/** What a thread does with many logs at once. */
export interface LogJobs {
  /** Reads logs into rows. */
  scan(task: LogTask): Promise<TaskRows>;
  /** Searches rows of logs. */
  search(task: SearchTask): Promise<SearchHits>;
  /** Verifies logs. The report of a log that cannot be read is null. */
  verify(task: VerifyTask): Promise<(Report | null)[]>;
}

/** Another thread. Its jobs reject when it ended. */
export interface ScanThread extends LogJobs {
  /** Whether it ended, or could not be started. */
  readonly isEnded: boolean;
  end(): void;
}

/** Rows to search. */
export interface SearchTask {
  /** For each log what opens it. */
  refs: any[];
  /** For each log the stamp of the file that was indexed. */
  stamps: BigInt64Array;
  /**
   * The rows as bytes, log by log. Or for each log the end of its last row: then whole lines are
   * searched, which takes less time than to send and check rows.
   */
  rows: Uint8Array | Float64Array;
  text: string | RegExp;
  ignoreCase: boolean;
}

/** What searching rows found. */
export interface SearchHits {
  /** The positions of the rows that have the text, among the rows of the task. */
  hits: Uint32Array;
  /**
   * Where the task has no rows: the lines whose entries have the text. Each is three numbers: the
   * position of the log, the line's start and its end.
   */
  lines: number[];
  /** The positions of the logs of which only the rows tell. */
  unclear: number[];
  /** The positions of the logs that are not as they were indexed. Their rows were not searched. */
  changed: number[];
}

/** Logs to verify. */
export interface VerifyTask {
  /** For each log what opens it. */
  refs: any[];
  maxLineBytes: number;
}

/** Logs to scan. */
export interface LogTask {
  /** For each log what opens it. */
  refs: any[];
  /** For each log four numbers, its state in the core of the index. */
  states: Float64Array;
  /** For each log its size and its stamp, as it was found. */
  sizes: Float64Array;
  stamps: BigInt64Array;
  /** For each log the length of its mark, and the hash of the mark's bytes. */
  marks: BigInt64Array;
  maxLineBytes: number;
  /**
   * For each log the part of its file whose lines are read: those that start from the first number up
   * to, but not including, the second. What follows the last line end is not read then. Absent where
   * files are read to their ends.
   */
  parts?: Float64Array;
}

/** What scanning logs found. */
export interface TaskRows {
  /** The rows of all logs as bytes, for the core of the index. */
  rows: Uint8Array;
  /** For each log what became of it. */
  statuses: Uint8Array;
  /** For each log four numbers, as those of `RowBatch.rest`. */
  rests: Float64Array;
  marks: BigInt64Array;
  /** The last bytes of the lines of a part. Absent where none starts there. */
  tail?: Uint8Array;
  /** The damage of the logs that have any, by the position in the task. */
  damage: [number, DamagedLine[]][];
}

/** A file that can only be read. */
export interface ReadableFile {
  /** The path or URL, if other programs know the file by it. */
  path?: string;
  /** Opens it. `signal` ends whatever takes long until the source is closed. */
  open(signal?: AbortSignal): Promise<Source>;
  /** null when the file is a snapshot, which cannot grow. */
  followed: FollowedLog | null;
}

/**
 * A log that is repaired in place, and the file `.damaged` that keeps the bytes that are
 * overwritten.
 */
export interface RepairedFile {
  source: Source;
  /** The path of `.damaged`. */
  savedPath: string;
  /** Returns when the log was changed last, in milliseconds since 1970. */
  modified(): Promise<number>;
  /**
   * Ends the last line with a line end. Returns false, and writes nothing, when the log was changed
   * since `modified` or does not end at `end`.
   */
  seal(end: number, modified: number): Promise<boolean>;
  /**
   * Saves bytes of the log as a line of JSON. `bytes` is a view that lasts until the call returns.
   */
  save(offset: number, kind: string, bytes: Uint8Array): void | Promise<void>;
  /** Syncs what was saved. Call this before anything is overwritten. */
  syncSaved(): void | Promise<void>;
  /**
   * Does one step of overwriting. Returns the checksum of the bytes after it. Returns null, and
   * writes nothing, when another writer changed the bytes since they were read.
   */
  overwrite(stretches: Stretches, step: OverwriteStep): number | null | Promise<number | null>;
  /** Syncs what was overwritten. Call this before the next step. */
  sync(): void | Promise<void>;
  /** Throws when saving or a rewrite would be refused. Call this before anything is changed. */
  checkTargets?(isSaved: boolean, isRewritten: boolean): void;
  /** Replaces the file by a copy with line ends inserted before the bytes at rising offsets. */
  insertNewlines(offsets: number[]): Promise<void>;
  close(): Promise<void>;
}

/** Something that is read by offset, one read at a time. */
export interface Source {
  /** Its name in messages. */
  name: string;
  /** Differs between any two files, also between a file and its replacement. */
  identity: string | object;
  /** The path or URL, if other programs know the file by it. */
  path?: string;
  size(): Promise<number>;
  /** Returns when it was changed last, in milliseconds since 1970. Absent when it cannot change. */
  modified?(): Promise<number>;
  /**
   * Returns a text that describes the file as `size` found it: a later change changes the text.
   * Returns null when the last change is so recent that another change might give the same text.
   */
  version?(): Promise<string | null>;
  /** Its stamp when it was opened: see `ScannedLog.stamp`. */
  stamp?: ArrayLike<bigint>;
  /** What opens it in any thread by `ScanAccess.openToScan`. Absent where nothing does. */
  ref?: any;
  /**
   * Returns the number of bytes read, which is less than the length of `into` only at the end of
   * the file; or, where the source `mayFail`, before bytes that cannot be read.
   */
  read(offset: number, into: Uint8Array): Promise<number>;
  /**
   * Whether some bytes of the text may not be there, because it is compressed and that file is cut or
   * damaged. A read that starts there throws why. If they are the last ones, `size` does not count
   * them.
   */
  mayFail?: boolean;
  /**
   * Whether the files that it joins are still where they were, so that it is the text of the session, or
   * the start of it. Absent where it joins none.
   */
  areInPlace?(): boolean | Promise<boolean>;
  /**
   * Opens its files again if they have moved, so that it has the bytes again that it had. Returns whether
   * they had. Absent where it keeps them open.
   */
  renew?(): Promise<boolean>;
  /** Makes the current read reject. */
  cancel?(): void;
  close(): Promise<void>;
  /**
   * Scans it for an index in another thread, from the end of the index as `state` describes it.
   * Rejects with `REPLACED` when the file does not have the bytes of `mark`. Resolves to null when
   * there is no such thread.
   */
  scan?(
    state: Float64Array,
    maxLineBytes: number,
    signal?: AbortSignal,
    mark?: FileMark,
  ): Promise<AsyncIterable<RowBatch> | null>;
}

/** The files of a session, which are opened for one text. */
export interface SessionFiles {
  /** The path of its log, for messages. */
  readonly name: string;
  /** What identifies the text. Default: what identifies its first file. */
  readonly identity?: Source["identity"];
  /** Returns whether there is an archive, or a file that is being archived. */
  isArchived(): boolean | Promise<boolean>;
  /** Opens a file by its path; null when there is none. */
  open(path: string): Source | null | Promise<Source | null>;
  /** Has a file closed by what reads it. */
  replace(file: Source, reader: Source): void;
  /**
   * Returns whether each path that was opened leads where it did, or still to nothing. A log alone may
   * be replaced at any time.
   */
  areInPlace(): boolean | Promise<boolean>;
  close(): Promise<void>;
}

/** Bytes before a known end of a file, with their offset. They identify the file later. */
export interface FileMark {
  offset: number;
  bytes: Uint8Array;
}

/** A log that is followed. Its path may lead to several files in the course of time. */
export interface FollowedLog {
  /** Opens the file that the path leads to now; null when there is no file. */
  open(): Promise<OpenedFile | null>;
  /**
   * Returns the id of the file that the path leads to now; null when there is no file; "" when only
   * opening can tell.
   */
  fileId(): string | null | Promise<string | null>;
  /**
   * Starts to watch. Calls `wake` after a change. `isMove` is true when the path may lead to
   * another file now.
   */
  watch(wake: (isMove: boolean) => void): Watch;
}

/** A file that was opened to follow it. */
export interface OpenedFile {
  source: Source;
  /** `FollowedLog.fileId` returns the same while the path leads to this file. */
  fileId: string;
  /** In bytes, when it was opened. */
  size: number;
  /** The last bytes of that size. */
  tail: Uint8Array;
  /**
   * Where what the path leads to starts, behind the text of an archive. Default: 0. A file that
   * replaces another one is read from there.
   */
  start?: number;
}

/** Watches a followed log. */
export interface Watch {
  /** Starts to watch again if watching had stopped. Returns whether changes are reported now. */
  renew(): boolean;
  close(): void;
}

/**
 * A directory whose logs are followed. A log's id is its path in the directory, with `/` and
 * without `.jsonl`.
 */
export interface FollowedDirectory {
  /**
   * Looks at all logs, or only at those whose changes are not reported, some at a time. Looks at
   * all logs at once when it is called for the first time. A log that is gone since then has no
   * look. Rejects when the directory cannot be listed. `onFailure` gets the error of a subdirectory
   * that cannot be listed, and its path, which ends in `/`.
   */
  looks(
    isAll: boolean,
    onFailure: (error: unknown, path: string) => void,
  ): AsyncIterable<readonly (readonly [id: string, look: Look | null])[]>;
  /** Looks at a log; null when there is none. */
  look(id: string): Look | null | Promise<Look | null>;
  followed(id: string): FollowedLog;
  /**
   * Returns how long this process has worked on a processor, in milliseconds since any time. Absent
   * where nobody knows.
   */
  worked?(): number;
  /** Starts to report changes, where the system reports them. `looks` starts further watches. */
  watch(changes: DirectoryChanges): Watch;
}

/** What is known of a log's file without opening it. */
export interface Look {
  /** As in `Source`. */
  identity: string | object;
  size: number;
  /** When it was changed last, in milliseconds since 1970. */
  changed: number;
  /** Differs after each change, unless two changes have the same time. */
  version: string;
}

/** Gets the changes in a followed directory. */
export interface DirectoryChanges {
  /**
   * A log may have changed; without an id, anything may have. `isMove` is true when its path may
   * lead to another file now.
   */
  changed(id: string | null, isMove: boolean): void;
  /** A file may have got a name that no log has. */
  renamed(identity: Source["identity"], file: FollowedLog): void;
}

/** Where a scan starts: at the end of an index. */
export interface ScanStart {
  /** The state of the index, from its core. */
  state: readonly number[];
  maxLineBytes: number;
  /**
   * The last bytes that the index read, which the file must have; null when the index read nothing.
   */
  mark: FileMark | null;
}

/** What a scan found in one range of a file. */
export interface RowBatch {
  /** Rows as bytes, for the core of the index. */
  rows: PlainBytes;
  /** Whether they are those of a part of the log, which need no batch before. Default: false. */
  isPart?: boolean;
  damage: DamagedLine[];
  /**
   * Four numbers: offset and length of the bytes after the last line end, then offset and length of
   * the pending bytes in them.
   */
  rest: Float64Array;
  /** The last bytes before `rest`; null when no line was read. */
  mark: FileMark | null;
  isLast: boolean;
  /** Whether the scan stopped before a line with NULs, because a writer may be filling it. */
  isUnsettled: boolean;
}

/**
 * A damaged line; or several neighbouring lines that have the same damage and no entry.
 */
export interface DamagedLine extends Omit<Damage, "recovered" | "doubtful" | "lines"> {
  lines: number;
  /** The places of whole entries: offset and length. */
  whole: [number, number][];
  /** The places of doubtful entries. */
  doubtful: [number, number][];
  /** The places of the bytes between them. */
  damaged: [number, number][];
}

/** A step of overwriting. `overwrite-steps.js` explains the steps. */
export type OverwriteStep = "rename" | "part" | "break" | "blank";

/** Stretches of a log that are overwritten together. */
export interface Stretches {
  /**
   * Three numbers for each stretch, in the order of the file: offset, length, and 1 if a whole
   * entry follows on its line.
   */
  numbers: Float64Array;
  /** The checksum of their bytes, before the next step. */
  sum: number;
}
