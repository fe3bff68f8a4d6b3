// Finds many literals in one pass over a text, by the automaton of Aho and Corasick. Its time does
// not depend on how many literals there are.

/** Characters outside of ASCII end every literal. */
const ASCII = 128;

export class Literals {
  /** Of each character of ASCII: its column in `#next`, the same for both cases of a letter. */
  #columns = new Uint8Array(ASCII);
  #width = 1;
  /** The state after a state and a character: `state + column`. States are multiples of the width. */
  #next = new Uint16Array();
  /** States from here on end a literal. */
  #firstEnd = 0;
  /** Of each such state: the literals that it ends, by their numbers. @type {number[][]} */
  #ends = [];

  /** @param {readonly string[]} literals in ASCII, without capital letters; no two are the same */
  constructor(literals) {
    for (const letter of new Set(literals.join(""))) {
      this.#columns[letter.charCodeAt(0)] = this.#width;
      this.#columns[letter.toUpperCase().charCodeAt(0)] = this.#width;
      this.#width += 1;
    }
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
   * Calls a function at each place where a literal ends.
   *
   * @param {string} text
   * @param {(number: number, end: number) => void} found
   */
  find(text, found) {
    const next = this.#next;
    const columns = this.#columns;
    const firstEnd = this.#firstEnd;
    const { length } = text;
    let state = 0;
    for (let at = 0; at < length; at += 1) {
      const code = text.charCodeAt(at);
      state = code < ASCII ? next[state + columns[code]] : 0;
      if (state < firstEnd) continue;
      for (const number of this.#ends[(state - firstEnd) / this.#width]) found(number, at + 1);
    }
  }
}
