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

const suite = {
  titles: () => tests.map(({ title }) => title),

  /**
   * Runs one test, and what it left to do after it.
   *
   * @param {number} index
   * @returns {Promise<{ error: { message: string, stack: string } | null, diagnostics: string[] }>}
   */
  async run(index) {
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
    return { error, diagnostics };
  },
};

if (typeof document === "object") {
  globalThis.suite = suite;
} else {
  // A worker, whose page hands on what it is asked: see suite-run.js.
  addEventListener("message", async ({ data: { name, args, port } }) => port.postMessage(await suite[name](...args)));
}
