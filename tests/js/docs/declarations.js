// What the package declares to TypeScript, as docs/api.md must have it: each type without
// arguments, and each member with the defaults of the type parameters. The parameters are listed by
// themselves.

import fs from "node:fs";
import path from "node:path";

import { root } from "./pages.js";

/**
 * A member of a class or an interface, a function, or an alias.
 *
 * @typedef {object} Declared
 * @property {string} name as a call or a property: `append(entry, options?)`, `id`, `sync?`
 * @property {string} type what a call returns, or what a property is
 * @property {boolean} [isStatic]
 */

/**
 * @typedef {object} Declarations
 * @property {Declared[]} functions
 * @property {Map<string, Declared[]>} classes
 * @property {Map<string, { bases: string[], members: Declared[] }>} interfaces
 * @property {Map<string, string>} aliases
 * @property {Map<string, string[]>} choices the aliases that are lists of texts
 * @property {Map<string, Parameter[]>} generics each type that has parameters
 */

/** @typedef {{ name: string, otherwise: string }} Parameter of a type; `otherwise`: its default */

const folder = path.join(root, "dist/types");

/** A class: its name and its body. */
const CLASS = /^export declare class (\w+)(?:<.*?>)? \{\n(.*?)^\}/gms;

/** @returns {Declarations} of the package, of `skill-log/slim` and of `skill-log/secrets` */
export function declarations() {
  const files = fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".d.ts"));
  const sources = files.map(
    (name) => /** @type {const} */ ([name, fs.readFileSync(path.join(folder, name), "utf8")]),
  );
  const commented = new Map(sources.map(([name, text]) => [name, withoutComments(text)]));
  const generics = genericsOf([...commented.values()].join("\n"));
  const names = [...generics.keys()].join("|");
  const args = new RegExp(`(?<!(?:class|interface|type) )\\b(${names})<(?:[^<>]|<[^<>]*>)*>`, "g");
  const texts = new Map([...commented].map(([name, text]) => [name, text.replace(args, "$1")]));
  const all = [...texts.values()].join("\n");
  const entry = ["index", "slim", "secrets"].map((name) => texts.get(`${name}.d.ts`)).join("\n");
  const types = `${texts.get("types.d.ts")}\n${texts.get("slim.d.ts")}`;
  const exported = [...entry.matchAll(/^export (?:\{ (.*?) \}|declare function (\w+))/gm)].flatMap(
    ([, names, name]) => (name ? [name] : names.split(", ")),
  );

  const functions = [...all.matchAll(/^export declare function ((\w+).*?);$/gms)]
    .filter(([, , name]) => exported.includes(name))
    .map(([, text]) => member(text));
  const classes = new Map(
    [...all.matchAll(CLASS)]
      .filter(([, name]) => exported.includes(name))
      .map(([, name, body]) => [
        name,
        members(body).filter(({ name }) => !/^#|^\[brand\]/.test(name)),
      ]),
  );
  // A class that declares no constructor has one of no arguments.
  for (const [, name, body] of sources.flatMap(([, text]) => [...text.matchAll(CLASS)])) {
    if (!/^ *constructor\(/m.test(body))
      classes.get(name)?.push({ name: "constructor()", type: "" });
  }
  const interfaces = new Map(
    [
      ...types.matchAll(
        /^export interface (\w+)(?:<[^{]*?>)?(?:\s+extends ([^{]*?))? \{(?:\}|\n(.*?)^\})/gms,
      ),
    ].map(([, name, bases = "", body = ""]) => [
      name,
      {
        bases: split(bases, ",").map((base) => base.trim()),
        members: members(withDefaults(body, generics.get(name))),
      },
    ]),
  );
  const named = [...types.matchAll(/^export type (\w+)(?:<.*?>)? =(.*?);$/gms)].map(
    ([, name, text]) => /** @type {const} */ ([name, plain(text)]),
  );
  const isChoice = (/** @type {string} */ text) => /^\|? ?("\w+"( \| )?)+$/.test(text);
  return {
    functions,
    classes,
    interfaces,
    aliases: new Map(named.filter(([, text]) => !isChoice(text))),
    choices: new Map(
      named
        .filter(([, text]) => isChoice(text))
        .map(([name, text]) => [name, [...text.matchAll(/"(\w+)"/g)].map(([, each]) => each)]),
    ),
    generics,
  };
}

/**
 * @param {string} text
 * @returns {Map<string, Parameter[]>}
 */
function genericsOf(text) {
  const generic = /^export (?:declare class|interface|type) (\w+)<([^{;]*?)>(?=\s)/gm;
  return new Map(
    [...text.matchAll(generic)].map(([, name, list]) => [
      name,
      split(list, ",").map((each) => {
        const [, parameter, otherwise = ""] = /^(\w+).*?(?: = (.*))?$/.exec(each.trim()) ?? [];
        return { name: parameter, otherwise };
      }),
    ]),
  );
}

/**
 * Returns the members of a type as they are where it has no arguments.
 *
 * @param {string} body
 * @param {Parameter[]} [parameters]
 */
function withDefaults(body, parameters = []) {
  return parameters.reduce(
    (text, { name, otherwise }) => text.replace(new RegExp(`\\b${name}\\b`, "g"), otherwise),
    body,
  );
}

/**
 * Returns a type in one spelling: in options `undefined` is absent, and a function needs no
 * brackets.
 *
 * @param {string} type
 */
export function plain(type) {
  const text = type
    .replace(/\s+/g, " ")
    .replaceAll(" | undefined", "")
    .replaceAll("; }", " }")
    // What a formatter writes where a type takes several lines.
    .replace(/^ ?\| /, "")
    .replace(/([([<]) /g, "$1")
    .replace(/,? ([)\]])/g, "$1")
    .trim();
  return /^\(\(.*\) => \w+\)$/.test(text) ? text.slice(1, -1) : text;
}

/** @param {string} text */
function withoutComments(text) {
  // What is marked internal goes with its comment.
  return text
    .replace(/^ *\/\*\*(?:(?!\*\/)[^])*?@internal\s*\*\/\n.*\n/gm, "")
    .replace(/\/\*\*?(?:(?!\*\/)[^])*\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "");
}

/** @param {string} body */
function members(body) {
  return split(body, ";")
    .map((text) => text.trim())
    .filter(Boolean)
    .map(member);
}

/**
 * @param {string} text `static open(dir: Directory): Promise<SessionLog>`, `get id(): string`, `sync?: boolean`
 * @returns {Declared}
 */
function member(text) {
  const [, isStatic, isGetter, name, rest] =
    /^(static )?(?:readonly )?(get )?([#\w]+\??|\[[\w.]+\])(?:<.*?>(?=\())?([^]*)$/.exec(text) ??
    [];
  if (name === undefined) throw new Error(`not understood: ${text}`);
  if (isGetter) return { name, type: plain(rest.replace(/^\(\):\s+/, "")) };
  if (!rest.startsWith("(")) return { name, type: plain(rest.replace(/^:\s+/, "")) };
  const end = closing(rest);
  const parameters = split(rest.slice(1, end), ",")
    .map((each) => /^\s*(\w+\??):/.exec(each)?.[1])
    .filter(Boolean);
  return {
    name: `${name}(${parameters.join(", ")})`,
    type: plain(rest.slice(end + 1).replace(/^:\s+/, "")),
    isStatic: Boolean(isStatic),
  };
}

/** Where the bracket that a text starts with is closed. @param {string} text */
function closing(text) {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if ("([{<".includes(text[at])) depth += 1;
    if (")]}".includes(text[at]) || (text[at] === ">" && text[at - 1] !== "=")) depth -= 1;
    if (depth === 0) return at;
  }
  throw new Error(`no end: ${text}`);
}

/**
 * Splits a text outside its brackets.
 *
 * @param {string} text
 * @param {string} separator
 */
function split(text, separator) {
  const parts = [""];
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if ("([{<".includes(text[at])) depth += 1;
    if (")]}".includes(text[at]) || (text[at] === ">" && text[at - 1] !== "=")) depth -= 1;
    if (depth === 0 && text[at] === separator) parts.push("");
    else parts[parts.length - 1] += text[at];
  }
  return parts.filter((part) => part.trim() !== "");
}
