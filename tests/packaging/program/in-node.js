import { appendFileSync } from "node:fs";

import { useCodec, useFiles, useStorage } from "./parts.js";

/** Runs all parts in the folder logs/, and prints their results. */
export async function inNode(skillLog) {
  const tear = (name, text) => appendFileSync(`logs/${name}`, text);
  const storage = await useStorage(skillLog, { dir: "logs", tear });
  console.log(
    JSON.stringify({ codec: useCodec(skillLog), files: await useFiles(skillLog), storage }),
  );
}
