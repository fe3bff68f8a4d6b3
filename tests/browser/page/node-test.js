// In place of node:test: collects the tests of a page or of a worker, and runs each when suite-run.js, in Node, asks for it.

/** @type {{ title: string, body: (t: object) => unknown }[]} */
const tests = [];

/**
 * @param {string} title
 * @param {(t: object) => unknown} body gets what `t` has in Node, as far as the suites use it
 */
export default function test(title, body) {
  tests.push({ title, body });
}

/**
 * What a test has come to: its end, or what it asks Node to do.
 *
 * @typedef {{ result: { error: { message: string, stack: string } | null, diagnostics: string[] } }
 *   | { asked: { name: string, args: unknown[] } }} Step
 */

/** @type {(step: Step) => void} takes the next step of the test that runs */
let step = () => {};

/** @type {{ done: (answer: any) => void, fail: (error: unknown) => void }[]} those that wait for Node's answer; it answers in turn */
const asking = [];

/**
 * Asks Node to do what a page cannot: see disk.js. One after the other.
 *
 * @param {string} name
 * @param {...unknown} args cross as JSON
 * @returns {Promise<{ reply: any, given: any[] }>} what it answers, and what a user would have given to the page then: files, or handles
 */
export function ask(name, ...args) {
  step({ asked: { name, args } });
  return new Promise((done, fail) => asking.push({ done, fail }));
}

const suite = {
  titles: () => tests.map(({ title }) => title),

  /**
   * Runs one test, and what it left to do after it, up to where it asks for something.
   *
   * @param {number} index
   * @returns {Promise<Step>}
   */
  run: (index) => next(() => runTest(index)),

  /**
   * Answers what a test has asked for, and runs it on.
   *
   * @param {{ reply?: unknown, error?: string }} answer
   * @param {unknown[]} given
   * @returns {Promise<Step>}
   */
  answer: ({ reply, error }, given) =>
    next(() => {
      const { done, fail } = asking.shift();
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
  const diagnostics = [];
  const after = [];
  const ended = new AbortController();
  const t = {
    name: tests[index].title,
    signal: ended.signal,
    after: (hook) => after.push(hook),
    diagnostic: (message) => diagnostics.push(message),
  };
  let error = null;
  const stepped = async (step) => {
    try {
      await step();
    } catch (thrown) {
      // The first one says why; those of what comes after may follow from it.
      error ??= { message: String(thrown?.message ?? thrown), stack: String(thrown?.stack ?? "") };
    }
  };
  await stepped(() => tests[index].body(t));
  for (const hook of after) await stepped(hook);
  ended.abort();
  step({ result: { error, diagnostics } });
}

if (typeof document === "object") {
  globalThis.suite = {
    ...suite,
    answer: async (answer) => suite.answer(answer, await globalThis.given()),
  };
} else {
  // A worker, whose page hands on what it is asked: see suite-run.js.
  addEventListener("message", async ({ data: { name, args, port } }) =>
    port.postMessage(await suite[name](...args)),
  );
}
