// Archives a session, or undoes that, without the second in which late writers are waited for: nobody
// else writes.

import fs from "node:fs";

import { SessionArchiver } from "../../../js/cli/archiving/session-archiver.js";
import { sessionsOf } from "../../../js/cli/archiving/session-files.js";
import { unarchive } from "../../../js/cli/archiving/session-unarchiver.js";
import { zstdCodec } from "../../../js/cli/archiving/zstd-codec.js";

/** @import { DirectoryLock } from "../../../js/cli/archiving/directory-lock.js" */

const codec = await zstdCodec(1);
const onBytes = () => {};

/**
 * Archives what a session has; if all of it is in its archive, undoes that.
 *
 * @param {string} dir
 * @param {string} session
 * @param {DirectoryLock} lock
 */
export async function archiveOrUnarchive(dir, session, lock) {
  const files = sessionsOf(dir).get(session);
  if (!files) return;
  const isLeft = fs.existsSync(files.log) || files.asides.size > 0;
  if (!isLeft) return void (await unarchive(files, { lock, codec, onBytes }));
  if (!(await new SessionArchiver(lock, codec, onBytes).compress(files))) return;
  for (const aside of files.asides) fs.unlinkSync(files.aside(aside));
}
