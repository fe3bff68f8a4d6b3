// Lists and indexes the logs of a directory with a cache, as messages of its parent ask it to, and
// answers each message after it.

import { Sessions } from "skill-log";

process.on("message", async (/** @type {{ dir: string, cache: string }} */ { dir, cache }) => {
  const sessions = await Sessions.open(dir, { cache });
  // Both caches: `list` writes the summaries, and `index` the rows.
  const summaries = sessions.list()[Symbol.asyncIterator]();
  while (!(await summaries.next()).done);
  await sessions.index();
  await sessions.close();
  process.send?.("done");
});
process.on("disconnect", () => process.exit());
process.send?.("ready");
