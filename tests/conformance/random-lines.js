// Makes random lines: entries spelled as no careful writer spells them, and most of them damaged. A
// line is a "byte string", one character per byte, because many lines are not valid text.

import { damaged } from "./random-damage.js";
import {
  randomAttempt,
  randomEntry,
  randomText,
  randomTimestamp,
  randomValue,
} from "./random-entries.js";

/** @import { Random } from "./random.js" */

/** @param {string} text */
const utf8 = (text) => Buffer.from(text, "utf8").toString("latin1");

/**
 * @param {Random} random
 * @param {number} count
 * @param {string[]} recorded lines to damage, besides the random ones
 * @returns {Generator<Buffer>}
 */
export function* randomLines(random, count, recorded) {
  let previous = randomLine(random);
  for (let i = 0; i < count; i++) {
    const known = recorded.length > 0 && random.chance(0.15);
    const line = known ? random.pick(recorded) : randomLine(random);
    yield Buffer.from(
      known || random.chance(0.55) ? damaged(random, line, previous) : line,
      "latin1",
    );
    previous = line;
  }
}

/**
 * How often a line has an odd spelling that Go accepts, text that is not JSON, and JSON that is no
 * entry.
 *
 * @typedef {{ sloppiness: number, wrong: number, mistyped: number }} Rates
 */

/**
 * @param {Random} random
 * @param {Rates} [rates]
 */
export function randomLine(random, rates = randomRates(random)) {
  return random.chance(0.002) ? deepLine(random) : new Speller(random, rates).line();
}

/**
 * Chooses rates so that most lines have neither wrong bytes nor wrong types, and few have both. Go
 * refuses a line for any wrong byte, and looks at types only when no byte is wrong.
 *
 * @param {Random} random
 * @returns {Rates}
 */
function randomRates(random) {
  const wrong = random.chance(0.8) ? 0 : random.pick([0.005, 0.02, 0.1]);
  const mistyped = random.chance(wrong ? 0.97 : 0.75) ? 0 : random.pick([0.03, 0.1]);
  return { sloppiness: random.pick([0, 0.03, 0.15, 0.4]), wrong, mistyped };
}

const blanks = [" ", "\t", "\n", "\r", "  ", "\r\n", " \t "].map(utf8);
const notBlanks = ["\f", "\v", "\xa0", "\ufeff", "\u2028", "\0", "/**/", ","].map(utf8);
const escapes = new Map([
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["/", "\\/"],
]);
const notUtf8 = [
  "\xff",
  "\x80",
  "\xc0\x80",
  "\xe2\x80",
  "\xed\xa0\x80",
  "\xed\xa0\xbd\xed\xb8\x80",
  "\xf0\x9f\x98",
  "\xf4\x90\x80\x80",
  "\xc3",
  "\xf8\x88\x80\x80\x80",
];
const brokenStrings = [
  "\n",
  "\t",
  "\0",
  "\x1f",
  "\\x41",
  "\\u12",
  "\\u{41}",
  "\\U0041",
  "\\'",
  "\\0",
  "\\u00g0",
  "\\\xff",
  '"',
  "\\ud83d\\u",
];

const numbers = [
  "0",
  "-0",
  "1",
  "-1",
  "7",
  "3.14",
  "1e5",
  "1E+5",
  "1e-7",
  "-0.0e-0",
  "0.1e1",
  "9007199254740993",
  "1e400",
  "-1e-400",
  "123456789012345678901234567890",
  "0.1000000000000000055511151231257827021181583404541015625",
];
const integers = [
  "0",
  "-0",
  "1",
  "-1",
  "42",
  "60252",
  "9007199254740991",
  "9007199254740992",
  "9007199254740993",
  "-9007199254740993",
  "9223372036854775807",
  "-9223372036854775808",
  "2147483648",
  "4294967296",
];
const notIntegers = [
  "9223372036854775808",
  "-9223372036854775809",
  "18446744073709551616",
  "1.0",
  "1e3",
  "1E0",
  "0.5",
  "-0.0",
  '"5"',
  "true",
  "1e400",
  "00000000000000000000",
  "123456789012345678901234567890",
];
const notNumbers = [
  "01",
  "-01",
  "1.",
  ".5",
  "+1",
  "-",
  "1e",
  "1e+",
  "0x1",
  "NaN",
  "-Infinity",
  "1_000",
  "1 2",
  "--1",
  "１",
].map(utf8);
const notValues = [
  "tru",
  "nul",
  "nulll",
  "True",
  "undefined",
  "'x'",
  "",
  "[1,]",
  '{"a":1,}',
  "[,1]",
  "{,}",
  '{"a"}',
  '{"a":}',
  "{1:2}",
  "[",
  "{",
  "]",
  "}",
  '"',
  ":",
];
const others = ["true", "false", "0", "1.5", '"x"', '""', "[]", "{}", "[null]", '{"a":1}', "[{}]"];

/** Spells an entry as JSON, with odd and wrong spellings at the rates given. */
class Speller {
  /**
   * @param {Random} random
   * @param {Rates} rates
   */
  constructor(random, { sloppiness, wrong, mistyped }) {
    this.random = random;
    this.sloppiness = sloppiness;
    this.wrong = wrong;
    this.mistyped = mistyped;
  }

  sloppy() {
    return this.sloppiness > 0 && this.random.chance(this.sloppiness);
  }

  goesWrong() {
    return this.wrong > 0 && this.random.chance(this.wrong);
  }

  isMistyped() {
    return this.mistyped > 0 && this.random.chance(this.mistyped);
  }

  line() {
    const { random } = this;
    const top = random.chance(0.01) ? this.value(randomValue(random)) : this.entry();
    const after = this.goesWrong() ? random.pick([...notValues, ...others, top]) : "";
    return this.blank() + top + this.blank() + after;
  }

  entry() {
    const { random } = this;
    const entry = randomEntry(
      random,
      random.chance(0.9) ? `${random.below(1e6).toString(16)}-da28` : randomText(random),
    );
    /** @type {[string, string][]} */
    const members = Object.entries(entry).map(([name, value]) => [
      this.key(name),
      this.member(name, value),
    ]);
    if (this.sloppy()) this.repeat(members);
    while (this.sloppy())
      members.push([this.string(randomText(random)), this.value(randomValue(random))]);
    while (this.sloppy()) members.splice(random.below(members.length), 1);
    if (this.sloppy() || this.sloppy()) random.shuffle(members);
    return this.object(members);
  }

  /**
   * Repeats members, and above all `attempts`, because Go decodes repeated attempts into the
   * earlier ones.
   *
   * @param {[string, string][]} members
   */
  repeat(members) {
    const { random } = this;
    const name = random.chance(0.5)
      ? "attempts"
      : random.pick(Object.keys(randomEntry(random, "")));
    for (let i = random.between(1, 3); i > 0; i--) {
      const attempts = Array.from({ length: random.below(5) }, () => randomAttempt(random));
      const entry = { ...randomEntry(random, "again"), attempts };
      members.push([
        this.key(name),
        this.member(name, entry[/** @type {keyof typeof entry} */ (name)] ?? null),
      ]);
    }
  }

  /**
   * @param {string} name
   * @param {any} value
   * @returns {string}
   */
  member(name, value) {
    const { random } = this;
    if (this.isMistyped()) return random.pick(others);
    if (this.sloppy() && random.chance(0.2)) return "null";
    switch (name) {
      case "timestamp":
        return this.timestamp();
      case "duration_ms":
      case "attempt":
        return this.integer(value);
      case "attempts":
        return this.attempts(value ?? []);
      default:
        return this.value(value);
    }
  }

  /** @param {any[]} attempts */
  attempts(attempts) {
    return this.array(
      attempts.map((attempt) => {
        if (this.sloppy() && this.random.chance(0.3)) return this.random.pick(["null", "{}"]);
        if (this.isMistyped()) return this.random.pick(others);
        const members = Object.entries(attempt).map(([name, value]) => [
          this.key(name),
          this.member(name, value),
        ]);
        while (this.sloppy()) members.splice(this.random.below(members.length), 1);
        while (this.sloppy())
          members.push([this.key("model"), this.string(randomText(this.random))]);
        return this.object(members);
      }),
    );
  }

  /** @param {number} value */
  integer(value) {
    if (this.isMistyped()) return this.random.pick(notIntegers);
    if (this.goesWrong()) return this.random.pick(notNumbers);
    return this.sloppy() ? this.random.pick(integers) : String(value);
  }

  /**
   * @param {any} value
   * @returns {string}
   */
  value(value) {
    const { random } = this;
    if (this.goesWrong()) return random.pick(notValues);
    if (Array.isArray(value)) return this.array(value.map((element) => this.value(element)));
    if (typeof value === "object" && value !== null) {
      const members = Object.entries(value).map(([name, member]) => [
        this.string(name),
        this.value(member),
      ]);
      if (members.length > 0 && this.sloppy()) members.push(random.pick(members));
      return this.object(members);
    }
    if (typeof value === "string") return this.string(value);
    if (typeof value !== "number") return String(value);
    if (this.goesWrong()) return random.pick(notNumbers);
    return this.sloppy() ? random.pick(numbers) : String(value);
  }

  /** @param {string[]} elements */
  array(elements) {
    return `[${this.blank()}${elements.map((element) => element + this.blank()).join(`,${this.blank()}`)}]`;
  }

  /** @param {string[][]} members */
  object(members) {
    const spelled = members.map(
      ([key, value]) => `${key}${this.blank()}:${this.blank()}${value}${this.blank()}`,
    );
    return `{${this.blank()}${spelled.join(`,${this.blank()}`)}}`;
  }

  blank() {
    if (this.goesWrong() && this.random.chance(0.1)) return this.random.pick(notBlanks);
    return this.sloppy() ? this.random.pick(blanks) : "";
  }

  /**
   * Spells a field's name as Go still accepts it, or nearly so.
   *
   * @param {string} name
   */
  key(name) {
    const { random } = this;
    if (this.goesWrong()) {
      return random.pick([
        "null",
        "1",
        name,
        `'${name}'`,
        '""',
        `"${name}\xff"`,
        `"${name} "`,
        `"${name.replace("_", "")}"`,
      ]);
    }
    if (!this.sloppy()) return `"${name}"`;
    const folded = name.replace(/[a-z]/g, (letter) => {
      if (random.chance(0.5)) return letter;
      if (letter === "s" && random.chance(0.5)) return "ſ";
      if (letter === "k" && random.chance(0.5)) return "\u212a"; // the kelvin sign
      // Go does not fold these two letters to ASCII, but other rules of case folding do.
      if (letter === "i" && random.chance(0.1)) return random.pick(["ı", "İ"]);
      return letter.toUpperCase();
    });
    return this.string(random.chance(0.05) ? folded.replace("_", "-") : folded);
  }

  /** @param {string} text */
  string(text) {
    const { random } = this;
    if (this.sloppiness === 0 && this.wrong === 0) return utf8(JSON.stringify(text));
    let spelled = "";
    for (const character of text) spelled += this.character(character);
    if (this.sloppy() && random.chance(0.3)) spelled += random.pick(notUtf8);
    if (this.sloppy() && random.chance(0.3)) spelled = random.pick(notUtf8) + spelled;
    if (this.goesWrong()) spelled += random.pick(brokenStrings);
    return `"${spelled}"`;
  }

  /** @param {string} character one code point, or half of one */
  character(character) {
    const { random } = this;
    const code = character.charCodeAt(0);
    const lone = character.length === 1 && code >= 0xd800 && code <= 0xdfff;
    const mustEscape = code < 0x20 || character === '"' || character === "\\" || lone;
    if (!mustEscape && !this.sloppy()) return code < 0x80 ? character : utf8(character);
    const short = escapes.get(character);
    if (short && random.chance(0.6)) return short;
    return Array.from({ length: character.length }, (_, i) => {
      const digits = character.charCodeAt(i).toString(16).padStart(4, "0");
      return `\\u${random.chance(0.5) ? digits : digits.toUpperCase()}`;
    }).join("");
  }

  timestamp() {
    const { random } = this;
    let text = this.sloppy() || this.isMistyped() ? oddTimestamp(random) : randomTimestamp(random);
    if (this.isMistyped()) {
      const at = random.below(text.length + 1);
      const odd = random.pick([...'0123456789:-+.,TZtz \\"\n', "\\u0030", "\xff", "\\n"]);
      text = text.slice(0, at) + odd + text.slice(at + random.below(2));
    }
    return `"${text}"`;
  }
}

/**
 * Makes a timestamp from parts at the edge of what Go accepts. Go accepts most of them.
 *
 * @param {Random} random
 */
function oddTimestamp(random) {
  /** @type {(usual: string, rare: string[]) => string} */
  const often = (usual, rare) => (random.chance(0.85) ? usual : random.pick(rare));
  const two = (/** @type {number} */ number) => number.toString().padStart(2, "0");
  const year = often(String(random.between(1999, 2032)), [
    "0000",
    "0001",
    "9999",
    "1900",
    "2000",
    "1969",
    "1582",
    "10000",
    "-001",
    "202",
  ]);
  const month = often(two(random.between(1, 12)), ["00", "13", "2", "02", "99"]);
  const day = often(two(random.between(1, 28)), ["29", "30", "31", "00", "32", "3"]);
  const hour = often(two(random.below(24)), ["0", "7", "24", "00", "23", "99"]);
  const minute = often(two(random.below(60)), ["60", "59", "5"]);
  const second = often(two(random.below(60)), ["60", "59", "5", "61"]);
  const digits = Array.from({ length: random.between(1, 12) }, () =>
    random.pick("0123456789"),
  ).join("");
  const fractions = ["", "", `.${digits}`, `,${digits}`, `.${digits}00`, ".000", ",0"];
  const fraction = often(random.pick(fractions), [".", ",", ".1.2", ". 1"]);
  const offset = `${random.pick("+-")}${two(random.below(24))}:${two(random.below(60))}`;
  const zone = often(random.pick(["Z", offset]), [
    "+00:00",
    "-00:00",
    "+23:59",
    "-23:59",
    "+24:00",
    "-24:00",
    "+22:60",
    "+23:60",
    "-23:60",
    "+24:60",
    "+25:00",
    "+00:61",
    "+99:99",
    "z",
    "",
    "+0530",
    "+05",
    "+5:30",
    "+05:3",
    " UTC",
    "Z+00:00",
    "ZZ",
    "+05:30:15",
  ]);
  return `${year}-${month}-${day}${often("T", ["t", " ", "TT", "_"])}${hour}:${minute}:${second}${fraction}${zone}`;
}

/**
 * Makes a line whose values nest about as deep as Go accepts, which is 10,000.
 *
 * @param {Random} random
 */
function deepLine(random) {
  const [open, close] = random.pick([
    ["[", "]"],
    ['{"a":', "}"],
    ['[{"b":', "}]"],
    [" [ ", "\t]"],
  ]);
  const depth = Math.floor(random.between(9_996, 10_002) / (open.includes("b") ? 2 : 1));
  const nested =
    open.repeat(depth) +
    random.pick(["0", "null", '""']) +
    close.repeat(random.chance(0.9) ? depth : depth - 1);
  const [before, after] = random.pick([
    ['{"input":', "}"],
    ['{"other":', "}"],
    ['{"attempts":[{"x":', "}]}"],
    ['{"attempts":', "}"],
    ["", ""],
  ]);
  return before + nested + after;
}
