import assert from "node:assert/strict";
import test from "node:test";

import { BUSY_BUDGET } from "../../../../js/storage/browser/waits.js";

test("has a sum below two seconds when the waits before BUSY are added", () => {
  assert.ok(BUSY_BUDGET < 2000, `${BUSY_BUDGET} ms`);
});
