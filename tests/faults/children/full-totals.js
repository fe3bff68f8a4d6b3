// Adds an index to totals until memory does not suffice, and prints what they and the index say
// then.

import { encode, SessionLog, SkillLogError, Totals } from "skill-log";

const lines = Array.from({ length: 50_000 }, (_, i) =>
  encode({
    session_id: "s",
    timestamp: new Date(i),
    skill: "x",
    final_status: "ok",
    duration_ms: i + 1,
  }),
);
const index = await (await SessionLog.from(Buffer.concat(lines))).index();
const before = index.stats();
const totals = new Totals();

/** @param {() => void} call */
function thrownBy(call) {
  try {
    call();
  } catch (error) {
    if (error instanceof SkillLogError) return error;
    throw error;
  }
  return null;
}

let times = 0;
/** @type {SkillLogError | null} */
let error = null;
for (; !error && times < 1_000; times++) error = thrownBy(() => totals.add(index));
const later = [() => totals.add(index, []), () => totals.stats()].map(
  (call) => thrownBy(call) === error,
);
const others = new Totals();
others.add(index);
const isWhole = [index.stats(), others.stats()].map(
  (stats) => JSON.stringify(stats) === JSON.stringify(before),
);
console.log(
  JSON.stringify({
    times,
    name: error?.name,
    code: error?.code,
    message: error?.message,
    later,
    isWhole,
    refreshed: await index.refresh(),
  }),
);
