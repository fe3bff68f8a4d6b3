// The events of a server: what its clients miss, and when they ask.

import assert from "node:assert/strict";
import test from "node:test";
import { setImmediate as turn } from "node:timers/promises";

import { RemoteDirectory } from "../../../js/remote/remote-directory.js";
import { RemoteEvents } from "../../../js/remote/remote-events.js";
import { ServedEvents } from "../../../js/serving/served-events.js";
import { collected } from "../support/collected.js";

const look = (/** @type {string} */ version) => ({
  identity: "1",
  size: 1,
  changed: 0,
  version,
});

test("tells nobody that it is ready before the first look, which tells nothing", async () => {
  let release = () => {};
  const held = new Promise((done) => (release = () => done(undefined)));
  const directory = {
    async *looks() {
      await held;
      yield [["a", look("2")]];
    },
    watch: () => ({ renew: () => true, close() {} }),
  };
  const events = new ServedEvents(/** @type {any} */ ({ followed: () => directory }));
  const ending = new AbortController();
  const streams = [events.stream(ending.signal), events.stream(ending.signal)];
  /** @type {number[]} */
  const ready = [];
  const first = streams.map(async (stream, at) => {
    const { value } = await stream.next();
    assert.match(new TextDecoder().decode(/** @type {any} */ (value)), /event: ready/);
    ready.push(at);
  });
  for (let left = 10; left > 0; left -= 1) await turn();
  assert.deepEqual(ready, []);
  release();
  await Promise.all(first);
  assert.deepEqual(ready, [0, 1]);
  ending.abort();
  for (const stream of streams) assert.equal((await stream.next()).done, true);
  events.close();
});

test("leaves no listener when it asks again and again", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let listeners = 0;
  const { addEventListener, removeEventListener } = AbortSignal.prototype;
  t.mock.method(
    AbortSignal.prototype,
    "addEventListener",
    /** @this {any} @param {any[]} given */ function (...given) {
      listeners += 1;
      return Reflect.apply(addEventListener, this, given);
    },
  );
  t.mock.method(
    AbortSignal.prototype,
    "removeEventListener",
    /** @this {any} @param {any[]} given */ function (...given) {
      listeners -= 1;
      return Reflect.apply(removeEventListener, this, given);
    },
  );
  let asked = 0;
  const server = {
    // eslint-disable-next-line require-yield
    async *events() {
      asked += 1;
      throw new Error("there is no answer");
    },
  };
  const end = new RemoteEvents(/** @type {any} */ (server)).listen(() => {});
  for (let left = 20; left > 0; left -= 1) {
    for (let turns = 5; turns > 0; turns -= 1) await turn();
    t.mock.timers.tick(5000);
  }
  for (let turns = 5; turns > 0; turns -= 1) await turn();
  assert.ok(asked >= 20);
  assert.ok(listeners <= 2, `${listeners} listeners`);
  end();
  for (let turns = 5; turns > 0; turns -= 1) await turn();
  assert.equal(listeners, 0);
});

test("asks for no events while the page is hidden, and looks when it is shown", async (t) => {
  const document = Object.assign(new EventTarget(), { visibilityState: "hidden" });
  Object.assign(globalThis, { document });
  t.after(() => Reflect.deleteProperty(globalThis, "document"));
  const show = (/** @type {string} */ state) => {
    document.visibilityState = state;
    document.dispatchEvent(new Event("visibilitychange"));
  };
  let open = 0;
  let looks = 0;
  const server = {
    /** @param {string} _path @param {{ signal: AbortSignal }} asked */
    async *events(_path, { signal }) {
      open += 1;
      yield { event: "ready", data: {} };
      await new Promise((done) => signal.addEventListener("abort", done));
      open -= 1;
      throw signal.reason;
    },
    async *lines() {
      looks += 1;
      yield* [];
    },
  };
  const events = new RemoteEvents(/** @type {any} */ (server));
  const directory = new RemoteDirectory(
    /** @type {any} */ (server),
    /** @type {any} */ (null),
    events,
  );
  let told = 0;
  const watch = directory.watch({ changed: () => (told += 1), renamed: () => {} });
  const settle = async () => {
    for (let turns = 5; turns > 0; turns -= 1) await turn();
    await collected(directory.looks(false));
    return [open, told, looks];
  };
  // It looks first, and then seldom.
  assert.deepEqual(await settle(), [0, 0, 1]);
  assert.deepEqual(await settle(), [0, 0, 1]);
  show("visible");
  assert.deepEqual(await settle(), [1, 1, 2]);
  assert.deepEqual(await settle(), [1, 1, 2]);
  show("hidden");
  assert.deepEqual(await settle(), [0, 1, 2]);
  assert.equal(watch.renew(), false);
  show("visible");
  assert.deepEqual(await settle(), [1, 2, 3]);
  watch.close();
  assert.deepEqual((await settle()).slice(0, 1), [0]);
  show("hidden");
  show("visible");
  assert.deepEqual((await settle()).slice(0, 1), [0]);
});
