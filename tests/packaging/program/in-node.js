import { appendFileSync } from "node:fs";

import { useCodec, useFiles, useStorage } from "./parts.js";

/** Does everything in a folder, and prints what came of it. */
export async function inNode(skillLog) {
  const tear = (name, text) => appendFileSync(`logs/${name}`, text);
  const storage = await useStorage(skillLog, { dir: "logs", tear });
  console.log(
    JSON.stringify({ codec: useCodec(skillLog), files: await useFiles(skillLog), storage }),
  );
}
