// Indexes that a page makes in another thread: how they end and go on. And sources from elsewhere:
// bytes of other kinds of memory, and values of a frame.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import test from "node:test";

import { launch, undrivable } from "./browsers.js";
import { serve } from "./server.js";

const page = `<!doctype html><title>page</title><script type="module">
  import * as log from "/dist/browser.js";
  globalThis.log = log;
  globalThis.workers = [];
  globalThis.asked = 0;
  globalThis.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      workers.push(this);
    }
    postMessage(...args) {
      asked += 1;
      this.isAtWork ||= args[0]?.path?.[0] === "work";
      super.postMessage(...args);
    }
  };
  /** Returns so many lines of about 1,000 bytes. */
  globalThis.bytesOf = (lines) => {
    const line = log.encode({ session_id: "s", timestamp: "2026-01-02T03:04:05Z", skill: "a", final_status: "ok", message: "x".repeat(900) });
    const bytes = new Uint8Array(lines * line.length);
    for (let i = 0; i < lines; i += 1) bytes.set(line, i * line.length);
    return bytes;
  };
</script>`;

/**
 * Starts a server that answers the first request, and no other; `ended` lists the requests that
 * ended.
 *
 * @param {import("node:test").TestContext} t
 */
async function stallingServer(t) {
  /** @type {(string | undefined)[]} */
  const ended = [];
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    response.on("close", () => ended.push(request.headers.range));
    if (asked === 1)
      response
        .writeHead(206, {
          "Access-Control-Allow-Origin": "*",
          "Access-Control-Expose-Headers": "Content-Range",
          "Content-Range": "bytes 0-1023/9000000",
        })
        .end("{".repeat(1024));
  });
  server.on("request", ({ method }, response) => {
    if (method === "OPTIONS")
      response
        .writeHead(204, { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*" })
        .end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/s.jsonl`,
    ended,
  };
}

/**
 * Each function runs in a page, and its result must be the value beside it.
 *
 * @type {Record<string, [() => Promise<unknown>, unknown]>}
 */
const cases = {
  "indexes in the package's worker, with the same rows, when a page has any source": [
    async () => {
      const { SessionLog } = globalThis.log;
      const bytes = globalThis.bytesOf(3_000);
      const file = await (await navigator.storage.getDirectory()).getFileHandle("s.jsonl", {
        create: true,
      });
      const stream = await file.createWritable();
      await stream.write(bytes);
      await stream.close();
      const sources = [
        bytes,
        new Blob([bytes]),
        new File([bytes], "s.jsonl"),
        "/long.jsonl",
        file,
      ].map((source) => SessionLog.from(source));
      const counts = [];
      for (const source of [...sources, SessionLog.open("/", "s")]) {
        const { asked } = globalThis;
        const { length } = await (await source).index();
        // The package starts a second worker when the first is slow to start.
        counts.push([
          length,
          globalThis.asked > asked,
          globalThis.workers.length === 1 || globalThis.workers.length === 2,
        ]);
      }
      return counts;
    },
    [3_000, 3_000, 3_000, 40_000, 3_000, 3_000].map((length) => [length, true, true]),
  ],
  "reads a long log in as many workers as `threads` says when it is a page": [
    async () => {
      const file = new File([globalThis.bytesOf(50_000)], "s.jsonl");
      const sessions = await globalThis.log.Sessions.open([file], { threads: 2 });
      const index = await sessions.index();
      const { length, damage } = index;
      const { skill } = await index.entry(length - 1);
      await sessions.close();
      const atWork = globalThis.workers.filter(({ isAtWork }) => isAtWork);
      return [length, damage.length, skill, atWork.length];
    },
    [50_000, 0, "a", 2],
  ],
  "indexes without another worker when it runs in a worker": [
    async () => {
      const text = `import { SessionLog } from "${location.origin}/dist/browser.js";
        let workers = 0;
        globalThis.Worker = class { constructor() { workers += 1; throw new Error("none is needed"); } };
        onmessage = async ({ data }) => postMessage([(await (await SessionLog.from(data)).index()).length, workers]);`;
      const worker = new Worker(
        URL.createObjectURL(new Blob([text], { type: "text/javascript" })),
        { type: "module" },
      );
      worker.postMessage(new Blob([globalThis.bytesOf(3_000)]));
      return new Promise((done, fail) => {
        worker.onmessage = ({ data }) => done(data);
        worker.onerror = ({ message }) => fail(new Error(message));
      });
    },
    [3_000, 0],
  ],
  "goes on in the page when the worker ends while it indexes": [
    async () => {
      const { SessionLog } = globalThis.log;
      const source = await SessionLog.from(new Blob([globalThis.bytesOf(64_000)]));
      let ends = 0;
      const onProgress = () => {
        if (ends < 2)
          for (const worker of globalThis.workers.splice(0)) (ends += 1), worker.terminate();
      };
      const index = await source.index({ onProgress });
      const again = await source.index();
      return [
        ends > 0,
        index.length,
        again.length,
        index.stats().entries,
        (await index.entry(63_999)).skill,
        await index.refresh(),
      ];
    },
    [true, 64_000, 64_000, 64_000, "a", { added: 0, removed: 0 }],
  ],
  "indexes bytes when their memory is shared or resizable": [
    async () => {
      const { SessionLog } = globalThis.log;
      const bytes = globalThis.bytesOf(3_000);
      const shared = new WebAssembly.Memory({ initial: 50, maximum: 50, shared: true }).buffer;
      const Resizable = /** @type {new (length: number, options: object) => ArrayBuffer} */ (
        ArrayBuffer
      );
      const resizable = new Resizable(bytes.length, { maxByteLength: 2 * bytes.length });
      const lengths = [];
      for (const buffer of [shared, resizable]) {
        const copy = new Uint8Array(buffer, 0, bytes.length);
        copy.set(bytes);
        const source = await SessionLog.from(copy);
        lengths.push((await source.index()).length, (await source.read()).length);
      }
      return lengths;
    },
    [3_000, 3_000, 3_000, 3_000],
  ],
  "reads Blobs, Files, URLs and handles when they come from a frame": [
    async () => {
      const { SessionLog, read } = globalThis.log;
      const frame = document.createElement("iframe");
      document.body.append(frame);
      const theirs = /** @type {any} */ (frame.contentWindow);
      const bytes = globalThis.bytesOf(2);
      const sources = [
        new theirs.Blob([bytes]),
        new theirs.File([bytes], "s.jsonl"),
        new theirs.URL("/s.jsonl", location.href),
        new theirs.Uint8Array(bytes),
      ];
      const lengths = [];
      for (const source of sources)
        lengths.push((await (await SessionLog.from(source)).read()).length);
      const root = await theirs.navigator.storage.getDirectory();
      lengths.push(
        (await read(root, "none")).length,
        (await (await SessionLog.open(root, "none")).index()).length,
      );
      const file = await root.getFileHandle("gone.jsonl", { create: true });
      await root.removeEntry("gone.jsonl");
      return [...lengths, await SessionLog.from(file).catch(({ code }) => code)];
    },
    [2, 2, 2, 2, 0, 0, "NOT_FOUND"],
  ],
  "lets other tasks run, and can be aborted, when it reads bytes in memory": [
    async () => {
      const { SessionLog } = globalThis.log;
      const source = await SessionLog.from(globalThis.bytesOf(100_000));
      let turns = 0;
      const timer = setInterval(() => (turns += 1));
      await source.verify();
      clearInterval(timer);
      const abort = new AbortController();
      setTimeout(() => abort.abort("enough"), 5);
      const aborted = source.verify({ signal: abort.signal });
      return [turns > 1, await aborted.catch((/** @type {unknown} */ reason) => reason)];
    },
    [true, "enough"],
  ],
  "ends the worker soon when it has indexed, and done nothing else": [
    async () => {
      const { SessionLog } = globalThis.log;
      const locks = async () => (await navigator.locks.query()).held?.length ?? 0;
      const source = await SessionLog.from(new Blob([globalThis.bytesOf(3_000)]));
      let during;
      await source.index({ onProgress: () => void (during ??= locks()) });
      for (let left = 100; left > 0 && (await locks()) > 0; left -= 1)
        await new Promise((done) => setTimeout(done, 50));
      return [await during, await locks()];
    },
    [1, 0],
  ],
  "rejects with INVALID_ARGUMENT when a URL is empty": [
    async () => globalThis.log.SessionLog.from("").catch(({ code }) => code),
    "INVALID_ARGUMENT",
  ],
};

for (const name of /** @type {const} */ (["Chromium", "Firefox"])) {
  test(name, { skip: undrivable, timeout: 240_000 }, async (t) => {
    const line =
      '{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"a","final_status":"ok"}\n';
    const headers = { "content-type": "application/jsonl" };
    const server = await serve({
      "/": page,
      "/s.jsonl": { body: line + line, headers },
      "/long.jsonl": { body: line.repeat(40_000), headers },
    });
    t.after(server.close);
    const browser = await launch[name]();
    t.after(browser.close);

    for (const [title, [work, expected]] of Object.entries(cases)) {
      await t.test(title, async () => {
        const tab = await browser.open(server.url);
        assert.deepEqual(await tab.evaluate(work), expected);
        assert.deepEqual(await tab.takeErrors(), []);
        await tab.close();
      });
    }

    await t.test(
      "rejects and ends its request when an index is aborted and the server does not answer",
      async (t) => {
        const { url, ended } = await stallingServer(t);
        const tab = await browser.open(server.url);
        const work = async (/** @type {string} */ url) => {
          const source = await globalThis.log.SessionLog.from(url);
          const abort = new AbortController();
          setTimeout(() => abort.abort("enough"), 300);
          return source
            .index({ signal: abort.signal })
            .catch((/** @type {unknown} */ reason) => reason);
        };
        assert.equal(await tab.evaluate(work, url), "enough");
        // The first request was answered. The browser may have sent another of its own.
        while (ended.length < 2) await new Promise((done) => setTimeout(done, 10));
        await tab.close();
      },
    );
  });
}
