import { statSync } from "node:fs";
import { append } from "skill-log";

await append("made", "s", { skill: "tdd", final_status: "pass" }, { mode: 0o666, dirMode: 0o775 });
console.log(...["made/s.jsonl", "made"].map((path) => (statSync(path).mode & 0o777).toString(8)));
