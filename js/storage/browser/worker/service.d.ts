// The calls that a page may send to the package's worker. `js/worker.js` implements them.

import type { ProxyMarked } from "comlink";
import type {
  FileMark,
  LogJobs,
  OverwriteStep,
  RowBatch,
  ScanStart,
  Stretches,
} from "../../storage.js";
import type { OpfsFile, Written } from "../exclusive-file.js";

/** The package's worker as its page calls it. */
export interface Service {
  /**
   * Makes the worker hold a lock until it ends or `rest` is called. Resolves to the worker's
   * version when the worker holds the lock, or cannot get one.
   */
  live(lock: string): Promise<string>;
  /**
   * Releases that lock. Call this before the worker is ended, because Firefox never restores a page
   * whose worker ended with a lock.
   */
  rest(): Promise<unknown> | undefined;
  append(
    file: OpfsFile,
    lines: Uint8Array<ArrayBuffer>,
    sync: boolean,
    deadline?: number,
  ): Promise<Written>;
  overwrite(
    file: OpfsFile,
    mark: FileMark,
    stretches: Stretches,
    step: OverwriteStep,
  ): Promise<number | null>;
  seal(file: OpfsFile, mark: FileMark, end: number): Promise<boolean>;
  /** Scans a file for an index. `module` is the core; `name` is the file's name in messages. */
  scan(
    module: WebAssembly.Module,
    file: ScannedFile,
    name: string,
    start: ScanStart,
  ): Scan & ProxyMarked;
  /** Does a job for many logs. */
  work(module: WebAssembly.Module, kind: keyof LogJobs, task: any): Promise<any>;
}

/** A scan in the worker. */
export interface Scan {
  /**
   * Reads on. `spare` is the buffer of an earlier batch. Resolves to null after the end of the
   * file.
   */
  next(spare: ArrayBuffer | null): Promise<RowBatch | null>;
  end(): Promise<void>;
}

/**
 * What can be sent to the worker to be read: a Blob; a handle rather than its File, which cannot be
 * read any more after somebody appended; or a URL, and the headers of its requests.
 */
export type ScannedFile =
  | Blob
  | FileSystemFileHandle
  | { url: string; headers?: Record<string, string> };
