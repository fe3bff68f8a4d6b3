import { check_json } from "../../dist/skill_log.js";
import { isBytes } from "../builtins.js";
import { invalidArgument } from "../errors.js";
import { callCore, startedModule } from "../wasm/core.js";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The key of a member that every `RawJson` has, of any copy of this package. `import` and `require`
 * may load two copies.
 */
const brand = Symbol.for("skill-log.RawJson");

/**
 * The bytes of one JSON value, exactly as they were written: the lossless form of `input`.
 *
 * `JSON.parse` rounds large numbers, drops members of the same name, and replaces bytes that are
 * not UTF-8. Copying entries with `{ input: "raw" }` keeps all of them.
 */
export class RawJson {
  /**
   * The value's bytes. They need not be UTF-8.
   *
   * @type {Uint8Array}
   */
  bytes;

  /**
   * Takes the bytes or the text of one JSON value.
   *
   * @param {Uint8Array | string} json not copied
   * @throws {SkillLogError} `INVALID_LINE`, with the `offset` of the first byte that cannot stand
   *   where it does
   */
  constructor(json) {
    if (typeof json === "string") {
      this.bytes = new TextEncoder().encode(json);
    } else if (isBytes(json)) {
      this.bytes = json;
    } else {
      throw invalidArgument("json", json, "a Uint8Array or a string");
    }
    startedModule();
    callCore(() => check_json(this.bytes), { name: "not a JSON value" });
  }

  /**
   * Takes bytes that the core has checked.
   *
   * @param {Uint8Array} bytes
   * @returns {RawJson}
   * @internal
   */
  static fromCheckedBytes(bytes) {
    const raw = Object.create(RawJson.prototype);
    raw.bytes = bytes;
    return raw;
  }

  /**
   * Returns whether a value is a `RawJson`, of this copy of the package or another.
   *
   * @param {unknown} value
   * @returns {value is RawJson}
   */
  static is(value) {
    return (
      typeof value === "object" && value !== null && /** @type {any} */ (value)[brand] === true
    );
  }

  /** The value as text. Bytes that are not UTF-8 become U+FFFD. */
  get text() {
    return decoder.decode(this.bytes);
  }

  /** The value as `JSON.parse` returns it. */
  get value() {
    return JSON.parse(this.text);
  }

  get [brand]() {
    return true;
  }

  toJSON() {
    return this.value;
  }

  toString() {
    return this.text;
  }
}
