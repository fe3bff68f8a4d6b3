// What the package costs a program before its first use.

import { fileURLToPath } from "node:url";

import { compressedSize, wasmLimit } from "../../scripts/build.js";
import { output } from "../../scripts/command.js";

const firstDecode = fileURLToPath(new URL("../first-decode.js", import.meta.url));

/** @type {import("../measure.js").Row[]} */
export const rows = [
  {
    name: "start/size",
    title: "size of the wasm, compressed with gzip",
    rounds: 1,
    setUp: () => ({
      unit: "bytes",
      contenders: [
        { name: "skill_log_bg.wasm", atMost: wasmLimit, start: () => ({ run: compressedSize }) },
      ],
    }),
  },
  {
    name: "start/decode",
    title: "time from import to the first decoded entry",
    rounds: 15,
    setUp: () => ({
      unit: "ms",
      contenders: [
        { name: "skill-log, in a new process", atMost: 15, start: () => ({ run: inNewProcess }) },
      ],
    }),
  },
];

function inNewProcess() {
  const time = output(process.execPath, [firstDecode]);
  if (time === null) throw new Error(`${firstDecode} failed: run it to see why`);
  return Number(time);
}
