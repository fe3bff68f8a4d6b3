// The format of an export, from the options or from the end of the file name.

import path from "node:path";

import { UsageError } from "../failures.js";
import { compressions } from "./compressor.js";

/** @import { Entry } from "../../types.js" */
/** @import { Compression } from "./compressor.js" */

/** @typedef {"jsonl" | "csv"} FormatName */
/**
 * @typedef
 *   {{ output?: string, format?: FormatName, compress?: Compression, partition?: boolean,
 *   escapeFormulas?: boolean }}
 *   FormatOptions
 */

/**
 * @typedef {object} ExportFormat
 * @property {string} extension of an uncompressed file
 * @property {Compression | undefined} compression
 * @property {Uint8Array} header the first bytes of a file
 * @property {(entry: Entry) => Uint8Array} [line] absent where the lines are canonical
 */

/** @type {Record<string, FormatName>} */
const formatNames = { ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv" };

/** All formats, and all compressions. */
export const FORMATS = [...new Set(Object.values(formatNames))];
export const COMPRESSIONS = /** @type {Compression[]} */ (Object.keys(compressions));

/**
 * Returns the selected format.
 *
 * @param {FormatOptions} options
 * @returns {Promise<ExportFormat>}
 */
export async function formatOf({ output, partition, format, compress, escapeFormulas = false }) {
  const named =
    output === undefined || output === "-" || partition
      ? { formatName: format ?? "jsonl", compression: compress }
      : namedFormat(output);
  const formatName = format ?? named.formatName;
  const compression = compress ?? named.compression;
  if (!formatName)
    throw new UsageError(
      `${output}: the name does not say the format; end it in ${endings()}, or add --format`,
    );
  if (named.formatName && (formatName !== named.formatName || compression !== named.compression)) {
    throw new UsageError(
      `${output}: the end of the name disagrees with ${formatName === named.formatName ? `--compress ${compress}` : `--format ${format}`}`,
    );
  }
  if (escapeFormulas && formatName !== "csv")
    throw new UsageError(
      "--escape-formulas works only with CSV; add --format csv, or end the name in .csv",
    );
  return {
    extension: `.${formatName}`,
    compression,
    ...(await writerOf(formatName, escapeFormulas)),
  };
}

/**
 * Returns the format that the end of a name selects.
 *
 * @param {string} file
 * @returns {{ formatName?: FormatName | undefined, compression?: Compression | undefined }}
 */
function namedFormat(file) {
  const name = file.toLowerCase();
  const compression = COMPRESSIONS.find((each) => name.endsWith(compressions[each]));
  const uncompressed = compression ? name.slice(0, -compressions[compression].length) : name;
  return { formatName: formatNames[path.extname(uncompressed)], compression };
}

function endings() {
  const [last, ...others] = Object.keys(formatNames).reverse();
  return `${others.reverse().join(", ")} or ${last}, each also with ${Object.values(compressions).join(" or ")}`;
}

/**
 * @param {FormatName} formatName
 * @param {boolean} escapeFormulas
 */
async function writerOf(formatName, escapeFormulas) {
  if (formatName === "jsonl") return { header: new Uint8Array(0) };
  const { csvHeader, csvLine } = await import("./csv.js");
  return {
    header: Buffer.from(csvHeader({ escapeFormulas })),
    line: (/** @type {Entry} */ entry) => Buffer.from(csvLine(entry, { escapeFormulas })),
  };
}
