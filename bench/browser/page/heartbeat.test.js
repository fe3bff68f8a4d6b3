// The heart notices what keeps it from beating.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { startHeart } from "./heartbeat.js";

/** @param {number} milliseconds */
function block(milliseconds) {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

test("the longest block is told, wherever it is", async () => {
  for (const blocks of [
    [60, 5],
    [5, 60],
  ]) {
    const stop = startHeart();
    for (const each of blocks) {
      await pause(5);
      block(each);
    }
    assert(stop() >= 60);
  }
});

test("what blocks to the very end counts", () => {
  const stop = startHeart();
  block(40);
  assert(stop() >= 40);
});
