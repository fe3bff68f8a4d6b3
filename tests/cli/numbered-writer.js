// Appends numbered entries to the sessions of a directory: numbered-writer.js DIR WRITER COUNT
// SESSION...

import { SessionLog } from "skill-log";

const [dir, writer, count, ...sessions] = process.argv.slice(2);
const logs = await Promise.all(sessions.map((id) => SessionLog.open(dir, id)));
for (let n = 0; n < Number(count); n += 1) {
  await logs[n % logs.length].append({
    skill: writer,
    phase: String(n),
    final_status: "pass",
    message: "x".repeat((n * 37) % 3000),
  });
  if (n % 8 === 0) await new Promise((done) => setTimeout(done, 1));
}
