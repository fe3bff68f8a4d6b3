// Finds the lines of a log that a target would refuse, drop, cut or change.

import fs from "node:fs";

import { schemaColumns } from "../schemas/entry-schema.js";
import { LineFindings } from "./line-findings.js";
import { targets } from "./targets.js";

/** @import { Damage } from "../../types.js" */
/** @import { NamedLog } from "../selection/operands.js" */
/** @import { LineFinding } from "./line-findings.js" */
/** @import { Target } from "./targets.js" */

/** @typedef {LineFinding & { line: number, offset: number, length: number }} LogFinding */

const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY } = fs.constants;

const LINE_END = 10;
const CHUNK = 1 << 20;

/** The longest line whose inside is looked at: longer lines are damage of their own. */
const LONGEST = 256 << 20;

/**
 * Finds the lines of a log that break a rule of a target. Damaged lines are checked for their length
 * alone, because their damage is reported. A last line without its line end is not checked, because
 * it may still be written.
 *
 * @param {NamedLog} log
 * @param {Target} target
 * @param {Damage[]} damage of the log, in its order
 * @returns {Generator<LogFinding, void, void>}
 */
export function* findingsIn(log, target, damage) {
  const names = schemaColumns().map(({ name }) => name);
  const findings = new LineFindings(targets[target], names);
  const left = damage.values();
  let damaged = left.next().value;
  for (const { line, offset, length, bytes } of linesOf(log, findings.lookInside)) {
    while (damaged && damaged.offset + damaged.length <= offset) damaged = left.next().value;
    const isDamaged = damaged !== undefined && damaged.offset <= offset;
    const found = findings.ofLength(length);
    if (bytes && !isDamaged) found.push(...findings.inside(bytes));
    for (const finding of found) yield { line, offset, length, ...finding };
  }
}

/**
 * Yields the lines of a log that are not blank, without their line ends.
 *
 * @param {NamedLog} log
 * @param {boolean} withBytes whether the bytes of lines are wanted
 */
function* linesOf(log, withBytes) {
  const flags = O_RDONLY | O_NONBLOCK | (log.id === undefined ? 0 : O_NOFOLLOW);
  const file = fs.openSync(log.path, flags);
  try {
    const chunk = Buffer.allocUnsafe(CHUNK);
    /** @type {Buffer[]} the start of a line that continues in the next chunk */
    let parts = [];
    let [line, offset, position, started] = [1, 0, 0, 0];
    for (;;) {
      const read = fs.readSync(file, chunk, 0, CHUNK, position);
      if (read === 0) return;
      for (let at = 0; at < read; ) {
        const found = chunk.subarray(0, read).indexOf(LINE_END, at);
        const end = found < 0 ? read : found;
        started += end - at;
        if (withBytes && started <= LONGEST) {
          const part = chunk.subarray(at, end);
          parts.push(found < 0 ? Buffer.from(part) : part);
        }
        at = end + 1;
        if (found < 0) break;
        const first = parts.length === 1 ? parts[0] : Buffer.concat(parts);
        const isBlank = started === 0 || (started === 1 && chunk[end - 1] === 0x0d);
        const bytes = withBytes && started <= LONGEST ? first : undefined;
        if (!isBlank) yield { line, offset, length: started, bytes };
        offset = position + at;
        line += 1;
        started = 0;
        parts = [];
      }
      position += read;
    }
  } finally {
    fs.closeSync(file);
  }
}
