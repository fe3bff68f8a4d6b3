const { readFileSync } = require("node:fs");
const skillLog = require("skill-log/slim");

async function main() {
  await skillLog.init(
    new WebAssembly.Module(readFileSync(require.resolve("skill-log/skill_log.wasm"))),
  );
  const { inNode } = await import("./program/in-node.js");
  await inNode(skillLog);
}

main();
