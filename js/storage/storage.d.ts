// The contract between a platform's files and the package above them: all the types that both sides know.

import type {
  AppendOptions,
  Damage,
  FetchFunction,
  PlainBytes,
  SessionInfo,
  WorkerOptions,
} from "../types.js";

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
  overwrite(stretches: Stretches, step: OverwriteStep): number | null | Promise<number | null>;
  /** Brings to the disk what was overwritten: before the next step. */
  sync(): void | Promise<void>;
  /** Throws where saving, or a rewrite, would be refused because of what stands in its way: to be called before anything is changed. */
  checkPlaces?(isSaved: boolean, isRewritten: boolean): void;
  /** Replaces the file by one with line ends put in before the bytes at rising offsets. */
  insertNewlines(offsets: number[]): Promise<void>;
  close(): Promise<void>;
}

/** Something that is read by offset, one read at a time. */
export interface Source {
  /** What messages call it. */
  name: string;
  /** Differs between two files, also where a file was replaced. */
  identity: string | object;
  /** Where it is, where others know it by that. */
  path?: string;
  size(): Promise<number>;
  /** Returns when it was changed last, in milliseconds since 1970. Absent where it cannot change. */
  modified?(): Promise<number>;
  /**
   * Returns a text that differs after a change since the last call of `size`; null where the file changed so lately that another
   * change may leave the text as it is.
   */
  version?(): Promise<string | null>;
  /** Returns the number of bytes read: fewer than `into` takes only at the end of the file. */
  read(offset: number, into: Uint8Array): Promise<number>;
  /** Makes a read that goes on reject, because nobody waits for it. */
  cancel?(): void;
  close(): Promise<void>;
  /**
   * Scans it for an index in another thread, from where `state` says that the index ends. Rejects where the bytes of `mark` do not stand
   * in it. Resolves to null where there is no such thread.
   */
  scan?(
    state: Float64Array,
    maxLineBytes: number,
    signal?: AbortSignal,
    mark?: FileMark,
  ): Promise<AsyncIterable<RowBatch> | null>;
}

/** Bytes that stood at an offset of a file: by them the file is known again. */
export interface FileMark {
  offset: number;
  bytes: Uint8Array;
}

/** A log that is followed: the files that its path leads to, one after the other. */
export interface FollowedLog {
  /** Opens the file that there is when this is called. Resolves to null where there is no file. */
  open(): Promise<OpenedFile | null>;
  /** Returns the `fileId` of the file that there is now; null where there is none, and "" where only opening can tell. */
  fileId(): string | null | Promise<string | null>;
  /** Starts to watch. `wake` is called after a change; `isMove` says whether another file may be there now. */
  watch(wake: (isMove: boolean) => void): Watch;
}

/** A file as it was when it was opened to be followed. */
export interface OpenedFile {
  source: Source;
  /** What `FollowedLog.fileId` returns as long as this file is there. */
  fileId: string;
  size: number;
  /** Its last bytes. */
  tail: Uint8Array;
}

/** Reports changes of a followed log. */
export interface Watch {
  /** Starts to watch again where that is needed. Returns whether changes are reported now. */
  renew(): boolean;
  close(): void;
}

/** Where a scan for an index starts. */
export interface ScanStart {
  /** Of the index, as its core returns it. */
  state: readonly number[];
  maxLineBytes: number;
  /** The last bytes that the index read, which must stand there; null where it read none. */
  mark: FileMark | null;
}

/** What one stretch of a file holds for an index. */
export interface RowBatch {
  /** Rows, for the core of the index. */
  rows: PlainBytes;
  damage: DamagedLine[];
  /** Offset and length of the bytes that are no line yet; then of those of them that may become an entry. */
  rest: Float64Array;
  /** The last bytes before `rest`; null where no line was read. */
  mark: FileMark | null;
  isLast: boolean;
  /** Whether reading stopped before a line with NULs, because somebody may be writing it. */
  isUnsettled: boolean;
}

/**
 * A damaged line, or neighbouring lines with the same fault and no entry, with what the core knows of their bytes: offset and length of
 * each whole entry, of each doubtful entry, and of each other stretch.
 */
export interface DamagedLine extends Omit<Damage, "recovered" | "doubtful" | "lines"> {
  lines: number;
  whole: [number, number][];
  doubtful: [number, number][];
  damaged: [number, number][];
}

/** A step of overwriting: `overwrite-steps.js` explains them. */
export type OverwriteStep = "rename" | "part" | "break" | "blank";

/** Stretches of a log that are overwritten together. */
export interface Stretches {
  /** Of each, in the order of the file: offset, length, and 1 where a whole entry follows on its line. */
  places: Float64Array;
  /** The sum of the bytes that stand there. */
  sum: number;
}
