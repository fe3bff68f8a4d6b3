// Fills the folders in which tests run commands.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));

/** File names that no repository should contain → number of their entries. */
const hostile = {
  "new\nline": 1,
  "red \u001b[31m": 1,
  "abc\u202egpj": 1,
};

/**
 * Copies `fixtures/` to a folder, and adds logs with hostile names in `hostile-names/`. The files
 * of each folder have modification times in the order of their names, a day apart.
 *
 * @param {string} folder
 */
export function furnish(folder) {
  fs.cpSync(fixtures, folder, { recursive: true });
  fs.mkdirSync(path.join(folder, "nothing"));
  const names = path.join(folder, "hostile-names");
  fs.mkdirSync(names);
  for (const [name, entries] of Object.entries(hostile)) {
    const line = `{"session_id":${JSON.stringify(name)},"timestamp":"2026-03-01T09:00:00Z","skill":"tdd","final_status":"pass"}\n`;
    fs.writeFileSync(path.join(names, `${name}.jsonl`), line.repeat(entries));
  }
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const inside = path.join(folder, entry.name);
    fs.readdirSync(inside)
      .sort()
      .forEach((file, day) =>
        fs.utimesSync(
          path.join(inside, file),
          new Date(Date.UTC(2026, 2, 1 + day)),
          new Date(Date.UTC(2026, 2, 1 + day)),
        ),
      );
  }
}
