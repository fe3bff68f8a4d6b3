import { useCodec, useFiles, useNoStorage } from "./parts.js";

/** Returns a worker that responds with the results of the parts that need no storage. */
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
