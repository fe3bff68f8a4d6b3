import { appendFileSync } from "node:fs";
import * as skillLog from "skill-log";
import { expect, test } from "vitest";

import { codec, files, storage } from "./program/expected.js";
import { useCodec, useFiles, useStorage } from "./program/parts.js";

test("encodes and decodes an entry", () => expect(useCodec(skillLog)).toEqual(codec));
test("reads a Blob and bytes", async () => expect(await useFiles(skillLog)).toEqual(files));
test("writes and reads a log", async () => {
  const tear = (name, text) => appendFileSync(`logs/${name}`, text);
  expect(await useStorage(skillLog, { dir: "logs", tear })).toEqual(storage);
});
