// What the type checker cannot find: the peers, which `npm run bench` alone installs, and what the
// bench's pages keep in their global objects.

declare module "@duckdb/node-api";
declare module "@observablehq/plot";
declare module "idb";
declare module "linkedom";
declare module "opfs-worker/sync";
declare module "simdjson";
declare module "split2";
declare module "stream-json/jsonl/parser.js";

/** What `browser/page/main.js` offers to the bench. */
declare var bench: any;

/** Held so that the browser does not collect it: see `browser/page/readers.js`. */
declare var streamBeingRead: unknown;
