import type { RawJson } from "./entry/raw-json.js";
import type { SkillLogError } from "./errors.js";
import type { LogIndex } from "./indexing/log-index.js";

// `await using` needs these names where a project's `lib` lacks them. TypeScript has them from 5.2
// on, in lib.esnext.disposable.d.ts.
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

/**
 * Bytes in a buffer of their own: `Uint8Array<ArrayBuffer>`, which TypeScript before 5.7 calls
 * `Uint8Array`.
 */
export type PlainBytes = ReturnType<Uint8Array["slice"]>;

/**
 * How integers of 64 bits are read. `"exact"`: a number, or a bigint beyond ±2^53. `"number"`:
 * always a number, rounded beyond ±2^53 as `JSON.parse` rounds it.
 */
export type Integers = "exact" | "number";

/** What an integer is that was read with `{ integers: I }`. */
export type IntegerOf<I extends Integers> = I extends "number" ? number : number | bigint;

/**
 * How `input` is read. `"parsed"`: as `JSON.parse` returns it. `"raw"`: as a `RawJson`, lossless.
 */
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
  /** When the run ended: RFC 3339, with up to nine digits of a fraction; its offset is kept. */
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
  /** Absent: the log's. Any other id is refused. `encode` has no log, and needs it. */
  session_id?: string | undefined;
  /** When the run ended: RFC 3339. Absent: now. */
  timestamp?: string | Date | undefined;
  skill: string;
  phase?: string | undefined;
  project_root?: string | undefined;
  /**
   * What `JSON.stringify` writes without a loss, nested up to 9,999 deep; or a `RawJson`. An
   * object's `toJSON` is called. `undefined` is absent, and null in arrays. Each value is read
   * once.
   *
   * An Error is written as `{ name, message, stack }`, with its own enumerable fields, its `cause`
   * and the `errors` of an AggregateError. Of a `stack` the first 8,192 UTF-16 units are written.
   * Errors are written up to 8 deep within each other, and at most 1,000 of them. `"[left out]"`
   * stands for the others, and for an Error within itself.
   *
   * Refused are functions, symbols, bigints, NaN, infinities and cycles. Refused are also objects
   * without a `toJSON` that JSON would lose in part: Map, Set, RegExp, Promise, ArrayBuffer, typed
   * arrays, and instances of classes without enumerable fields. `Array.from` turns a typed array
   * into an array.
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

// In every option, `undefined` means that the option is absent.

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

/**
 * When what is appended is on the disk, where it survives a loss of power. `true`: when the append
 * resolves. `{ within }`: the sync starts at most that many milliseconds after the append, which
 * does not wait. `false`: when the system writes it.
 */
export type Sync = boolean | { readonly within: number };

/** What is replaced in the strings of an entry, and how long these may be. */
export interface RedactOptions {
  /**
   * What is replaced by `[masked: NAME]`. `true`: secrets that are known by their shape, those of
   * `secretFamilies`. An array: your own secret values, of at least 8 characters each, and `true`
   * for the shapes too. A value is also found as it is spelled in JSON and in a URL. `false`:
   * nothing.
   *
   * A function returns what is written instead of a string, and gets its path, such as
   * `attempts[0].runner_output` or `input.env.TOKEN`. `…` ends a path of more than about 500
   * characters.
   *
   * All strings of an entry are looked at but the session id, the timestamp and empty ones; so are
   * keys in `input`, but by no function. Default: nothing.
   */
  redact?:
    | boolean
    | readonly (string | true)[]
    | ((text: string, path: string) => string)
    | undefined;
  /**
   * Bytes of UTF-8 that a string may have, from 64 on. A longer one is cut after a code point, and
   * ends in `…[cut: N bytes]`, which counts too. Secrets are replaced first. Not cut are the session
   * id, the timestamp, and keys in `input`. Default: no limit.
   */
  maxStringBytes?: number | undefined;
}

/** What was replaced in a string or a key. */
export interface RedactedText {
  /**
   * The family of the secret, as in `secretFamilies`; `literal N` for element N of the array;
   * `function` for what a function replaced.
   */
  name: string;
  /** Where it was, such as `message` or `input.args[2]`. Keys are shown as they were written. */
  path: string;
  /** How often. */
  count: number;
  /** The number of the entry, where several were appended. */
  index?: number;
}

/** A string that was cut. */
export interface CutText {
  path: string;
  /** How many bytes were left out. */
  bytes: number;
  /** The number of the entry, where several were appended. */
  index?: number;
}

/** What was changed in strings. */
export interface Changes {
  /** Absent where nothing was replaced. */
  redacted?: RedactedText[];
  /** Absent where nothing was cut. */
  cut?: CutText[];
}

/** What `redactEntry` returns. */
export interface RedactedEntry<E = Entry> extends Changes {
  /**
   * The same entry where nothing is replaced or cut; else a copy, with the same attempts and the
   * same `input` where nothing in them is.
   */
  entry: E;
}

/** What an append did. */
export interface AppendResult extends Changes {
  /** The bytes that were written. */
  bytes: number;
}

export interface AppendOptions extends RedactOptions {
  /** When the entry is on the disk. Default: false. */
  sync?: Sync | undefined;
  /**
   * Bytes that a line may have, its line end included. `1 << 20` keeps a log readable to the Go
   * original. Default: 256 MiB.
   */
  maxLineBytes?: number | undefined;
  /**
   * Permission bits of a new file, whatever the umask. A file that exists keeps its own. Browsers
   * have none. Default: 0o600.
   */
  mode?: number | undefined;
  /** Permission bits of new directories, whatever the umask. Browsers have none. Default: 0o700. */
  dirMode?: number | undefined;
}

/**
 * A directory in a browser: in the origin private file system, or picked or dropped by the user.
 */
export interface DirectoryHandle {
  readonly kind: "directory";
  readonly name: string;
}

/** A file in a browser. */
export interface FileHandle {
  readonly kind: "file";
  readonly name: string;
}

/**
 * Where logs are. In Node: a path or a `file:` URL. In a browser: a path below the root of the
 * origin private file system, or a handle. The user's own folder is read in place, and never
 * written to.
 */
export type Directory = string | URL | DirectoryHandle;

/**
 * Any file: a Blob or File, bytes, or the URL of a log on a server, which is read by ranges. In
 * Node a string is a path, and a URL may be a `file:` URL. In a browser a string is a URL, and a
 * handle is read as its file is at each reading.
 */
export type FileSource = string | URL | Blob | Uint8Array | FileHandle;

export interface WorkerOptions {
  /**
   * The URL of the package's `skill-log-worker.js`. A page needs it whose Content-Security-Policy
   * forbids workers from blobs, when the bundler left that file out. A page that requires trusted
   * types passes a TrustedScriptURL. Node ignores this option.
   *
   * Default: beside the package; else a blob. Where types must be trusted, the policy `skill-log`
   * makes the blob's URL.
   */
  workerUrl?: string | URL | { toJSON(): string } | undefined;
}

/**
 * Replaces `fetch`. Returns a response of the platform, or an object like it whose body is a
 * stream.
 */
export type FetchFunction = (url: string, init: FetchInit) => PromiseLike<FetchedResponse>;

/** What `fetch` is given with each request for a log on a server. */
export interface FetchInit {
  /** Absent for a log by its URL, which is read by `GET` alone. */
  method?: "GET" | "HEAD";
  headers: Record<string, string>;
  cache: "no-store";
  /** A server of sessions may not send a client elsewhere. */
  redirect?: "error";
  signal: AbortSignal;
}

/** The part of a `Response` that reading uses. */
export interface FetchedResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: object | null;
  blob(): Promise<Blob>;
}

export interface FromOptions extends WorkerOptions {
  /**
   * Headers of each request for a log on a server, such as `Authorization`: a `Headers`, or an
   * object of names and texts. They are copied, and sent to the package's worker too. No error
   * shows them. `Range`, `Accept-Encoding` and conditions such as `If-Match` are refused.
   */
  headers?:
    | { forEach(callback: (value: string, name: string) => void): void }
    | Readonly<Record<string, string | undefined>>
    | undefined;
  /**
   * Sends the requests for a log on a server, instead of the platform's `fetch`. A browser then
   * makes an index on the page, because a worker cannot be given a function.
   */
  fetch?: FetchFunction | undefined;
  /** Stops the wait for a server's answer whether the file is there. */
  signal?: AbortSignal | undefined;
}

/** Options of a log: the defaults of its appends, and its worker. */
export interface OpenOptions extends AppendOptions, WorkerOptions {}

export interface ReadOptions<As extends InputAs = InputAs, I extends Integers = Integers>
  extends DecodeOptions<As, I> {
  /**
   * Whether to read as the Go original does: the first line that it refuses is an error. Default:
   * false.
   */
  strict?: boolean | undefined;
  /** Is called for each damaged line, instead of one process warning for each file. */
  onDamage?: ((damage: Damage) => void) | undefined;
  /**
   * Bytes of a line, its line end included, beyond which it is damage: `too_long`. Default: the
   * log's, or 256 MiB.
   */
  maxLineBytes?: number | undefined;
  /**
   * Whether to return doubtful entries too. They stand on damaged lines, and may be objects in
   * another entry's `input`, which a model or a tool wrote. Default: false.
   */
  doubtful?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

export interface RangeOptions<As extends InputAs = InputAs, I extends Integers = Integers>
  extends ReadOptions<As, I> {
  /** Where to start, in bytes: 0, or an `end` or `offset` of a record. Default: 0. */
  from?: number | undefined;
  /**
   * Where to stop, in bytes: entries that start here or later are left out. Default: the file's
   * end.
   */
  to?: number | undefined;
  /** Whether to start with the last entry, without reading those before it. Default: false. */
  reverse?: boolean | undefined;
}

/** Facts about a chunk of lines. */
export interface LinesChunk {
  /** How many lines it has. */
  lines: number;
  /** Where reading continues after the last of them. Absent for the rows of an index. */
  end?: number;
  /** How many of its entries were changed so that every JSON parser reads their lines. */
  changed: {
    /** Timestamps whose offset from UTC was a day or more: written in UTC. */
    timestamps: number;
    /** Values of `input` that were not UTF-8: U+FFFD replaces what was not. */
    invalidUtf8: number;
    /** Values of `input` with lone surrogates, which U+FFFD replaces. */
    loneSurrogates: number;
  };
}

/** Options of `index.lines`. */
export interface RowLinesOptions {
  signal?: AbortSignal | undefined;
  /** Is called with facts about each chunk before the chunk is returned. */
  onChunk?: ((chunk: LinesChunk) => void) | undefined;
}

/** Options of `log.lines`. Those of `RangeOptions` mean the same. */
export interface LinesOptions extends RowLinesOptions {
  strict?: boolean | undefined;
  onDamage?: ((damage: Damage) => void) | undefined;
  maxLineBytes?: number | undefined;
  doubtful?: boolean | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

/** Options of `log.last`. An entry is returned that has all of these fields. */
export interface LastOptions<As extends InputAs = InputAs, I extends Integers = Integers>
  extends ReadOptions<As, I> {
  /** How many entries to return. Default: 1. */
  count?: number | undefined;
  skill?: string | undefined;
  /** `""` for entries without a phase. */
  phase?: string | undefined;
  final_status?: string | undefined;
}

/** Options of `mergeSessions`. */
export interface MergeOptions {
  /**
   * Whether the new log survives a loss of power, in Node. `{ within }` is as `true`. Default: that
   * of its `OpenOptions`.
   */
  sync?: Sync | undefined;
  signal?: AbortSignal | undefined;
}

/** Options of `copySession`. */
export interface CopyOptions extends MergeOptions {
  /**
   * Where to stop, in bytes, such as the `end` or `offset` of a record. Default: where the last entry
   * or line ends.
   */
  until?: number | undefined;
}

/** What `copySession` did. */
export interface CopyReport {
  /** The bytes of the new log. */
  bytes: number;
}

/** What `mergeSessions` did. */
export interface MergeReport extends CopyReport {
  /** The entries of the new log. */
  entries: number;
  /** How many other entries were the same as one of these. */
  repeated: number;
  /** The damaged lines of all logs that were merged. */
  damaged: number;
}

/** Options of `log.bytes`. */
export interface BytesOptions {
  /** Where to start, in bytes. Default: 0. */
  from?: number | undefined;
  /** Where to stop, in bytes. Default: the file's end. */
  to?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface FollowOptions<As extends InputAs = InputAs, I extends Integers = Integers>
  extends ReadOptions<As, I> {
  /**
   * Where to start: `"start"`; `"end"`, for what is appended after the call; or an `end` or
   * `offset` of a record, in bytes. A file that is shorter than that is another file, and is read
   * from its start. Default: `"start"`.
   */
  from?: "start" | "end" | number | undefined;
}

/** How to follow many logs. `damage.session` names the log of what `onDamage` gets. */
export interface FollowLogsOptions<As extends InputAs = InputAs, I extends Integers = Integers>
  extends ReadOptions<As, I> {
  /**
   * Where to start: `"start"`; `"end"`, for what is appended after the call; or a Map that has the
   * byte up to which each log was seen, such as an `end` of a record or the size of its file. A log
   * that is new, or is not in the Map, is read from its start. Default: `"start"`.
   */
  from?: "start" | "end" | ReadonlyMap<string, number> | undefined;
  /** The logs to follow, also logs that do not exist yet. Default: all, also new ones. */
  ids?: readonly string[] | undefined;
  /**
   * Is called when a log cannot be read, such as a link or a file without permission, instead of a
   * process warning. The other logs are still followed, and this log too once it can be read. For a
   * subdirectory that cannot be listed, `session` is its path with a `/` at its end.
   */
  onFailure?: ((error: SkillLogError, session: string) => void) | undefined;
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
  /** Where reading continues after it. */
  end: number;
  /** Whether it was recovered from a damaged line. */
  recovered: boolean;
  /** Whether it may be an object in another entry's `input`: only with `{ doubtful: true }`. */
  doubtful?: true;
}

/** A record of one of many logs. */
export interface SessionRecord<
  Input = any,
  Status extends string = string,
  Integer extends number | bigint = number | bigint,
> extends LogRecord<Input, Status, Integer> {
  /** The id of the log. */
  session: string;
}

/** What happened to a line that does not decode. */
export type DamageKind =
  /** A piece of the line is no part of an entry: someone or something changed the file. */
  | "corrupt"
  /**
   * Else a whole entry touches another piece: a writer that seals no torn line, after a torn
   * write.
   */
  | "fused"
  /** Else the line has NULs: power was lost. */
  | "nul"
  /** Else it has torn entries alone: a write was cut. */
  | "torn"
  /** The line has more than `maxLineBytes`. */
  | "too_long";

/** Part of a file, in bytes. */
export interface Stretch {
  offset: number;
  length: number;
}

/** Bytes after the last line end that more bytes may complete to an entry. */
export interface Pending extends Stretch {
  /** When the file was last changed, where that is known. */
  modified?: Date;
  /**
   * Whether that is more than a minute ago: no write takes that long. `append` or `repair` seals
   * it.
   */
  unfinished?: true;
}

/** A line that does not decode; or adjacent lines with the same fault and no entry. */
export interface Damage {
  /**
   * The id of the log's session: in the damage of an index, unless `SessionLog.from` opened the log,
   * and where many logs are followed.
   */
  session?: string;
  kind: DamageKind;
  /** Why the line was refused, for people. */
  reason: string;
  /** Of its first byte, in the file. */
  offset: number;
  /** In bytes, without the line end. */
  length: number;
  /** Its line number, counted from 1. Absent where reading did not start at the file's start. */
  line?: number;
  /** The number of lines, where it is more than 1. `length` includes the line ends between them. */
  lines?: number;
  /** The number of whole entries that were recovered from it. */
  recovered: number;
  /**
   * The places of whole entries that may be objects in another entry's `input`. Absent where there
   * are none. `{ doubtful: true }` reads them.
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
  /** Entries recovered from damaged lines. */
  recovered: number;
  /**
   * Foreign entries: they lack `session_id`, `timestamp`, `skill` or `final_status`, which every
   * writer of the format writes. Such lines are JSON of another sort.
   */
  foreign: number;
  /** Doubtful entries: they may be objects in another entry's `input`. `entries` excludes them. */
  doubtful: number;
  /** Damaged lines. */
  damaged: number;
  /** The first million of them. Empty where `onDamage` was called for each. */
  damage: Damage[];
  /** Bytes after the last line end that more may complete: a write may be going on. Null: none. */
  pending: Pending | null;
}

/** What `repair` found and did. */
export interface RepairReport extends Report {
  /**
   * Stretches of damaged bytes that were saved and overwritten, or with `dryRun` would be. Damaged
   * lines with nothing but line ends between them are one stretch.
   */
  repaired: number;
  /** Their bytes, including the line ends between lines. */
  saved: number;
  /** Where they were saved: a path. Absent where nothing was. */
  savedTo?: string;
  /**
   * Damaged lines that stay: whole entries that touch, lines over `maxLineBytes`, lines with a
   * doubtful piece, and a damaged last line without a line end.
   */
  left: number;
  /** Whether the line of an unfinished entry was ended: the log had not changed for a minute. */
  sealed?: true;
}

export interface ProgressOptions {
  signal?: AbortSignal | undefined;
  /** Is called now and then with the bytes read so far and the bytes in all. */
  onProgress?: ((progress: { bytes: number; total: number }) => void) | undefined;
}

/** How to index a log. */
export interface IndexLogOptions extends ProgressOptions {
  /**
   * Is called with the index before anything is read. The index has each row as soon as that is
   * read, so what there is can be shown at each `onProgress`.
   */
  onStart?: ((index: LogIndex) => void) | undefined;
  /**
   * How many threads read a log of 64 MB or more that Node has as a file, the caller's included: 1 to
   * 64. Results do not depend on it. Default: the processors, up to 4.
   */
  threads?: number | undefined;
}

export interface VerifyOptions extends ProgressOptions {
  /**
   * Is called for each damaged line, instead of adding it to the report's `damage`. Bounds memory.
   */
  onDamage?: ((damage: Damage) => void) | undefined;
}

export interface RepairOptions extends ProgressOptions {
  /** Whether to report what would be done, and to change nothing. Default: false. */
  dryRun?: boolean | undefined;
  /**
   * Promises that nobody else has the log open. Whole entries that touch are then parted, by a
   * rewrite of the file under a new inode. A file with several names (hard links) is refused:
   * `HARD_LINKED`. In a browser nobody can append meanwhile: `BUSY`. Default: false.
   */
  exclusive?: boolean | undefined;
  /**
   * What happens to doubtful pieces, which may be entries, or objects that a model wrote into
   * another entry's `input`. `"keep"` makes each an entry; `"drop"` saves and overwrites it.
   * Default: their lines stay.
   */
  doubtful?: "keep" | "drop" | undefined;
}

export interface EntriesOptions<As extends InputAs = InputAs, I extends Integers = Integers>
  extends DecodeOptions<As, I> {
  signal?: AbortSignal | undefined;
}

/** A row: what an index holds of an entry. Empty optional fields are absent. */
export interface Row<Status extends string = string> {
  /** The id of the log's session. Absent where `SessionLog.from` opened the log. */
  session?: string;
  /** Of the entry's first byte, in the file. */
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
  /** The number of attempts. */
  attempts: number;
  /** Whether the last attempt was verified. Absent where there are no attempts. */
  verified?: boolean;
  /** Whether the entry was recovered from a damaged line. */
  recovered: boolean;
  /** Whether the entry lacks a member that every writer of the format writes. */
  foreign?: true;
}

/** What a log of an index holds. */
export interface LogContents {
  /** The id of the log's session. Absent where `SessionLog.from` opened the log. */
  session?: string;
  /** When its file was changed last, as far as that is known. Absent in an index of one log. */
  modified?: Date;
  /** The bytes of it that were read. */
  bytes: number;
  /** Entries that can be read, recovered ones included. */
  entries: number;
  /** The earliest timestamp. Absent where there are no entries. */
  first?: string;
  /** The latest timestamp. Absent where there are no entries. */
  last?: string;
  /** The skill of the last entry in the file. Absent where there are no entries. */
  skill?: string;
  /** The status of the last entry in the file. Absent where there are no entries. */
  final_status?: string;
  /** Damaged lines. */
  damaged: number;
  /** Bytes after the last line end that more may complete. Null: none. */
  pending: Pending | null;
  /** Foreign entries: they lack a member that every writer of the format writes. */
  foreign: number;
}

/** Which entries are wanted: those that meet every condition. */
export interface Conditions<Status extends string = string> {
  /** One skill, or any of several. An empty array selects nothing. */
  skill?: string | readonly string[] | undefined;
  /** One phase, or any of several. The empty text selects entries without a phase. */
  phase?: string | readonly string[] | undefined;
  /** One status, or any of several. */
  final_status?: Status | readonly Status[] | undefined;
  /** One model, or any of several. The empty text selects entries without a model. */
  model_used?: string | readonly string[] | undefined;
  /** Selects entries with attempts whose last attempt is verified, or is not. */
  verified?: boolean | undefined;
  /** The first instant that is wanted: a Date, or an RFC 3339 time. */
  since?: Date | string | undefined;
  /** The instant from which on none is wanted: a Date, or an RFC 3339 time. */
  until?: Date | string | undefined;
  /** The shortest duration, in milliseconds. An entry without a duration has 0. */
  min_duration_ms?: number | bigint | undefined;
  /** The longest duration, in milliseconds. An entry without a duration has 0. */
  max_duration_ms?: number | bigint | undefined;
  /**
   * Leaves out the entries that meet any of these conditions: each one excludes by itself. But
   * `since` with `until` is one condition, and so is `min_duration_ms` with `max_duration_ms`.
   */
  not?: Omit<Conditions<Status>, "not"> | undefined;
}

/**
 * Which rows are wanted: those that meet every condition. `matches` takes `Conditions` alone, because
 * an entry does not say where it was read.
 */
export interface RowConditions<Status extends string = string> extends Conditions<Status> {
  /** The log of one session id, or of any of several. An unknown id selects nothing. */
  session?: string | readonly string[] | undefined;
  /** Selects entries that were recovered from damaged lines, or that were not. */
  recovered?: boolean | undefined;
  /** Selects foreign entries, or entries that are not foreign. */
  foreign?: boolean | undefined;
  /** As in `Conditions`, with these conditions too. */
  not?: Omit<RowConditions<Status>, "not"> | undefined;
}

/**
 * Rows of an index, by their numbers, which start at 0: a list in any order; or all from `start` up
 * to, but not including, `end`.
 */
export type Rows =
  | Uint32Array
  | readonly number[]
  | { readonly start: number; readonly end: number };

/** Which rows are wanted. */
export interface Select<Status extends string = string> extends RowConditions<Status> {
  /** The rows to select from. Default: all. */
  rows?: Rows | undefined;
}

/** The columns of numbers. */
export type NumberColumn =
  /** The instant in milliseconds since 1970 in UTC, rounded to some 0.2 µs. */
  | "timestamp"
  /** In milliseconds, rounded beyond ±2^53. 0 where the entry has none, as in `min_duration_ms`. */
  | "duration_ms"
  /** Of the entry in bytes, without the line end. */
  | "length"
  /** The number of attempts. */
  | "attempts"
  /** Of the entry's first byte, in the file. */
  | "offset";

/** The columns of texts. A text that an entry lacks is empty. */
export type TextColumnName = "session" | "skill" | "phase" | "final_status" | "model_used";

/**
 * The columns of flags. `verified`, of the last attempt, and `first_verified`, of the first one, are
 * 0 where there are no attempts.
 */
export type FlagColumn = "verified" | "first_verified" | "recovered" | "foreign";

/** The columns of an index. */
export type ColumnName = NumberColumn | TextColumnName | FlagColumn;

/** The texts of rows. */
export interface TextColumn {
  /** For each row, the position of its text in `texts`. Codes compare as their texts do. */
  codes: Uint32Array;
  /** Each distinct text of the rows, in the order of code points. */
  texts: string[];
}

/** What `LogIndex.column` returns: numbers, texts, or flags that are 1 or 0. */
export type ColumnOf<Name extends ColumnName> = Name extends NumberColumn
  ? Float64Array
  : Name extends TextColumnName
    ? TextColumn
    : Uint8Array;

/** How rows are sorted. */
export interface SortOptions {
  by: ColumnName;
  /** Whether the largest come first. Default: false. */
  descending?: boolean | undefined;
}

/** Which rows `index.query` returns, and in which order. */
export interface Query<Status extends string = string> extends Select<Status> {
  /** Default: in the order of their numbers, or of `rows`. */
  sort?: SortOptions | undefined;
  signal?: AbortSignal | undefined;
}

/** How rows are counted by time: by `buckets` or by `width`. */
export interface HistogramOptions {
  /**
   * The most buckets, up to 100,000. Their width is the shortest round length of time with which
   * they suffice, such as 5 minutes.
   */
  buckets?: number | undefined;
  /** The width of a bucket in whole milliseconds. Over 100,000 buckets are refused. */
  width?: number | undefined;
  /**
   * An instant at which a bucket starts, in whole milliseconds since 1970 in UTC, such as a local
   * midnight. Default: 0.
   */
  offset?: number | undefined;
  /** Counts the rows of each text in this column, too. */
  by?: TextColumnName | undefined;
}

/** Counts of rows by time, from the earliest row to the latest. */
export interface Histogram {
  /**
   * When the first bucket starts, in milliseconds since 1970 in UTC. Bucket `i` has the instants from
   * `start + i * width` on, and before the next bucket. 0 where there are no rows.
   */
  start: number;
  /** The width of a bucket in milliseconds. */
  width: number;
  /** The rows in each bucket. Empty where there are no rows. */
  counts: Uint32Array;
  /** With `by`: the counts of each text that rows have, in the order of code points. */
  series?: { name: string; counts: Uint32Array }[];
}

/** How places of a text are found. Offsets are in UTF-16 units, as in JavaScript's strings. */
export interface PlacesOptions {
  /** Whether to ignore case. Default: false, or as the RegExp says. */
  ignoreCase?: boolean | undefined;
  /** The most places. Default: 100. */
  most?: number | undefined;
  /** The most places in one string. Default: `most`. */
  mostPerString?: number | undefined;
  /** How much of the string an excerpt has before and after the match, at most. Default: 40. */
  around?: number | undefined;
}

/** Where a text stands in an entry. Offsets are in UTF-16 units, as in JavaScript's strings. */
export interface Place {
  /** The path of the string, such as `message`, `attempts[0].runner_output` or `input.a.b`. */
  field: string;
  /** Whether the string is a key of `input`. `field` is the path of the object then. */
  key?: true;
  /** The length of the string. */
  length: number;
  /** Where the match starts in the string. */
  start: number;
  /** Where the match ends in the string. */
  end: number;
  /** The match and the text around it. A match is cut after 1000 units. */
  excerpt: { text: string; start: number; end: number };
}

export interface SearchOptions {
  /** The rows to search. Default: all. */
  rows?: Rows | undefined;
  /**
   * Whether to ignore case, by Unicode's simple case folding; or by the flag `i`, which is added to a
   * RegExp. Default: false, or as the RegExp says.
   */
  ignoreCase?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** Is called now and then with the rows searched, the rows in all, and the hits since then. */
  onProgress?: ((progress: { rows: number; total: number; hits: Uint32Array }) => void) | undefined;
}

/** Counts and measures of rows. Each list has the most entries first, then goes by name. */
export interface Stats {
  entries: number;
  /** Of the entries, without line ends. */
  bytes: number;
  /** The earliest timestamp. Absent where there are no entries. */
  first?: string;
  /** The latest timestamp. Absent where there are no entries. */
  last?: string;
  skills: StatsGroup[];
  /** Without the entries that have no phase. */
  phases: StatsGroup[];
  statuses: StatsGroup[];
  /** Without the entries that have no model. */
  models: StatsGroup[];
}

/** Counts and measures of the entries of one skill, phase, status or model. */
export interface StatsGroup {
  name: string;
  entries: number;
  /** The mean number of attempts, over all entries. */
  attempts_mean: number;
  attempts_max: number;
  /** The part of the entries with attempts, 0 to 1, whose last attempt is verified. */
  verified_rate?: number;
  /** The part of the entries with attempts, 0 to 1, whose first attempt is verified. */
  first_try_rate?: number;
  /** In milliseconds, by nearest rank, over the entries with a duration. Bigints beyond ±2^53. */
  duration_ms?: { p50: number | bigint; p95: number | bigint; max: number | bigint };
}

/** A log in a directory. */
export interface SessionInfo {
  /** The session id: the file's name without `.jsonl`. */
  id: string;
  bytes: number;
  modified: Date;
  /**
   * Whether the session has an archive, `{id}.jsonl.zst`, or is being archived. Then `bytes` are those
   * of its text, uncompressed.
   */
  archived?: true;
  /** Why the file cannot be opened by its id; absent where it can. */
  unsafe?: string;
  /**
   * The target of a symbolic link, as the link spells it. Absent where the log is no link. `bytes`
   * and `modified` are those of the target, or of the link where the target is missing.
   * `SessionLog.from` reads a link; nothing appends to it.
   */
  link?: string;
}

/** How to list the logs of a directory. */
export interface ListOptions {
  /**
   * Whether the logs of subdirectories belong too. Their ids are relative paths, with `/`. Default:
   * false.
   */
  recursive?: boolean | undefined;
}

/** How to open many logs. */
export interface SessionsOptions extends WorkerOptions {
  /**
   * Whether the logs of subdirectories belong too. Their ids are relative paths, with `/`. Links to
   * directories are never followed. Files of an `<input webkitdirectory>` count as those of their
   * folder. Default: false.
   */
  recursive?: boolean | undefined;
  /**
   * Whether logs that are symbolic links are read too. What leads to no file then cannot be read.
   * Default: false: `list` names them.
   */
  links?: boolean | undefined;
  /**
   * Whether rows are kept for later processes, in the user's cache directory or in the directory that
   * is named. In a browser they are in `.skill-log-cache` of OPFS, up to 64 MiB, or in the directory
   * of OPFS that is named; those of an array of files are not kept. A cache is never needed and never
   * believed where a log changed. Default: false.
   */
  cache?: boolean | string | undefined;
  /**
   * How many threads read, the caller's included: 1 to 64. In a page, from 2 on, so many workers read
   * large files instead. Default: the processors, up to 4.
   */
  threads?: number | undefined;
  /** Headers of each request to a server, as in `FromOptions`. A server takes no option but these two. */
  headers?: FromOptions["headers"];
  /** Sends the requests to a server, instead of the platform's `fetch`. */
  fetch?: FetchFunction | undefined;
}

/** How to serve sessions. */
export interface ServeOptions {
  /** The path of the protocol in the server: it starts and ends with `/`. Default: `/`. */
  base?: string | undefined;
}

/** Sessions that are served. */
export interface ServedSessions {
  /** Answers a request by the protocol. Never rejects. */
  answer(request: Request): Promise<Response>;
  /** Ends the answers that go on, and frees what they use. The sessions stay open. */
  close(): Promise<void>;
}

/** How to index many logs. */
export interface IndexOptions extends Omit<IndexLogOptions, "threads"> {
  /** The sessions that are wanted. Default: all. */
  ids?: readonly string[] | undefined;
  /**
   * Is called for each log that cannot be read, and for each subdirectory that cannot be listed, whose
   * path ends with `/`. Default: the call rejects.
   */
  onFailure?: ((error: unknown, session: string) => void) | undefined;
}

/** How to count entries by the cache. */
export interface CountOptions {
  /** Whether letters match in any case, as in `SearchOptions`. Default: false. */
  ignoreCase?: boolean | undefined;
  /** Aborts the call. */
  signal?: AbortSignal | undefined;
}

/** What `countCached` counted. */
export interface CachedCounts {
  /** The logs whose entries were counted, in any order. */
  counts: CachedCount[];
  /** The ids of all other logs: those that are new, changed, damaged, pending, foreign or long. */
  left: string[];
}

/** How many entries of a log have a text. */
export interface CachedCount {
  /** The id of the log's session. */
  session: string;
  modified: Date;
  bytes: number;
  count: number;
}

/** How to verify many logs. */
export interface VerifyManyOptions extends VerifyOptions {
  /** The sessions that are wanted. Default: all. */
  ids?: readonly string[] | undefined;
  /**
   * Is called for each log that cannot be read, and for each subdirectory that cannot be listed, whose
   * path ends with `/`. Default: the call rejects.
   */
  onFailure?: ((error: unknown, session: string) => void) | undefined;
}

/** What `verify` finds in one of many logs. */
export interface SessionReport extends Report {
  /** The id of the log's session. */
  session: string;
}

/** A log among many, and what it holds. `id` names it; `session` is absent. */
export interface SessionSummary extends SessionInfo, LogContents {
  modified: Date;
  bytes: number;
  /** Why the log could not be read. */
  error?: unknown;
}

export type ErrorCode =
  /**
   * Occurs when an entry to append, encode or match is not an entry. Facts: `field`, `got`,
   * `expected`; of several entries its `index`.
   */
  | "INVALID_ENTRY"
  /**
   * Occurs when bytes are not the line of an entry. Facts: `reason`, `offset`; in strict reading
   * also `line`, `entries`, `path`.
   */
  | "INVALID_LINE"
  /** Occurs when a line is too long. Facts: `length` and `limit`; or those of `INVALID_LINE`. */
  | "LINE_TOO_LONG"
  /** Occurs when a session id could not be a safe file name. Facts: `session_id`. */
  | "INVALID_SESSION_ID"
  /** Occurs when an argument or an option is of the wrong type or out of range. */
  | "INVALID_ARGUMENT"
  /**
   * Occurs when a symbolic link, a directory, a pipe or anything else but a file stands at a path
   * that must be a file: the log's, or one that `repair` or `removeSession` would change. Nothing
   * was changed. Facts: `path`, of what is in the way.
   */
  | "NOT_A_REGULAR_FILE"
  /**
   * Occurs when `repair({ exclusive: true })` would rewrite a log that has several names (hard
   * links), in a dry run too: the other names would keep the old file. Nothing was changed. Facts:
   * `path`, and `links`, the number of names.
   */
  | "HARD_LINKED"
  /** Occurs when a file that was named does not exist. Facts: `path`. */
  | "NOT_FOUND"
  /**
   * Occurs when only a part of the bytes reached the file. Facts: `written`, `expected`, `path`;
   * `cause` where there is one.
   */
  | "WRITE_FAILED"
  /**
   * Occurs when the file, its directory or one above could not be synced, and at every later append
   * of that log with `sync`, which writes nothing. After a failed sync of `{ within }` also when the
   * log is closed. Facts: `path`, `cause`.
   */
  | "SYNC_FAILED"
  /**
   * Occurs when a log is to be changed that `SessionLog.from` opened, or that is in the user's own
   * folder.
   */
  | "READ_ONLY"
  /** Occurs in a browser that offers no origin private file system. The message says why. */
  | "STORAGE_UNAVAILABLE"
  /**
   * Occurs in a browser when the quota is used up. Facts: `written`, `expected`, `path`, `cause`.
   */
  | "QUOTA_EXCEEDED"
  /**
   * Occurs in a browser when others held the file for about a second, or when the package's worker
   * took that long to start again. Nothing was written. Facts: `path`; `cause` where the file was
   * held.
   */
  | "BUSY"
  /**
   * Occurs in a browser when the package's worker ended before it answered, as when the page is
   * frozen; and when the browser does not say how much it wrote. What was appended may be in the
   * file or not. Facts: `path` where it is known.
   */
  | "INTERRUPTED"
  /**
   * Occurs with `skill-log/slim` before `init`; and where the wasm of the package is refused, or
   * memory does not suffice to start it. The message says why. Facts: `cause` where there is one.
   */
  | "NOT_STARTED"
  /** Occurs when a log is used after `close`. */
  | "CLOSED"
  /**
   * Occurs when the file of an index was removed, replaced or truncated, or has another entry at
   * the place of a row. In a browser, and for a file on a server, it occurs when the file is
   * replaced while it is read. It also occurs when a log or its directory is replaced during a
   * repair. Facts: `path`; `offset` of the other entry.
   */
  | "REPLACED"
  /**
   * Occurs when a File, or a Blob of it, was changed or removed on the disk after the user chose
   * it. Have the user choose it again; or open a FileSystemFileHandle, which is read as its file is
   * at each reading. Facts: `path`; `cause` where the browser refused to read it.
   */
  | "FILE_CHANGED"
  | "EXISTS"
  /**
   * Occurs when the system or a server refuses anything else. Facts: `path`, `cause`; of an answer
   * its `status`.
   */
  | "IO_ERROR"
  /**
   * Occurs when a compressed log cannot be decompressed from some place on, because the file was cut
   * or is damaged. What stands before that place is read first. Facts: `offset`, where in the text;
   * `position`, where in the compressed file; `reason`, `path`.
   */
  | "NOT_DECOMPRESSED"
  /** Occurs when memory does not suffice. The data is not damaged. */
  | "OUT_OF_MEMORY"
  /** Occurs when the package contradicts itself. Please report it. */
  | "INTERNAL";

/** Facts that an error may have: `ErrorCode` says which, and what each is about. */
export interface ErrorFacts {
  field?: string;
  got?: string;
  expected?: string | number;
  reason?: string;
  line?: number;
  offset?: number;
  position?: number;
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

/** A secret in a text: where it is, in UTF-16 units, and of which family. */
export interface Secret {
  start: number;
  /** After its last unit. */
  end: number;
  /** As `secretFamilies` has it, such as `GitHub personal access token`. */
  name: string;
}

/** A family of secrets: those of one issuer, or of one shape. */
export interface SecretFamily {
  name: string;
  /** The page that describes it, mostly its issuer's. */
  source: string;
}

export interface FindSecretsOptions {
  /** What the text is the value of, such as the key `DB_PASSWORD`. Some secrets are known by it alone. */
  name?: string | undefined;
}
