globalThis.outcome = import("./node_modules/skill-log/dist/browser.js").then(
  () => "imported",
  ({ code, message, cause }) => ({ code, message, cause: cause.name }),
);
