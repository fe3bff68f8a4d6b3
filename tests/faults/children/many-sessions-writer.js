// Appends entries to many sessions in turns. Prints the number of each entry that is in its file.
//
//   many-sessions-writer.js DIR WRITER SESSIONS ENTRIES

import { append } from "skill-log";

import { numberedEntry } from "../numbered-entry.js";

const [dir, writer, sessions, entries] = process.argv.slice(2);
for (let number = 0; number < Number(entries); number += 1) {
  const session = `${(number * 7) % Number(sessions)}`;
  await append(dir, session, numberedEntry({ session, writer, number, length: 300 }));
  console.log(number);
}
