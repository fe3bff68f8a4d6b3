// Finds many literals in one pass over a text, by the automaton of Aho and Corasick. Its time does
// not depend on how many literals there are.

/** Characters outside of ASCII end every literal. */
const ASCII = 128;

/** From this length on, a text is searched as bytes, in lanes. */
const LONG = 256;

/** The most characters that are searched as bytes at once. */
const CHUNK = 1 << 14;

const encoder = new TextEncoder();
/** Three bytes for each character, the most that it takes. */
const bytes = new Uint8Array(3 * CHUNK);

export class Literals {
  /** Of each character of ASCII: its column in `#next`, the same for both cases of a letter. */
  #columns = new Uint8Array(ASCII);
  #width = 1;
  /** The state after a state and a character: `state + column`. States are multiples of the width. */
  #next = new Uint16Array();
  /** States from here on end a literal. */
  #firstEnd = 0;
  /** The length of the longest literal. */
  #longest = 0;
  /** Of each such state: the literals that it ends, by their numbers. @type {number[][]} */
  #ends = [];

  /** @param {readonly string[]} literals in ASCII, without capital letters; no two are the same */
  constructor(literals) {
    for (const letter of new Set(literals.join(""))) {
      this.#columns[letter.charCodeAt(0)] = this.#width;
      this.#columns[letter.toUpperCase().charCodeAt(0)] = this.#width;
      this.#width += 1;
    }
    this.#longest = Math.max(...literals.map(({ length }) => length));
    this.#build(literals);
  }

  /** @param {readonly string[]} literals */
  #build(literals) {
    const width = this.#width;
    /** A state: where each column leads, and what ends there. @type {{ to: number[], ends: number[] }[]} */
    const states = [{ to: [], ends: [] }];
    for (const [number, literal] of literals.entries()) {
      let state = 0;
      for (const letter of literal) {
        const column = this.#columns[letter.charCodeAt(0)];
        const { to } = states[state];
        if (to[column] === undefined) {
          to[column] = states.length;
          states.push({ to: [], ends: [] });
        }
        state = to[column];
      }
      states[state].ends.push(number);
    }
    // Breadth first: where a state leads nowhere, it leads where its longest suffix does.
    const queue = [0];
    const suffixes = [0];
    for (const state of queue) {
      const { to, ends } = states[state];
      const suffix = suffixes[state];
      if (state !== 0) ends.push(...states[suffix].ends);
      for (let column = 0; column < width; column += 1) {
        const fallback = state === 0 ? 0 : states[suffix].to[column];
        const child = to[column];
        if (child === undefined) to[column] = fallback;
        else {
          suffixes[child] = fallback;
          queue.push(child);
        }
      }
    }
    // States that end a literal go last, so that one comparison knows them.
    const order = [...states.keys()].sort(
      (one, other) => Number(states[one].ends.length > 0) - Number(states[other].ends.length > 0),
    );
    const places = new Map(order.map((state, place) => [state, place]));
    this.#next = new Uint16Array(states.length * width);
    for (const [place, state] of order.entries())
      for (let column = 0; column < width; column += 1)
        this.#next[place * width + column] =
          /** @type {number} */ (places.get(states[state].to[column])) * width;
    const ending = order.filter((state) => states[state].ends.length > 0);
    this.#ends = ending.map((state) => states[state].ends);
    this.#firstEnd = (order.length - ending.length) * width;
  }

  /**
   * Returns where literals end in a text.
   *
   * No function is called for each: V8 drops the code of the loops, at a garbage collection, when a
   * function has gone that they called.
   *
   * @param {string} text
   * @returns {number[]} a state and its place, by turns, in the order of the places. `endingAt`
   *   returns which literals a state ends
   */
  find(text) {
    const { length } = text;
    /** @type {number[]} */
    const ends = [];
    if (length < LONG) this.#findIn(text, 0, 0, length, ends);
    else
      for (let start = 0; start < length; start += CHUNK) {
        const end = Math.min(start + CHUNK, length);
        // What starts in the chunk before may end in this one.
        const before = Math.max(0, start - this.#longest + 1);
        const { written } = encoder.encodeInto(text.slice(before, end), bytes);
        if (written === end - before) this.#findInLanes(written, start - before, before, ends);
        else this.#findIn(text, before, start, end, ends);
      }
    return ends;
  }

  /**
   * Returns the literals that a state ends, by their numbers.
   *
   * @param {number} state
   */
  endingAt(state) {
    return this.#ends[(state - this.#firstEnd) / this.#width];
  }

  /**
   * @param {string} text
   * @param {number} from
   * @param {number} first literals that end before it do not count
   * @param {number} to
   * @param {number[]} ends which is added to
   */
  #findIn(text, from, first, to, ends) {
    const next = this.#next;
    const columns = this.#columns;
    const firstEnd = this.#firstEnd;
    let state = 0;
    for (let at = from; at < to; at += 1) {
      const code = text.charCodeAt(at);
      state = code < ASCII ? next[state + columns[code]] : 0;
      if (state >= firstEnd && at >= first) ends.push(state, at + 1);
    }
  }

  /**
   * Searches the bytes of a text of ASCII in four lanes at once, because each state waits for the
   * one before it: 1.6 times as fast as one lane, measured on Node 20.
   *
   * @param {number} length
   * @param {number} first literals that end before it do not count
   * @param {number} offset that of the bytes in the text
   * @param {number[]} ends which is added to
   */
  #findInLanes(length, first, offset, ends) {
    const next = this.#next;
    const columns = this.#columns;
    const firstEnd = this.#firstEnd;
    const lane = length >> 2;
    const [second, third, fourth] = [lane, 2 * lane, 3 * lane];
    // Each lane starts so far before its part that no literal ends in the part and starts before it.
    const warm = this.#longest - 1;
    let [one, two, three, four] = [0, 0, 0, 0];
    for (let at = Math.max(0, second - warm); at < second; at += 1)
      two = next[two + columns[bytes[at]]];
    for (let at = Math.max(0, third - warm); at < third; at += 1)
      three = next[three + columns[bytes[at]]];
    for (let at = Math.max(0, fourth - warm); at < fourth; at += 1)
      four = next[four + columns[bytes[at]]];
    /** Those of the later lanes, which come after those of the first. @type {number[][]} */
    const [inSecond, inThird, inFourth] = [[], [], []];
    for (let at = 0; at < lane; at += 1) {
      one = next[one + columns[bytes[at]]];
      two = next[two + columns[bytes[at + second]]];
      three = next[three + columns[bytes[at + third]]];
      four = next[four + columns[bytes[at + fourth]]];
      if (one >= firstEnd && at >= first) ends.push(one, offset + at + 1);
      if (two >= firstEnd) inSecond.push(two, offset + at + second + 1);
      if (three >= firstEnd) inThird.push(three, offset + at + third + 1);
      if (four >= firstEnd) inFourth.push(four, offset + at + fourth + 1);
    }
    for (let at = 4 * lane; at < length; at += 1) {
      four = next[four + columns[bytes[at]]];
      if (four >= firstEnd) inFourth.push(four, offset + at + 1);
    }
    for (const later of [inSecond, inThird, inFourth])
      for (let at = 0; at < later.length; at += 2)
        if (later[at + 1] > offset + first) ends.push(later[at], later[at + 1]);
  }
}
