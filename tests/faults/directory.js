import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

/** Makes a folder that is removed after the test, or the test file, that asked for it. */
export function temporaryDirectory() {
  const path = mkdtempSync(join(tmpdir(), "skill-log-fault-"));
  after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
