import assert from "node:assert/strict";

import { facts } from "./child.js";

/** @import { Damage } from "skill-log" */

/**
 * Runs filling-writer.js where only a few entries fit. Checks the error of the refused append, and
 * that no other entry is lost.
 *
 * @param {{ dir: string, under: string[], release: string, room: number, length: number, cause:
 *   string }} of `room` is in bytes; `cause` is the system's name for the error
 */
export async function checkLimit({ dir, under, release, room, length, cause }) {
  const session = "limited";
  const seen = await facts("filling-writer.js", [dir, session, length, release], { under });
  const { acknowledged, first, second, full, later, released } = seen;
  const fitting = Math.floor(room / length);
  const rest = room % length;
  const numbers = Array.from({ length: fitting }, (_, number) => number);
  assert.equal(acknowledged, fitting);

  const { message, cause: firstCause, ...failure } = first;
  assert.deepEqual(failure, {
    name: "SkillLogError",
    code: "WRITE_FAILED",
    written: rest,
    expected: length,
    path: seen.path,
    grown: rest,
  });
  assert.match(message, new RegExp(`\\b${rest}\\b.*\\b${length}\\b`));
  // The system reports no error for a partial write.
  if (rest === 0) assert.equal(firstCause, cause);
  assert.deepEqual(
    { code: second.code, written: second.written, grown: second.grown, cause: second.cause },
    {
      code: "WRITE_FAILED",
      written: 0,
      grown: 0,
      cause,
    },
  );

  // A cut line at the end is pending, because its writer may still complete it.
  const pending = rest === 0 ? null : { offset: room - rest, length: rest };
  assert.deepEqual(full, { numbers, same: true, damage: [], pending, bytes: room });

  assert.equal(later, null);
  const { damage, ...readLater } = released;
  const sealed = rest === 0 ? 0 : 1;
  const bytes = room + sealed + length;
  assert.deepEqual(readLater, {
    numbers: [...numbers, fitting + 1],
    same: true,
    pending: null,
    bytes,
  });
  const torn = damage.map((/** @type {Damage} */ { kind, offset, length, recovered }) => ({
    kind,
    offset,
    length,
    recovered,
  }));
  assert.deepEqual(
    torn,
    rest === 0 ? [] : [{ kind: "torn", offset: room - rest, length: rest, recovered: 0 }],
  );
}
