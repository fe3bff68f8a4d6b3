const worker = new Worker(new URL("./own-worker.js", import.meta.url), { type: "module" });

globalThis.outcome = new Promise((done, fail) => {
  worker.onerror = ({ message }) => fail(new Error(message));
  worker.onmessage = ({ data: { outcome, failure } }) =>
    failure ? fail(new Error(failure)) : done(outcome);
});
