import type { RawJson } from "./entry/raw-json.js";

// What `await using` needs, for projects whose target is older: as in lib.esnext.disposable.d.ts, which TypeScript has from 5.2 on.
declare global {
  interface SymbolConstructor {
    readonly dispose: unique symbol;
    readonly asyncDispose: unique symbol;
  }
  interface Disposable {
    [Symbol.dispose](): void;
  }
  interface AsyncDisposable {
    [Symbol.asyncDispose](): PromiseLike<void>;
  }
}

/** Bytes in a buffer of their own: `Uint8Array<ArrayBuffer>`, which TypeScript before 5.7 calls `Uint8Array`. */
export type PlainBytes = ReturnType<Uint8Array["slice"]>;

/**
 * How integers of 64 bits are read. `"exact"`: a number, or a bigint beyond ±2^53. `"number"`: always
 * a number, rounded beyond ±2^53 as `JSON.parse` rounds it.
 */
export type Integers = "exact" | "number";

/** What an integer is that was read with `{ integers: I }`. */
export type IntegerOf<I extends Integers> = I extends "number" ? number : number | bigint;

/** How `input` is read. `"parsed"`: as `JSON.parse` returns it. `"raw"`: as a `RawJson`, lossless. */
export type InputAs = "parsed" | "raw";

/** What `input` is that was read with `{ input: As }`; `Input` where `As` may be either. */
export type InputOf<As extends InputAs, Input> = [As] extends ["raw"] ? RawJson : Input;

/** One run of a model within a skill run. */
export interface Attempt<Integer extends number | bigint = number | bigint> {
  /** Its number; by default a bigint beyond ±2^53. */
  attempt: Integer;
  model: string;
  output_summary?: string;
  runner_output?: string;
  verified: boolean;
}

/**
 * One skill run: the value `JSON.parse` returns for its canonical line. Empty optional fields are
 * absent.
 *
 * `Input` and `Status` are your own types of `input` and `final_status`. Nothing checks at run time
 * that a log holds what they say. `Integer` is `number` where it was read with
 * `{ integers: "number" }`.
 */
export interface Entry<
  Input = any,
  Status extends string = string,
  Integer extends number | bigint = number | bigint,
> {
  session_id: string;
  /** RFC 3339, with up to nine digits of a fraction; its offset is kept. */
  timestamp: string;
  skill: string;
  phase?: string;
  project_root?: string;
  /** Any JSON value; a `RawJson` where it was read with `{ input: "raw" }`. */
  input?: Input;
  attempts?: Attempt<Integer>[];
  final_status: Status;
  file_path?: string;
  model_used?: string;
  /** By default a bigint beyond ±2^53. */
  duration_ms?: Integer;
  message?: string;
}

/** An attempt as append takes it: `undefined` is absent. */
export interface AttemptInput {
  attempt: number | bigint;
  model: string;
  output_summary?: string | undefined;
  runner_output?: string | undefined;
  verified: boolean;
}

/** An entry as append takes it: `undefined` is absent. `Input` and `Status` are as for `Entry`. */
export interface EntryInput<Input = unknown, Status extends string = string> {
  /** Absent: the log's. Another one than the log's is refused. `encode`, which has no log, needs it. */
  session_id?: string | undefined;
  /** RFC 3339. Absent: now. */
  timestamp?: string | Date | undefined;
  skill: string;
  phase?: string | undefined;
  project_root?: string | undefined;
  /**
   * What `JSON.stringify` writes without a loss, nested up to 9,999 deep; or a `RawJson`. An object's `toJSON` is called, and
   * `undefined` is absent, in arrays null. Each value is looked at once.
   *
   * An Error is written as `{ name, message, stack }`, its own enumerable fields, `cause` and an AggregateError's `errors`. The
   * first 8,192 UTF-16 units of a `stack` are written, and Errors 8 deep within each other, 1,000 of them at most;
   * `"[left out]"` stands for the others, and for an Error within itself.
   *
   * Refused are functions, symbols, bigints, NaN, infinities and cycles; and objects without a `toJSON` of which `{}`, or less
   * than they hold, would be written: Map, Set, RegExp, Promise, ArrayBuffer, typed arrays (`Array.from` makes an array of
   * one), and instances of classes that have no enumerable fields.
   */
  input?: RawJson | Input | undefined;
  attempts?: readonly AttemptInput[] | undefined;
  final_status: Status;
  file_path?: string | undefined;
  model_used?: string | undefined;
  /** A whole number of 64 bits with a sign. */
  duration_ms?: number | bigint | undefined;
  message?: string | undefined;
}

// In every option `undefined` is absent.

export interface DecodeOptions<As extends InputAs = InputAs, I extends Integers = Integers> {
  /**
   * `"parsed"`: `input` as `JSON.parse` returns it, so numbers are rounded. `"raw"`: `input` as a
   * `RawJson`, lossless. Default: `"parsed"`.
   */
  input?: As | undefined;
  /**
   * `"exact"`: `duration_ms` and `attempt` are bigints beyond ±2^53. `"number"`: they are numbers,
   * rounded as `JSON.parse` rounds them. `input` is not affected. Default: `"exact"`.
   */
  integers?: I | undefined;
}

export interface AppendOptions {
  /** Whether to resolve only when the entry is on the disk. Default: false. */
  sync?: boolean | undefined;
  /** Bytes that a line may have, its line end counted. Default: 256 MiB; `1 << 20` keeps a log readable to the Go original. */
  maxLineBytes?: number | undefined;
  /** Permission bits of a file that is made, whatever the umask; one that exists keeps its own; browsers know none. Default: 0o600. */
  mode?: number | undefined;
  /** Permission bits of directories that are made, whatever the umask; browsers know none. Default: 0o700. */
  dirMode?: number | undefined;
}

/** A directory of the browser's: of the origin private file system, or one that a user picked or dropped. */
export interface DirectoryHandle {
  readonly kind: "directory";
  readonly name: string;
}

/** A file of the browser's. */
export interface FileHandle {
  readonly kind: "file";
  readonly name: string;
}

/**
 * Where logs are. In Node a path, or a `file:` URL. In a browser a path below the root of the origin private file system, or a
 * handle; a folder of the user's is read in place, and nothing in it is written.
 */
export type Directory = string | URL | DirectoryHandle;

/**
 * Any file: a Blob or File, bytes, or the URL of a log on a server, which is read by ranges. In Node a string is a path and a URL
 * may be a `file:` one; in a browser a string is a URL, and a handle leads to what its file is at each reading.
 */
export type FileSource = string | URL | Blob | Uint8Array | FileHandle;

export interface WorkerOptions {
  /**
   * Where the package's `skill-log-worker.js` is: for a page whose Content-Security-Policy forbids workers from blobs, where a bundler has
   * not taken the file along. A TrustedScriptURL where the page requires trusted types. Default: beside the package; else a blob, by a policy
   * named `skill-log` where types must be trusted. Node has no use for it.
   */
  workerUrl?: string | URL | { toJSON(): string } | undefined;
}

/** What is used in the place of `fetch`. The response is one of the platform's, or like it: its body is a stream. */
export type FetchFunction = (url: string, init: FetchInit) => PromiseLike<FetchedResponse>;

/** How a log on a server is asked for: what `fetch` takes. */
export interface FetchInit {
  headers: Record<string, string>;
  cache: "no-store";
  signal: AbortSignal;
}

/** What is needed of a `Response`. */
export interface FetchedResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: object | null;
  blob(): Promise<Blob>;
}

export interface FromOptions extends WorkerOptions {
  /**
   * What each request for a log on a server has, as `Authorization`: a `Headers`, or an object of names and texts. They are copied, sent to the
   * package's worker too, and never told in an error. `Range`, `Accept-Encoding` and conditions (`If-Match` and the like) are refused.
   */
  headers?:
    | { forEach(callback: (value: string, name: string) => void): void }
    | Readonly<Record<string, string | undefined>>
    | undefined;
  /**
   * Sends the requests for a log on a server, in the place of the platform's `fetch`. In a browser an index is then made on the page, as a
   * worker cannot be given a function.
   */
  fetch?: FetchFunction | undefined;
  /** Ends looking whether the file is there: a server may take its time to answer. */
  signal?: AbortSignal | undefined;
}

/** Options of a log, for each of its calls that does not say otherwise. */
export interface OpenOptions extends AppendOptions, WorkerOptions {}

export interface ReadOptions<As extends InputAs = InputAs, I extends Integers = Integers>
  extends DecodeOptions<As, I> {
  /** Whether to read as the Go original does: the first line it refuses is an error. Default: false. */
  strict?: boolean | undefined;
  /** Is called for each damaged line, in the place of one process warning a file. */
  onDamage?: ((damage: Damage) => void) | undefined;
  /** Longer lines are damage: `too_long`. The line end counts. Default: the log's, or 256 MiB. */
  maxLineBytes?: number | undefined;
  /**
   * Whether to give doubtful entries as well: those on damaged lines that may be objects in another
   * entry's `input`, which a model or a tool wrote. Default: false.
   */
  doubtful?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

export interface RangeOptions<As extends InputAs = InputAs, I extends Integers = Integers>
  extends ReadOptions<As, I> {
  /** Where to begin, in bytes: 0, or an `end` or `offset` that a record gave. Default: 0. */
  from?: number | undefined;
  /** Entries that start here or later are left out. Default: the end of the file. */
  to?: number | undefined;
  /** Whether to begin with the last entry. Needs no scan from the front. Default: false. */
  reverse?: boolean | undefined;
}

export interface FollowOptions<As extends InputAs = InputAs, I extends Integers = Integers>
  extends ReadOptions<As, I> {
  /**
   * Where to begin: `"start"`; `"end"`, for what is appended after the call; or an `end` or `offset` that a record gave (a file
   * that is shorter is another one, and is read from its start). Default: `"start"`.
   */
  from?: "start" | "end" | number | undefined;
}

/** An entry and its place in the file, in bytes. */
export interface LogRecord<
  Input = any,
  Status extends string = string,
  Integer extends number | bigint = number | bigint,
> {
  entry: Entry<Input, Status, Integer>;
  offset: number;
  /** Without the line end. */
  length: number;
  /** Where reading goes on behind it. */
  end: number;
  /** Whether it was saved from a damaged line. */
  recovered: boolean;
  /** Whether it may be an object in another entry's `input`: only with `{ doubtful: true }`. */
  doubtful?: true;
}

/** What happened to a line that does not decode. */
export type DamageKind =
  /** It has a piece that is no part of an entry: someone or something changed the file. */
  | "corrupt"
  /** Else, a whole entry and another piece that is not NUL: a writer without a guard, after a torn write. */
  | "fused"
  /** Else, NULs: power was lost. */
  | "nul"
  /** Else: torn entries alone; a write was cut. */
  | "torn"
  /** More than `maxLineBytes`. */
  | "too_long";

/** Part of a file, in bytes. */
export interface Stretch {
  offset: number;
  length: number;
}

/** Bytes behind the last line end that more may make an entry. */
export interface Pending extends Stretch {
  /** When the file was changed last, where that is known. */
  modified?: Date;
  /** Whether that is more than a minute ago: no write takes so long. The next append seals it, or `repair`. */
  unfinished?: true;
}

/** A line that does not decode; or neighbouring lines with the same fault and no entry in them. */
export interface Damage {
  kind: DamageKind;
  /** Why the line was refused, for people. */
  reason: string;
  /** Of its first byte in the file. */
  offset: number;
  /** In bytes, without the line end. */
  length: number;
  /** Its number, counted from 1; absent where reading did not begin at the start. */
  line?: number;
  /** How many lines, where that is more than one: `length` counts the line ends between them. */
  lines?: number;
  /** How many whole entries were saved from it. */
  recovered: number;
  /**
   * Where it has whole entries that may be objects in another entry's `input`; absent where there are
   * none. `{ doubtful: true }` reads them.
   */
  doubtful?: Stretch[];
}

/** What `verify` finds. */
export interface Report {
  /** The file's size as it was read. */
  bytes: number;
  /** Line ends. */
  lines: number;
  /** Entries that can be read, recovered ones included. */
  entries: number;
  /** Entries saved from damaged lines. */
  recovered: number;
  /**
   * Entries that lack `session_id`, `timestamp`, `skill` or `final_status`, which every writer of the
   * format writes: lines that are JSON, but no entries of skill-log.
   */
  foreign: number;
  /** Whole entries on damaged lines that may be objects in another entry's `input`. They are no entries here. */
  doubtful: number;
  /** Damaged lines. */
  damaged: number;
  /** What they are: the first million of them; none where `onDamage` was given each. */
  damage: Damage[];
  /** Bytes after the last line end that more may make an entry: a write may be going on. */
  pending: Pending | null;
}

/** What `repair` found and did. */
export interface RepairReport extends Report {
  /**
   * Stretches of damaged bytes that were saved and overwritten; with `dryRun`, that would be. Damaged lines with nothing but line
   * ends between them are one stretch.
   */
  repaired: number;
  /** Their bytes, the line ends between lines included. */
  saved: number;
  /** Where they were saved; absent where nothing was. */
  savedTo?: string;
  /**
   * Damaged lines that are left: whole entries that touch, lines over `maxLineBytes`, lines with a piece that is in doubt, and a
   * damaged last line that has no line end yet.
   */
  left: number;
  /** Whether an unfinished entry at the end was given up, and its line ended: where the log had not changed for a minute. */
  sealed?: true;
}

export interface ProgressOptions {
  signal?: AbortSignal | undefined;
  /** Is called now and then with bytes done and, where it is known, bytes in all. */
  onProgress?: ((progress: { bytes: number; total: number }) => void) | undefined;
}

export interface VerifyOptions extends ProgressOptions {
  /** Is called for each damaged line, in the place of the report's `damage`: memory then stays bounded. */
  onDamage?: ((damage: Damage) => void) | undefined;
}

export interface RepairOptions extends ProgressOptions {
  /** Whether only to tell what would be done. Default: false. */
  dryRun?: boolean | undefined;
  /**
   * Promises that nobody else has the log open: whole entries that touch are then parted, which takes a
   * rewrite of the file under a new inode. A file with several names (hard links) is refused: `HARD_LINKED`. In a browser nobody can append meanwhile (`BUSY`). Default: false.
   */
  exclusive?: boolean | undefined;
  /**
   * What becomes of pieces that may be entries, or may be objects that a model wrote into another entry's `input`: `"keep"`
   * makes each an entry, `"drop"` saves and overwrites it. Default: their lines are left.
   */
  doubtful?: "keep" | "drop" | undefined;
}

export interface EntriesOptions<As extends InputAs = InputAs, I extends Integers = Integers>
  extends DecodeOptions<As, I> {
  signal?: AbortSignal | undefined;
}

/** What an index knows of an entry. Empty optional fields are absent. */
export interface Row<Status extends string = string> {
  /** Of the entry's first byte in the file. */
  offset: number;
  /** In bytes, without the line end. */
  length: number;
  timestamp: string;
  skill: string;
  phase?: string;
  final_status: Status;
  model_used?: string;
  /** A bigint beyond ±2^53. */
  duration_ms?: number | bigint;
  /** How many. */
  attempts: number;
  /** Whether the last attempt was verified; absent where there are none. */
  verified?: boolean;
  /** Whether the entry was saved from a damaged line. */
  recovered: boolean;
  /** Whether it lacks a member that every writer of the format writes. */
  foreign?: true;
}

/** Which entries are wanted: those that meet all that is given. */
export interface Conditions<Status extends string = string> {
  /** One, or any of several. */
  skill?: string | readonly string[] | undefined;
  /** The empty text is for entries without one, as for `model_used`. */
  phase?: string | readonly string[] | undefined;
  final_status?: Status | readonly Status[] | undefined;
  model_used?: string | readonly string[] | undefined;
  /** Entries with attempts, of which the last one is verified, or is not. */
  verified?: boolean | undefined;
  /** This instant or later. */
  since?: Date | string | undefined;
  /** Before this instant. */
  until?: Date | string | undefined;
  /** So many milliseconds or more; an entry without a duration has 0. */
  min_duration_ms?: number | bigint | undefined;
}

/**
 * Rows of an index, by their numbers: a list in any order; or all from `start` up to, but not with,
 * `end`, as in `slice`.
 */
export type Rows =
  | Uint32Array
  | readonly number[]
  | { readonly start: number; readonly end: number };

/** Which rows are wanted. */
export interface Select<Status extends string = string> extends Conditions<Status> {
  /** The rows to select from. Default: all. */
  rows?: Rows | undefined;
}

export interface SearchOptions {
  /** The rows to search. Default: all. */
  rows?: Rows | undefined;
  /** Whether characters are the same that Unicode's simple case folding makes the same. Default: false. */
  ignoreCase?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** Is called now and then with the rows searched, the rows in all, and the hits since the last call. */
  onProgress?: ((progress: { rows: number; total: number; hits: Uint32Array }) => void) | undefined;
}

/** What rows come to. Lists have the most entries first, then go by name. */
export interface Stats {
  entries: number;
  /** Of the entries, without line ends. */
  bytes: number;
  /** The earliest instant, and the latest. */
  first?: string;
  last?: string;
  skills: StatsGroup[];
  /** Entries without a phase are in none of these, as for `models`. */
  phases: StatsGroup[];
  statuses: StatsGroup[];
  models: StatsGroup[];
}

/** What the entries of one skill, phase, status or model come to. */
export interface StatsGroup {
  name: string;
  entries: number;
  /** The mean number of attempts, over all of the entries. */
  attempts_mean: number;
  attempts_max: number;
  /** Of the entries with attempts, the part whose last one is verified. */
  verified_rate?: number;
  /** Of the entries with attempts, the part whose first one is verified. */
  first_try_rate?: number;
  /** Nearest rank, in milliseconds, over the entries that have a duration; bigints beyond ±2^53. */
  duration_ms?: { p50: number | bigint; p95: number | bigint; max: number | bigint };
}

/** A log in a directory. */
export interface SessionInfo {
  /** The session id: the file's name without `.jsonl`. */
  id: string;
  bytes: number;
  modified: Date;
  /** Why the file cannot be opened by its id; absent where it can. */
  unsafe?: string;
  /**
   * Where a symbolic link leads, as the link has it; absent where the log is no link. `bytes` and `modified` are those of the file it leads
   * to, or of the link itself where there is none. `SessionLog.from` reads it; nothing appends to it.
   */
  link?: string;
}

export type ErrorCode =
  /** Occurs when an entry to append or encode is not one. Facts: `field`, `got`, `expected`; of several entries, its `index`. */
  | "INVALID_ENTRY"
  /** Occurs when bytes are not an entry's line. Facts: `reason`, `offset`; in strict reading `line`, `entries`, `path`. */
  | "INVALID_LINE"
  /** Occurs when a line has more bytes than are allowed. Facts: `length` and `limit`, or as for `INVALID_LINE`. */
  | "LINE_TOO_LONG"
  /** Occurs when a session id could not be a safe file name. Facts: `session_id`. */
  | "INVALID_SESSION_ID"
  /** Occurs when an argument or an option is of the wrong type or out of range. */
  | "INVALID_ARGUMENT"
  /**
   * Occurs when a log's path is a symbolic link, a directory, a pipe, or another thing than a file; or when such a thing is where a repair writes
   * or `removeSession` removes: then nothing is changed. Facts: `path`, of what is in the way.
   */
  | "NOT_A_REGULAR_FILE"
  /**
   * Occurs when `repair({ exclusive: true })` would write a log anew that has several names (hard links): the others would keep the old file. In a
   * dry run too; nothing is changed. Facts: `path`, and `links`, how many names it has.
   */
  | "HARD_LINKED"
  /** Occurs when a file that was named does not exist. Facts: `path`. */
  | "NOT_FOUND"
  /** Occurs when not the whole line reached the file. Facts: `written`, `expected`, `path`; `cause` where there was one. */
  | "WRITE_FAILED"
  /** Occurs when `fdatasync` failed, and at every later synced append of that log. Facts: `path`, `cause`. */
  | "SYNC_FAILED"
  /** Occurs when a log that was opened with `SessionLog.from` is to be changed, or one in a folder of the user's. */
  | "READ_ONLY"
  /** Occurs in a browser where it has no origin private file system, or does not give it: the message says why. */
  | "STORAGE_UNAVAILABLE"
  /** Occurs in a browser when what it grants the origin is used up. Facts: `written`, `expected`, `path`, `cause`. */
  | "QUOTA_EXCEEDED"
  /**
   * Occurs in a browser when others held the file for about a second, or when it took longer to start the package's worker again: nothing was
   * written. Facts: `path`; `cause` where the file was held.
   */
  | "BUSY"
  /**
   * Occurs in a browser when the package's worker ended before it answered, as when the page is frozen, or when the browser does not tell how
   * much it wrote: what was appended may be in the file, or not. Facts: `path` where it is known.
   */
  | "INTERRUPTED"
  /**
   * Occurs with `skill-log/slim` before `init`; and when the package is imported where its wasm is refused, or where there is no memory to
   * start it in: the message says why. Facts: `cause` where there was one.
   */
  | "NOT_STARTED"
  /** Occurs when a log is used after `close`. */
  | "CLOSED"
  /**
   * Occurs when the file that an index was made of was removed, replaced or truncated; and, in a browser and of a server's file, where another
   * one takes its place while it is read; and when another one, or another directory, takes the place of a log while it is repaired, and its path is needed.
   * Also when another entry stands at the place of a row. Facts: `path`; `offset` of that entry.
   */
  | "REPLACED"
  /**
   * Occurs when a File, or a Blob that is a part of one, has changed on the disk since it was chosen, or is gone. Choose it again; or open a
   * FileSystemFileHandle, which leads to what the file is at each reading. Facts: `path`; `cause` where the browser refused to read it.
   */
  | "FILE_CHANGED"
  /** Occurs when the system, or a server, refuses something else. Facts: `path`, `cause`; of a server's answer, its `status`. */
  | "IO_ERROR"
  /** Occurs when memory does not suffice for a line. */
  | "OUT_OF_MEMORY"
  /** Occurs when the package contradicts itself: please report it. */
  | "INTERNAL";

/** Facts that an error may have. */
export interface ErrorFacts {
  field?: string;
  got?: string;
  expected?: string | number;
  reason?: string;
  line?: number;
  offset?: number;
  entries?: Entry[];
  index?: number;
  length?: number;
  limit?: number;
  links?: number;
  session_id?: string;
  path?: string;
  written?: number;
  status?: number;
}
