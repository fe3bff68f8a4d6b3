import assert from "node:assert/strict";
import test from "node:test";

import { BUSY_BUDGET } from "../../../../js/storage/browser/waits.js";

test("an append fails with BUSY within two seconds, as the tests in browsers measure it", () => {
  assert.ok(BUSY_BUDGET < 2000, `${BUSY_BUDGET} ms`);
});
