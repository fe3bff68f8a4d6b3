// The tree of a JSON text, as far as it is opened. Members of a large object or array stand in
// groups of at most a hundred, so that the last of a million is as near as the first.

import {
  inTurns,
  MARK_EVERY,
  marksOf,
  membersAt,
  rootOf,
  startOf,
  textOf,
} from "./json-members.js";

/** @import { JsonValue } from "./json-members.js" */

/** The most bytes of a key, or of a string, that a row shows. */
const ROW_BYTES = 400;

/** Matches a key that a path has after a dot, as in the places of the package. */
const PLAIN_KEY = /^[\p{L}\p{N}_$-]+$/u;

/**
 * A row of the tree.
 *
 * @typedef {object} TreeNode
 * @property {number} id
 * @property {TreeNode | null} parent
 * @property {number} level from 1
 * @property {number} index in its parent's object or array
 * @property {JsonValue | null} key
 * @property {JsonValue} value of a group: that of its object or array
 * @property {{ from: number, to: number } | null} group the members that it stands for
 * @property {number} at its place among the rows of the same parent, from 0
 * @property {number} siblings how many those are
 * @property {boolean} isOpen
 * @property {TreeNode[] | null} children null: not read yet
 * @property {string | null} text of a string that is open
 */

export class Tree {
  #bytes;
  #lastId = 0;
  /** Where every hundredth member starts. @type {Map<number, number[]>} */
  #marks = new Map();
  /** @type {TreeNode | null} */
  root = null;

  /** @param {Uint8Array} bytes valid JSON */
  constructor(bytes) {
    this.#bytes = bytes;
  }

  get bytes() {
    return this.#bytes;
  }

  /**
   * Reads the root.
   *
   * @param {AbortSignal} [signal]
   */
  async start(signal) {
    const value = await inTurns(rootOf(this.#bytes), signal);
    this.root = this.#node(null, { value, key: null, index: 0, group: null }, 0, 1);
    return this.root;
  }

  /**
   * @param {TreeNode | null} parent
   * @param {Pick<TreeNode, "value" | "key" | "index" | "group">} what
   * @param {number} at
   * @param {number} siblings
   * @returns {TreeNode}
   */
  #node(parent, what, at, siblings) {
    this.#lastId += 1;
    return {
      ...what,
      id: this.#lastId,
      parent,
      level: (parent?.level ?? 0) + 1,
      at,
      siblings,
      isOpen: false,
      children: null,
      text: null,
    };
  }

  /**
   * Opens a row: reads its rows, or its whole string.
   *
   * @param {TreeNode} node
   * @param {AbortSignal} [signal]
   */
  async open(node, signal) {
    if (node.value.kind === "string")
      node.text ??= await inTurns(textOf(this.#bytes, node.value), signal);
    else node.children ??= await this.#rowsIn(node, signal);
    node.isOpen = true;
  }

  /**
   * @param {TreeNode} node
   * @param {AbortSignal} [signal]
   * @returns {Promise<TreeNode[]>}
   */
  async #rowsIn(node, signal) {
    const { value } = node;
    const { from, to } = node.group ?? { from: 0, to: value.count };
    let marks = this.#marks.get(value.start);
    if (!marks) {
      marks = await inTurns(marksOf(this.#bytes, value), signal);
      this.#marks.set(value.start, marks);
    }
    const size = groupSize(to - from);
    if (size > 1) {
      const siblings = Math.ceil((to - from) / size);
      return Array.from({ length: siblings }, (_, at) => {
        const start = from + at * size;
        const group = { from: start, to: Math.min(to, start + size) };
        return this.#node(node, { value, key: null, index: start, group }, at, siblings);
      });
    }
    const start = marks[Math.floor(from / MARK_EVERY)];
    const members = await inTurns(membersAt(this.#bytes, value, start, to - from), signal);
    return members.map((member, at) =>
      this.#node(node, { ...member, index: from + at, group: null }, at, members.length),
    );
  }

  /**
   * Opens rows from the root on, level by level, while few are shown.
   *
   * @param {number} most rows
   * @param {AbortSignal} [signal]
   */
  async openFirst(most, signal) {
    /** @type {TreeNode[]} */
    const queue = this.root ? [this.root] : [];
    let shown = 1;
    for (let node = queue.shift(); node; node = queue.shift()) {
      const added = rowsToAdd(node);
      if (added === 0 || shown + added > most || node.level > 20) continue;
      await this.open(node, signal);
      shown += added;
      for (const child of node.children ?? []) queue.push(child);
    }
  }

  /**
   * Opens what leads to a path of the package's places.
   *
   * @param {string} path such as `input.files[3].name`
   * @param {AbortSignal} [signal]
   * @returns {Promise<TreeNode | null>} null where there is no such value
   */
  async reveal(path, signal) {
    let node = this.root;
    for (const step of stepsOf(path)) {
      if (!node) return null;
      node = await this.#child(node, step, signal);
    }
    return node;
  }

  /**
   * @param {TreeNode} node
   * @param {string | number} step
   * @param {AbortSignal} [signal]
   * @returns {Promise<TreeNode | null>}
   */
  async #child(node, step, signal) {
    const { kind } = node.value;
    if (kind !== (typeof step === "number" ? "array" : "object")) return null;
    await this.open(node, signal);
    for (const child of node.children ?? []) {
      if (child.group) {
        const { from, to } = child.group;
        if (typeof step === "number" && (step < from || step >= to)) continue;
        const wasOpen = child.isOpen;
        const found = await this.#child(child, step, signal);
        if (found) return found;
        child.isOpen = wasOpen;
      } else if (typeof step === "number" ? child.index === step : this.keyOf(child) === step) {
        return child;
      }
    }
    return null;
  }

  /**
   * Returns the rows that are shown, from the top.
   *
   * @returns {TreeNode[]}
   */
  rows() {
    /** @type {TreeNode[]} */
    const rows = [];
    const stack = this.root ? [this.root] : [];
    for (let node = stack.pop(); node; node = stack.pop()) {
      rows.push(node);
      if (node.isOpen && node.children)
        for (let at = node.children.length - 1; at >= 0; at -= 1) stack.push(node.children[at]);
    }
    return rows;
  }

  /**
   * Returns the start of a string or of another value's text, and whether that is all of it.
   *
   * @param {JsonValue} value
   */
  preview(value) {
    return startOf(this.#bytes, value, ROW_BYTES);
  }

  /**
   * Returns a row's whole key, well-formed as in the places of the package.
   *
   * @param {TreeNode} node
   */
  keyOf(node) {
    if (!node.key) return null;
    return startOf(this.#bytes, node.key, Infinity).text.replace(/\p{Surrogate}/gu, "\ufffd");
  }

  /**
   * Returns a row's path, as in the places of the package. The path of a group is that of its array
   * or object.
   *
   * @param {TreeNode} node
   */
  pathOf(node) {
    /** @type {string[]} */
    const steps = [];
    for (let each = node; each.parent; each = each.parent) {
      if (each.group) continue;
      const key = this.keyOf(each);
      if (key === null) steps.push(`[${each.index}]`);
      else steps.push(PLAIN_KEY.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);
    }
    return `input${steps.reverse().join("")}`;
  }
}

/**
 * Returns how many members a group has. 1: the members are rows themselves.
 *
 * @param {number} count of all members
 */
function groupSize(count) {
  let size = 1;
  while (count / size > MARK_EVERY) size *= MARK_EVERY;
  return size;
}

/** Returns whether a row can be opened. @param {TreeNode} node */
export function isContainer(node) {
  return node.value.count > 0;
}

/** @param {TreeNode} node */
function rowsToAdd({ value, group }) {
  const count = group ? group.to - group.from : value.count;
  return Math.ceil(count / groupSize(count));
}

/**
 * Takes a path apart.
 *
 * @param {string} path
 * @returns {(string | number)[]}
 */
export function stepsOf(path) {
  /** @type {(string | number)[]} */
  const steps = [];
  const step = /\.([\p{L}\p{N}_$-]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/uy;
  step.lastIndex = "input".length;
  for (let match = step.exec(path); match; match = step.exec(path)) {
    const [, plain, index, quoted] = match;
    steps.push(plain ?? (quoted === undefined ? Number(index) : JSON.parse(quoted)));
  }
  return steps;
}
