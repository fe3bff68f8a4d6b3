// The files of the page. They are read once, and nothing else is ever served.

import { createHash } from "node:crypto";
import fs from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** @type {Record<string, string>} */
const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

const NOT_BUILT = `<!doctype html>
<meta charset="utf-8">
<title>skill-log</title>
<p>The page of the viewer is not part of this build. Its data is: see docs/protocol.md.</p>
`;

/** @typedef {{ bytes: Buffer, type: string, tag: string }} PageFile */

/**
 * Reads the files of the page.
 *
 * @param {string} [folder]
 * @returns {Map<string, PageFile>} by path
 */
export function pageFiles(folder = fileURLToPath(new URL("../viewer/", import.meta.url))) {
  /** @type {Map<string, PageFile>} */
  const files = new Map();
  for (const name of namesIn(folder)) {
    const type = TYPES[extname(name)];
    if (!type) continue;
    const file = fileOf(fs.readFileSync(join(folder, name)), type);
    files.set(`/${name.replaceAll("\\", "/")}`, file);
  }
  const page = files.get("/index.html") ?? fileOf(Buffer.from(NOT_BUILT), TYPES[".html"]);
  return files.set("/", page);
}

/** @param {string} folder */
function namesIn(folder) {
  try {
    return fs.readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch {
    // The page was not built.
    return [];
  }
}

/**
 * @param {Buffer} bytes
 * @param {string} type
 * @returns {PageFile}
 */
function fileOf(bytes, type) {
  const tag = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
  return { bytes, type, tag: `"${tag}"` };
}
