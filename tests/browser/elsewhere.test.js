// What a page has indexed in another thread: ended when it is aborted, gone on with when the thread ends; and what comes from other places
// than the page: bytes of other kinds of memory, and values of a frame.

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
      super.postMessage(...args);
    }
  };
  /** So many lines of 1,000 bytes, and some. */
  globalThis.bytesOf = (lines) => {
    const line = log.encode({ session_id: "s", timestamp: "2026-01-02T03:04:05Z", skill: "a", final_status: "ok", message: "x".repeat(900) });
    const bytes = new Uint8Array(lines * line.length);
    for (let i = 0; i < lines; i += 1) bytes.set(line, i * line.length);
    return bytes;
  };
</script>`;

/** Says a size, and then nothing any more; tells when a request is ended. */
async function stallingServer(t) {
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

/** Each runs in a page, and gives what it is compared with. @type {Record<string, [() => Promise<unknown>, unknown]>} */
const cases = {
  "what a page indexes, wherever it is, a worker of the package reads, and all have the same": [
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
        // The package starts another one where the first is slow to come.
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
  "what a worker indexes, it reads itself": [
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
  "an index goes on in the page when its worker ends": [
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
    [true, 64_000, 64_000, 64_000, "a", 0],
  ],
  "bytes of shared and of resizable memory are indexed as others are": [
    async () => {
      const { SessionLog } = globalThis.log;
      const bytes = globalThis.bytesOf(3_000);
      const shared = new WebAssembly.Memory({ initial: 50, maximum: 50, shared: true }).buffer;
      const resizable = new ArrayBuffer(bytes.length, { maxByteLength: 2 * bytes.length });
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
  "a frame's Blobs, Files, URLs and handles are taken": [
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
  "bytes in memory are read by turns with others, and can be aborted": [
    async () => {
      const { SessionLog } = globalThis.log;
      const source = await SessionLog.from(globalThis.bytesOf(100_000));
      let turns = 0;
      const timer = setInterval(() => (turns += 1));
      await source.verify();
      clearInterval(timer);
      const abort = new AbortController();
      setTimeout(() => abort.abort("enough"), 5);
      return [turns > 1, await source.verify({ signal: abort.signal }).catch((reason) => reason)];
    },
    [true, "enough"],
  ],
  "a worker that has indexed, and nothing else, ends soon": [
    async () => {
      const { SessionLog } = globalThis.log;
      const locks = async () => (await navigator.locks.query()).held.length;
      const source = await SessionLog.from(new Blob([globalThis.bytesOf(3_000)]));
      let during;
      await source.index({ onProgress: () => void (during ??= locks()) });
      for (let left = 100; left > 0 && (await locks()) > 0; left -= 1)
        await new Promise((done) => setTimeout(done, 50));
      return [await during, await locks()];
    },
    [1, 0],
  ],
  "nothing is read of an empty URL": [
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
      "an index of a file whose server does not answer ends when it is aborted, and so does the request",
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
        // The first was answered; another one the browser may have asked by itself.
        while (ended.length < 2) await new Promise((done) => setTimeout(done, 10));
        await tab.close();
      },
    );
  });
}
