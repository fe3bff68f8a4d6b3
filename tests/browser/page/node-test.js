// Replaces node:test: collects the tests of a page or a worker, and runs each when suite-run.js, in
// Node, asks for it.

/** @type {{ title: string, body: (t: object) => unknown }[]} */
const tests = [];

/**
 * @param {string} title
 * @param {(t: object) => unknown} body is passed a `t` with the members of Node's that the suites
 *   use
 */
export default function test(title, body) {
  tests.push({ title, body });
}

/**
 * What a test has come to: its end, or a request to Node.
 *
 * @typedef {{ message: string, stack: string }} Failure
 * @typedef {{ result: { error: Failure | null, diagnostics: string[] } }
 *   | { asked: { name: string, args: unknown[] } }} Step
 */

/** Receives the next step of the running test. @type {(step: Step) => void} */
let step = () => {};

/**
 * The requests that wait for Node's answers, which come in turn.
 *
 * @type {{ done: (answer: any) => void, fail: (error: unknown) => void }[]}
 */
const asking = [];

/**
 * Asks Node to do what a page cannot do: see disk.js. A test must await each call before the next.
 *
 * @param {string} name
 * @param {...unknown} args cross as JSON
 * @returns {Promise<{ reply: any, given: any[] }>} Node's answer, and the user's files or handles
 *   in the page afterwards
 */
export function ask(name, ...args) {
  step({ asked: { name, args } });
  return new Promise((done, fail) => asking.push({ done, fail }));
}

const suite = {
  titles: () => tests.map(({ title }) => title),

  /**
   * Runs a test and its hooks until its end or its first request.
   *
   * @param {number} index
   * @returns {Promise<Step>}
   */
  run: (index) => next(() => runTest(index)),

  /**
   * Answers a test's request, and runs the test until its end or its next request.
   *
   * @param {{ reply?: unknown, error?: string }} answer
   * @param {unknown[]} given
   * @returns {Promise<Step>}
   */
  answer: ({ reply, error }, given) =>
    next(() => {
      const { done, fail } = /** @type {typeof asking[number]} */ (asking.shift());
      if (error === undefined) done({ reply, given });
      else fail(new Error(error));
    }),
};

/** @param {() => void} goOn @returns {Promise<Step>} */
function next(goOn) {
  return new Promise((done) => {
    step = done;
    goOn();
  });
}

/** @param {number} index */
async function runTest(index) {
  /** @type {string[]} */
  const diagnostics = [];
  /** @type {(() => unknown)[]} */
  const after = [];
  const ended = new AbortController();
  const t = {
    name: tests[index].title,
    signal: ended.signal,
    after: (/** @type {() => unknown} */ hook) => after.push(hook),
    diagnostic: (/** @type {string} */ message) => diagnostics.push(message),
  };
  /** @type {Failure | null} */
  let error = null;
  const stepped = async (/** @type {() => unknown} */ work) => {
    try {
      await work();
    } catch (caught) {
      const thrown = /** @type {any} */ (caught);
      // The first error is kept, because later errors may follow from it.
      error ??= { message: String(thrown?.message ?? thrown), stack: String(thrown?.stack ?? "") };
    }
  };
  await stepped(() => tests[index].body(t));
  // The last comes first, so that what is in a folder is closed before the folder is removed.
  for (const hook of after.toReversed()) await stepped(hook);
  ended.abort();
  step({ result: { error, diagnostics } });
}

if (typeof document === "object") {
  globalThis.suite = {
    ...suite,
    answer: async (answer) => suite.answer(answer, await globalThis.given()),
  };
} else {
  // A worker, whose page passes the calls to it: see suite-run.js.
  const calls = /** @type {Record<string, (...args: any[]) => unknown>} */ (suite);
  addEventListener("message", async ({ data: { name, args, port } }) =>
    port.postMessage(await calls[name](...args)),
  );
}
