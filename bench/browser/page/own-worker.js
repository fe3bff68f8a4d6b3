// The bench's own worker, as its page sees it.

/** Starts one. It answers in the order in which it is asked. */
export function ownWorker() {
  const worker = new Worker("/worker.js", { type: "module" });
  /** @type {((result: any) => void)[]} */
  const waiting = [];
  /** @type {((error: Error) => void)[]} */
  const failing = [];
  worker.onmessage = ({ data }) => {
    failing.shift();
    waiting.shift()?.(data);
  };
  worker.onerror = ({ message }) => failing.splice(0).forEach((fail) => fail(new Error(message)));
  return {
    /** @param {string} name @param {unknown} [argument] @returns {Promise<any>} */
    ask(name, argument) {
      return new Promise((done, fail) => {
        waiting.push(done);
        failing.push(fail);
        worker.postMessage([name, argument]);
      });
    },
    end: () => worker.terminate(),
  };
}
