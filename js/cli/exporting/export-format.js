// What an export is written as: said by options, or by the end of a file's name.

import path from "node:path";

import { UsageError } from "../failures.js";
import { canonicalBytes } from "../canonical.js";
import { compressions } from "./compressor.js";

/** @import { Entry } from "../../types.js" */
/** @import { Compression } from "./compressor.js" */

/** @typedef {"jsonl" | "csv"} FormatName */
/** @typedef {{ output?: string, format?: FormatName, compress?: Compression, partition?: boolean, escapeFormulas?: boolean }} FormatOptions */

/**
 * @typedef {object} ExportFormat
 * @property {string} extension of a file that is not compressed
 * @property {Compression | undefined} compression
 * @property {Uint8Array} header what a file begins with
 * @property {(entry: Entry) => Uint8Array} line
 */

/** @type {Record<string, FormatName>} */
const formatNames = { ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv" };

/** Every spelling, and every compression. */
export const FORMATS = [...new Set(Object.values(formatNames))];
export const COMPRESSIONS = /** @type {Compression[]} */ (Object.keys(compressions));

/**
 * Gives the format that is meant.
 *
 * @param {FormatOptions} options
 * @returns {Promise<ExportFormat>}
 */
export async function formatOf({ output, partition, format, compress, escapeFormulas = false }) {
  const named =
    output === undefined || output === "-" || partition
      ? { spelling: format ?? "jsonl", compression: compress }
      : namedFormat(output);
  const spelling = format ?? named.spelling;
  const compression = compress ?? named.compression;
  if (!spelling)
    throw new UsageError(
      `${output}: expected a name that ends in ${endings()}; or --format to say it`,
    );
  if (named.spelling && (spelling !== named.spelling || compression !== named.compression)) {
    throw new UsageError(
      `${output}: the end of the name contradicts ${spelling === named.spelling ? `--compress ${compress}` : `--format ${format}`}`,
    );
  }
  if (escapeFormulas && spelling !== "csv") throw new UsageError("--escape-formulas is for CSV");
  return { extension: `.${spelling}`, compression, ...(await writerOf(spelling, escapeFormulas)) };
}

/**
 * Gives what the end of a name says.
 *
 * @param {string} file
 * @returns {{ spelling?: FormatName | undefined, compression?: Compression | undefined }}
 */
function namedFormat(file) {
  const name = file.toLowerCase();
  const compression = COMPRESSIONS.find((each) => name.endsWith(compressions[each]));
  const spelled = compression ? name.slice(0, -compressions[compression].length) : name;
  return { spelling: formatNames[path.extname(spelled)], compression };
}

function endings() {
  const [last, ...others] = Object.keys(formatNames).reverse();
  return `${others.reverse().join(", ")} or ${last}, each also with ${Object.values(compressions).join(" or ")}`;
}

/**
 * @param {FormatName} spelling
 * @param {boolean} escapeFormulas
 */
async function writerOf(spelling, escapeFormulas) {
  if (spelling === "jsonl") return { header: new Uint8Array(0), line: canonicalBytes };
  const { csvHeader, csvLine } = await import("./csv.js");
  return {
    header: Buffer.from(csvHeader({ escapeFormulas })),
    line: (/** @type {Entry} */ entry) => Buffer.from(csvLine(entry, { escapeFormulas })),
  };
}
