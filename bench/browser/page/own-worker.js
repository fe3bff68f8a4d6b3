// The page's side of the bench's own worker.

/** Starts the worker. It answers in the order of the questions. */
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
