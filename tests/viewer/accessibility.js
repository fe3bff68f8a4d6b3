// What tools for people who do not see the page find in it: axe, and Chromium's accessibility tree.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** @import { Tab } from "../browser/browsers.js" */

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Pages that have axe. @type {WeakMap<object, { session: any, contextId: number, frame: string }>} */
const prepared = new WeakMap();

/**
 * Returns what axe finds in the page, in Chromium.
 *
 * @param {Tab} tab
 * @returns {Promise<string[]>} a rule each, with its elements
 */
export async function axeFaults({ page }) {
  let known = prepared.get(page);
  if (!known) {
    const session = await page.createCDPSession();
    const { frameTree } = await session.send("Page.getFrameTree");
    const frame = frameTree.frame.id;
    // In a world of its own, because the page's policy lets no program in.
    const { executionContextId: contextId } = await session.send("Page.createIsolatedWorld", {
      frameId: frame,
    });
    known = { session, contextId, frame };
    prepared.set(page, known);
    await run(known, `${axe};0`);
  }
  return run(
    known,
    `axe.run().then(({ violations }) => violations.map(({ id, nodes }) =>
      id + ": " + nodes.map(({ target, any }) => target.flat().join(" ") + " " + (any[0]?.message ?? "")).join("; ")))`,
  );
}

/**
 * @param {{ session: any, contextId: number }} world
 * @param {string} expression
 */
async function run({ session, contextId }, expression) {
  const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
    expression,
    contextId,
    awaitPromise: true,
    returnByValue: true,
  });
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description);
  return result.value;
}

/**
 * A node of Chromium's accessibility tree.
 *
 * @typedef {object} Node
 * @property {string} nodeId
 * @property {boolean} ignored
 * @property {{ value: string }} [role]
 * @property {{ value: string }} [name]
 * @property {{ value: string }} [description]
 * @property {{ value: unknown }} [value]
 * @property {{ name: string, value: { value: unknown } }[]} [properties]
 * @property {string[]} [childIds]
 * @property {number} [backendDOMNodeId]
 */

/** States that screen readers say, and how. @type {Record<string, (value: unknown) => string>} */
const STATES = {
  level: (level) => `level ${level}`,
  checked: (checked) => (checked === "true" || checked === true ? "checked" : "not checked"),
  pressed: (pressed) => (pressed === "true" || pressed === true ? "pressed" : "not pressed"),
  expanded: (expanded) => (expanded ? "expanded" : "collapsed"),
  selected: (selected) => (selected ? "selected" : ""),
  disabled: (disabled) => (disabled ? "disabled" : ""),
  invalid: (invalid) => (invalid === "false" || invalid === false ? "" : "invalid"),
  modal: (modal) => (modal ? "modal" : ""),
  live: (live) => `said when it changes: ${live}`,
};

/** Roles whose text is said as one; what can be pressed in it comes after. */
const ONE_LINE = [
  "row",
  "treeitem",
  "listitem",
  "term",
  "definition",
  "paragraph",
  "status",
  "alert",
];

/** Roles of what can be used. */
const CONTROLS = [
  "button",
  "checkbox",
  "combobox",
  "link",
  "option",
  "radio",
  "searchbox",
  "textbox",
];
CONTROLS.push("columnheader");

/** Roles of what has no parts to stop at. */
const LEAVES = [...CONTROLS, "heading", "meter", "splitter"];

/** Roles that are not said, and what is in them is. */
const UNSAID = ["generic", "none", "StaticText", "LabelText", "emphasis", "strong", "mark", "code"];
UNSAID.push("rowgroup", "sectionheader", "insertion", "deletion", "DescriptionList", "Legend");

/** Roles of line ends and the like. */
const NOTHING = ["LineBreak", "ListMarker", "InlineTextBox"];

/**
 * Returns what a screen reader would say of a part of the page, a line for each thing it stops at.
 *
 * @param {Tab} tab in Chromium
 * @param {string} selector of the part
 */
export async function spoken({ page }, selector) {
  const session = await page.createCDPSession();
  try {
    const { nodes } = await session.send("Accessibility.getFullAXTree");
    const part = await page.$(selector);
    const id = await part.backendNodeId();
    return `${new Spoken(nodes).lines(id).join("\n")}\n`;
  } finally {
    await session.detach();
  }
}

/** Words for what is in a tree of nodes. */
class Spoken {
  #nodes;
  /** @type {{ depth: number, text: string, isText: boolean }[]} */
  #lines = [];

  /** @param {Node[]} nodes */
  constructor(nodes) {
    this.#nodes = new Map(nodes.map((node) => [node.nodeId, node]));
  }

  /** @param {number} element */
  lines(element) {
    const start = [...this.#nodes.values()].find(
      ({ backendDOMNodeId }) => backendDOMNodeId === element,
    );
    if (!start) throw new Error("the part is not in the accessibility tree");
    this.#say(start, 0, "");
    return this.#lines.map(({ depth, text }) => `${"  ".repeat(depth)}${text}`);
  }

  /** @param {Node} node */
  #children({ childIds = [] }) {
    return childIds.flatMap((id) => this.#nodes.get(id) ?? []);
  }

  /**
   * @param {Node} node
   * @param {number} depth
   * @param {string} known text that was said
   */
  #say(node, depth, known) {
    const role = roleOf(node);
    const name = nameOf(node);
    if (NOTHING.includes(role)) return;
    if (node.ignored || UNSAID.includes(role)) {
      if (role === "StaticText" && !node.ignored) {
        if (name && !known.includes(name)) this.#addText(depth, name);
        return;
      }
      // A label's text is said with what it is for.
      const labels = role === "LabelText" ? this.#controlsIn(node).map(nameOf).join(" ") : "";
      for (const child of this.#children(node)) this.#say(child, depth, known + labels);
      return;
    }
    const isOneLine = ONE_LINE.includes(role);
    const text = isOneLine ? this.#textOf(node) : name;
    if (isOneLine && text === "") {
      for (const control of this.#controlsIn(node)) this.#say(control, depth, known);
      return;
    }
    const states = (node.properties ?? []).flatMap(({ name, value }) =>
      Object.hasOwn(STATES, name) ? STATES[name](value.value) || [] : [],
    );
    const value = node.value?.value === undefined ? "" : String(node.value.value);
    const more = [value === text ? "" : value, ...states, nameOf({ name: node.description })];
    const words = [
      text ? `${role}: ${text}` : role,
      ...more.filter((each) => each && each !== text),
    ];
    this.#lines.push({ depth, text: words.join(", "), isText: false });
    if (LEAVES.includes(role)) return;
    const inside = isOneLine ? this.#controlsIn(node) : this.#children(node);
    for (const child of inside) this.#say(child, depth + 1, text);
  }

  /** @param {Node} node @returns {Node[]} */
  #controlsIn(node) {
    return this.#children(node).flatMap((child) =>
      CONTROLS.includes(roleOf(child)) && !child.ignored ? [child] : this.#controlsIn(child),
    );
  }

  /** @param {Node} node @returns {string} */
  #textOf(node) {
    const role = roleOf(node);
    if (CONTROLS.includes(role) && !node.ignored) return "";
    if (["StaticText", "meter", "image"].includes(role) && !node.ignored) return nameOf(node);
    const between = role === "row" ? " | " : " ";
    let text = "";
    let wasText = false;
    for (const child of this.#children(node)) {
      const isText = roleOf(child) === "StaticText" && !child.ignored;
      // Texts of the same element follow each other as they are.
      const part = isText ? String(child.name?.value ?? "") : this.#textOf(child);
      text += text !== "" && part !== "" && !(isText && wasText) ? between + part : part;
      wasText = isText;
    }
    return text.replace(/\s+/g, " ").trim();
  }

  /**
   * @param {number} depth
   * @param {string} text
   */
  #addText(depth, text) {
    const last = this.#lines.at(-1);
    if (last?.isText && last.depth === depth) last.text += ` ${text}`;
    else this.#lines.push({ depth, text, isText: true });
  }
}

/** @param {Node} node */
function roleOf({ role }) {
  return role?.value ?? "";
}

/** @param {Pick<Node, "name">} node */
function nameOf({ name }) {
  return String(name?.value ?? "")
    .replace(/\s+/g, " ")
    .trim();
}
