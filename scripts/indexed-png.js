// Makes a PNG smaller: a picture of a page has few colours, so a byte says which one a pixel has.

import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The most colours of a palette. */
const MOST = 96;

/**
 * Returns a PNG with a palette of the colours that the picture has most.
 *
 * @param {Uint8Array} png with 8 bits for each of red, green, blue and, if there is one, alpha, as
 *   browsers write screenshots
 * @returns {Buffer}
 */
export function indexedPng(png) {
  const { width, height, pixels, step } = decoded(Buffer.from(png));
  /** @type {Map<number, number>} */
  const counts = new Map();
  const colorAt = (/** @type {number} */ at) => pixels.readUIntBE(at * step, 3);
  for (let at = 0; at < width * height; at += 1)
    counts.set(colorAt(at), (counts.get(colorAt(at)) ?? 0) + 1);
  const palette = [...counts].sort(([, one], [, other]) => other - one).slice(0, MOST);
  const colors = palette.map(([color]) => color);
  const indexes = new Map(colors.map((color, index) => [color, index]));
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const color = colorAt(y * width + x);
      let index = indexes.get(color);
      if (index === undefined) indexes.set(color, (index = nearest(color, colors)));
      rows[y * (width + 1) + 1 + x] = index;
    }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8);
  const entries = Buffer.alloc(colors.length * 3);
  for (const [at, color] of colors.entries()) entries.writeUIntBE(color, at * 3, 3);
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("PLTE", entries),
    chunk("IDAT", deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/**
 * Returns the position of the colour that looks most like another.
 *
 * @param {number} color
 * @param {readonly number[]} colors
 */
function nearest(color, colors) {
  let best = 0;
  let least = Infinity;
  for (const [at, other] of colors.entries()) {
    const [red, green, blue] = [16, 8, 0].map(
      (shift) => ((color >> shift) & 255) - ((other >> shift) & 255),
    );
    const distance = 3 * red * red + 4 * green * green + 2 * blue * blue;
    if (distance < least) [least, best] = [distance, at];
  }
  return best;
}

/**
 * @param {string} type
 * @param {Buffer} data
 */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const bytes = Buffer.alloc(body.length + 8);
  bytes.writeUInt32BE(data.length, 0);
  body.copy(bytes, 4);
  bytes.writeUInt32BE(crc32(body), bytes.length - 4);
  return bytes;
}

/** @param {Buffer} png */
function decoded(png) {
  let [width, height, step] = [0, 0, 3];
  /** @type {Buffer[]} */
  const parts = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") {
      [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
      step = data[9] === 6 ? 4 : 3;
    } else if (type === "IDAT") parts.push(data);
    at += length + 12;
  }
  return {
    width,
    height,
    step,
    pixels: unfiltered(inflateSync(Buffer.concat(parts)), width * step, step),
  };
}

/**
 * Undoes the filters of rows: each byte was written as the difference to its neighbours.
 *
 * @param {Buffer} rows each with the number of its filter first
 * @param {number} length of a row in bytes
 * @param {number} step bytes of a pixel
 */
function unfiltered(rows, length, step) {
  const height = rows.length / (length + 1);
  const pixels = Buffer.alloc(height * length);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < length; x += 1) {
      const to = y * length + x;
      const left = x >= step ? pixels[to - step] : 0;
      const up = y > 0 ? pixels[to - length] : 0;
      const corner = x >= step && y > 0 ? pixels[to - length - step] : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)];
      pixels[to] = rows[y * (length + 1) + 1 + x] + guess[rows[y * (length + 1)]];
    }
  return pixels;
}

/**
 * @param {number} left
 * @param {number} up
 * @param {number} corner
 */
function paeth(left, up, corner) {
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(left + up - corner - value));
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
