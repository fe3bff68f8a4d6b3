// Checks that a heartbeat notices what blocks the page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { startHeart } from "./heartbeat.js";

/** @param {number} milliseconds */
function block(milliseconds) {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

test("returns the longest block when it comes first or last", async () => {
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

test("counts a block when it lasts until the stop", () => {
  const stop = startHeart();
  block(40);
  assert(stop() >= 40);
});
