import { useCodec, useFiles, useNoStorage } from "./parts.js";

/** Answers each request with what everything came to that needs no storage, and how the rest is refused. */
export function inWorkerd(skillLog) {
  return {
    async fetch() {
      return Response.json({
        codec: useCodec(skillLog),
        files: await useFiles(skillLog),
        noStorage: await useNoStorage(skillLog),
      });
    },
  };
}
