// Prints the milliseconds from `import` to the first entry. Run in a process of its own: no second import is a first one.

const line =
  '{"session_id":"s-1","timestamp":"2026-03-14T09:12:03.418Z","skill":"plan","final_status":"success"}';

const start = performance.now();
const { decode } = await import("skill-log");
const entry = decode(line);
const time = performance.now() - start;

if (entry.skill !== "plan") throw new Error("not the entry");
console.log(time);
