import type { LogFacts } from "./log-facts.js";
import type { Source } from "../storage/storage.js";
import type { ProgressOptions } from "../types.js";

/** The logs of an index, which can be read again. */
export interface IndexedLogs {
  /**
   * Opens a log of which so many bytes were read. Rejects with `REPLACED` when another file is there
   * now.
   */
  open(log: number, bytes: number, signal?: AbortSignal): Promise<Source | null>;
  /** Returns when a log was changed last, as it was read. Absent where nobody knows. */
  modified?(log: number): Date | undefined;
  /**
   * Reads what is new into the core of the index. Adds the logs that are new, and clears those that
   * were removed, replaced or cut.
   */
  refresh(core: any, facts: LogFacts, options: ProgressOptions): Promise<void>;
  /**
   * Searches rows, all where `rows` is undefined, in as many threads as there are. Absent where the
   * index reads the rows itself.
   */
  search?(
    core: any,
    rows: Uint32Array | undefined,
    text: string | RegExp,
    ignoreCase: boolean,
    signal?: AbortSignal,
  ): AsyncIterable<SearchedRows>;
}

/** Rows that were searched. */
export interface SearchedRows {
  /** How many were searched. */
  count: number;
  /** Those that have the text. */
  hits: Uint32Array;
  /** Those that were not searched, because their logs are not as they were indexed. */
  left: Uint32Array;
}
