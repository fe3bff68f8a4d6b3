// The reader of a Blob returns its bytes and its errors, by streams where they work, else by
// slices.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BlobReader } from "../../../js/storage/blob.js";

const MEBIBYTE = 1 << 20;
const bytes = Uint8Array.from({ length: 5 * MEBIBYTE + 123 }, (_, i) => (i * 31 + (i >> 8)) & 0xff);

/** @param {BlobReader} reader @param {number} offset @param {number} length */
async function read(reader, offset, length) {
  const into = new Uint8Array(length);
  return into.subarray(0, await reader.read(offset, into));
}

/** @param {Uint8Array} found @param {number} offset @param {number} length */
function assertBytes(found, offset, length) {
  assert(
    Buffer.from(bytes.subarray(offset, offset + length)).equals(found),
    `${length} bytes from ${offset} on`,
  );
}

/** A Blob that counts its slices and streams, and may `change` the streams. */
class WatchedBlob extends Blob {
  slices = 0;
  streams = 0;

  /** @param {(stream: ReadableStream) => ReadableStream} [change] */
  constructor(change = (stream) => stream) {
    super([bytes]);
    this.change = change;
  }

  /** @param {[number?, number?]} range */
  slice(...range) {
    const slice = super.slice(...range);
    const arrayBuffer = slice.arrayBuffer.bind(slice);
    const stream = slice.stream.bind(slice);
    return Object.assign(slice, {
      arrayBuffer: () => ((this.slices += 1), arrayBuffer()),
      stream: () => ((this.streams += 1), this.change(stream())),
    });
  }
}

/** @param {BlobReader} reader @param {number} [length] */
async function readThrough(reader, length = MEBIBYTE) {
  for (let offset = 0; ; offset += length) {
    const found = await read(reader, offset, length);
    assertBytes(found, offset, length);
    if (found.length < length) return;
  }
}

test("opens one stream when each read starts where the last read ended", async () => {
  for (const length of [MEBIBYTE, 700_001]) {
    const blob = new WatchedBlob();
    await readThrough(new BlobReader(blob), length);
    assert.deepEqual([blob.slices, blob.streams], [1, 1]);
  }
});

test("returns the right bytes when reads jump", async () => {
  const reader = new BlobReader(new WatchedBlob());
  for (const at of [0, 1, 2, 0, 1, 4, 5, 3, 2])
    assertBytes(await read(reader, at * MEBIBYTE, MEBIBYTE), at * MEBIBYTE, MEBIBYTE);
});

test("returns the right bytes to each reader when several read at the same time", async () => {
  const reader = new BlobReader(new WatchedBlob());
  await Promise.all([readThrough(reader), readThrough(reader, 300_000), readThrough(reader)]);
});

test("ends its stream when it is closed while a chunk is read", async () => {
  let ended = 0;
  const blob = new WatchedBlob((stream) => {
    const reader = stream.getReader({ mode: "byob" });
    const cancel = () => ((ended += 1), reader.cancel());
    const read = (/** @type {any[]} */ ...wanted) => Reflect.apply(reader.read, reader, wanted);
    return Object.assign(stream, { getReader: () => ({ read, cancel }) });
  });
  const reader = new BlobReader(blob);
  const reading = reader.chunk(0, MEBIBYTE, bytes.length);
  reader.close();
  assertBytes(/** @type {Uint8Array} */ (await reading), 0, MEBIBYTE);
  assert.deepEqual([blob.streams, ended], [1, 1]);
});

test("reads again when it was closed", async () => {
  const blob = new WatchedBlob();
  const reader = new BlobReader(blob);
  for (const at of [0, 1, 2]) await read(reader, at * MEBIBYTE, MEBIBYTE);
  reader.close();
  assertBytes(await read(reader, 3 * MEBIBYTE, MEBIBYTE), 3 * MEBIBYTE, MEBIBYTE);
  assert.deepEqual([blob.slices, blob.streams], [2, 1]);
});

/**
 * Ends a stream after a megabyte and a half.
 *
 * @param {(controller: ReadableByteStreamController) => void} end
 */
const cutBy = (end) => (/** @type {ReadableStream} */ stream) => {
  const from = stream.getReader();
  let left = 1.5 * MEBIBYTE;
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const { value } = await from.read();
      left -= value?.length ?? left;
      if (left > 0 && value) return controller.enqueue(value);
      end(controller);
      controller.byobRequest?.respond(0);
    },
  });
};

/** @type {Record<string, (stream: ReadableStream) => any>} */
const faults = {
  "ends early": cutBy((controller) => controller.close()),
  fails: cutBy((controller) => controller.error(new Error("cut"))),
  "does not fill a given buffer": (stream) => stream.pipeThrough(new TransformStream()),
};
for (const [fault, change] of Object.entries(faults)) {
  test(`reads the rest by slices when a stream ${fault}`, async () => {
    const blob = new WatchedBlob(change);
    await readThrough(new BlobReader(blob));
    assert(blob.slices > 1 && blob.streams > 0, `${blob.slices} slices, ${blob.streams} streams`);
  });
}

test("rejects with the slice's error when the stream and the slice fail", async () => {
  const error = new DOMException("it has changed", "NotReadableError");
  const blob = new WatchedBlob();
  const reader = new BlobReader(blob);
  await read(reader, 0, MEBIBYTE);
  const failing = () => faults.fails(new Blob([new Uint8Array(10)]).stream());
  blob.slice = () =>
    Object.assign(new Blob([]), { arrayBuffer: () => Promise.reject(error), stream: failing });
  await assert.rejects(read(reader, MEBIBYTE, MEBIBYTE), error);
});
