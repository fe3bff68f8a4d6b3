// Prints the milliseconds from `import` to the first decoded entry. Runs in a new process, because
// only the first import loads the package.

const line =
  '{"session_id":"s-1","timestamp":"2026-03-14T09:12:03.418Z","skill":"plan","final_status":"success"}';

const start = performance.now();
const { decode } = await import("skill-log");
const entry = decode(line);
const time = performance.now() - start;

if (entry.skill !== "plan") throw new Error("decode returned another entry");
console.log(time);
