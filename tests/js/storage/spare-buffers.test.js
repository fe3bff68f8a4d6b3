// What crosses between threads is freed, or used again.

import assert from "node:assert/strict";
import test from "node:test";

import { freeBuffer } from "../../../js/storage/chunks.js";
import {
  copyToSend,
  freeReceived,
  keepSpare,
  takeSpare,
} from "../../../js/storage/spare-buffers.js";

for (const [name, free] of Object.entries({ freeBuffer, freeReceived, keepSpare }))
  test(`${name} frees bytes, even twice, when the engine can`, () => {
    const bytes = new Uint8Array(1000);
    free(bytes);
    free(bytes);
    // Node 20 cannot.
    assert.equal(bytes.buffer.byteLength, "transfer" in ArrayBuffer.prototype ? 0 : 1000);
  });

test("copies what is sent and leaves the original when no buffer was kept", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  assert.equal(takeSpare(), null);
  const copy = copyToSend(bytes);
  assert.deepEqual([...copy], [1, 2, 3]);
  assert.notEqual(copy.buffer, bytes.buffer);
  assert.equal(bytes.length, 3);
});
