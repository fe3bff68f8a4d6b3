import { jsonOf } from "../entry/input-json.js";
import { RawJson } from "../entry/raw-json.js";
import { filteredRaw } from "../entry/raw-strings.js";
import { Refusal } from "../entry/refusal.js";
import { invalidArgument } from "../errors.js";
import { checkOptions, REDACT_OPTIONS } from "../options.js";
import { changedTexts } from "./changed-texts.js";
import { redactionOf } from "./redaction.js";
import { loadShapes } from "./shapes.js";

/** @import { ChangedTexts } from "./changed-texts.js" */
/** @import { RedactedEntry, RedactOptions } from "../types.js" */

const TEXTS = [
  "skill",
  "phase",
  "project_root",
  "final_status",
  "file_path",
  "model_used",
  "message",
];
const ATTEMPT_TEXTS = ["model", "output_summary", "runner_output"];

/**
 * Replaces secrets in an entry that is not appended, such as an entry that was read, and cuts its
 * long strings, as `append` does. The entry itself is not changed.
 *
 * @example
 * const { entry: shown } = await redactEntry(entry, { redact: true });
 *
 * @template {object} E
 * @param {E} entry
 * @param {RedactOptions} options
 * @returns {Promise<RedactedEntry<E>>} the same entry where nothing is replaced or cut; else a copy
 * @throws {SkillLogError} `INVALID_ARGUMENT`; `INVALID_ENTRY` where the caller's function fails, or
 *   `input` is not what JSON can hold; `IO_ERROR` where the shapes cannot be loaded
 */
export async function redactEntry(entry, options) {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry))
    throw invalidArgument("entry", entry, "an object");
  const redaction = redactionOf(checkOptions(options, REDACT_OPTIONS));
  if (!redaction) return { entry };
  if (redaction.needsShapes) await loadShapes();
  const texts = changedTexts(redaction);
  try {
    const changed = changedEntry(/** @type {any} */ (entry), texts);
    return { entry: /** @type {E} */ (changed), ...texts.changes };
  } catch (thrown) {
    const error = Refusal.errorOf(thrown) ?? thrown;
    texts.hideIn(error);
    throw error;
  }
}

/**
 * @param {Record<string, any>} entry
 * @param {ChangedTexts} texts
 */
function changedEntry(entry, texts) {
  let changed = withTexts(entry, TEXTS, "", texts);
  const { attempts, input } = entry;
  if (Array.isArray(attempts)) {
    const others = attempts.map((attempt, at) =>
      typeof attempt === "object" && attempt !== null
        ? withTexts(attempt, ATTEMPT_TEXTS, `attempts[${at}]`, texts)
        : attempt,
    );
    if (others.some((other, at) => other !== attempts[at]))
      changed = { ...changed, attempts: others };
  }
  const other = input === undefined ? input : changedInput(input, texts);
  return other === input ? changed : { ...changed, input: other };
}

/**
 * @param {Record<string, any>} object
 * @param {string[]} names of its texts
 * @param {string} path
 * @param {ChangedTexts} texts
 */
function withTexts(object, names, path, texts) {
  let changed = object;
  for (const name of names) {
    const text = object[name];
    // Who appends or encodes the entry refuses what is no text.
    const other = typeof text === "string" ? texts.text(text, path, name) : text;
    if (other !== text) changed = { ...changed, [name]: other };
  }
  return changed;
}

/**
 * @param {unknown} input
 * @param {ChangedTexts} texts
 */
function changedInput(input, texts) {
  if (RawJson.is(input)) {
    const bytes = filteredRaw(input.bytes, texts);
    return bytes === input.bytes ? input : RawJson.fromCheckedBytes(bytes);
  }
  const before = texts.count;
  const json = jsonOf(input, texts);
  return texts.count === before ? input : JSON.parse(json);
}
