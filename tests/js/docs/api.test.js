// docs/api.md has every export, member, option and error code that the declarations have, as they
// have it, and nothing else.

import assert from "node:assert/strict";
import test from "node:test";

import * as skillLog from "skill-log";
import * as secrets from "skill-log/secrets";
import * as slim from "skill-log/slim";

import { declarations, plain } from "./declarations.js";
import { textOf } from "./pages.js";

/** @typedef {{ name: string, type: string }} Row `type` is empty when the second cell has none */
/** @typedef {{ text: string, rows: Row[] }} Section */

const declared = declarations();
const sections = sectionsOf(textOf("docs/api.md"));

test("documents each export when a module of the package has it", () => {
  const functions = rowsOf("Functions").map(({ name }) => name.replace(/\(.*/, ""));
  const { secretFamilies: _, ...found } = secrets;
  for (const name of new Set([skillLog, slim, found].flatMap(Object.keys))) {
    assert.ok(functions.includes(name) || sections.has(name), name);
  }
});

test("lists what is declared when it documents the functions", () => {
  assertSame(rowsOf("Functions"), declared.functions);
});

for (const [name, members] of declared.classes) {
  test(`lists the declared members when it documents ${name}`, () => {
    const documented = rowsOf(name).map(({ name: call, type }) => {
      const [, isNew, holder, member] = /^(new )?(?:(\w+)(?:\.|(?=\[)))?(.*)$/.exec(call) ?? [];
      if (isNew) return { name: member.replace(name, "constructor"), type: "" };
      // A static member is called on the class, any other on an object.
      const isStatic = holder === name;
      return { name: `${isStatic ? "static " : ""}${member}`, type };
    });
    assertSame(
      documented,
      members.map(({ name, type, isStatic }) => ({
        name: `${isStatic ? "static " : ""}${name}`,
        type,
      })),
    );
  });
}

for (const [name, { bases, members }] of declared.interfaces) {
  test(`lists the declared members when it documents ${name}`, () => {
    assertSame(rowsOf(name), members);
    const extended = /^Extends (.*?)\./m.exec(sections.get(name)?.text ?? "")?.[1] ?? "";
    assert.deepEqual(
      [...extended.matchAll(/`([^`]+)`/g)].map(([, base]) => base),
      bases,
    );
  });
}

for (const [name, choices] of declared.choices) {
  test(`lists the declared values when it documents ${name}`, () => {
    assert.deepEqual(
      rowsOf(name)
        .map(({ name }) => name)
        .sort(),
      [...choices].sort(),
    );
  });
}

test("lists what is declared when it documents the aliases", () => {
  assertSame(
    rowsOf("Aliases"),
    [...declared.aliases].map(([name, type]) => ({ name, type })),
  );
});

test("lists what is declared when it documents the type parameters", () => {
  const { text = "" } = sections.get("Type parameters") ?? {};
  const documented = [...text.matchAll(/`(\w+<[\w, ]+>)`/g)].map(([, each]) => each);
  const generics = [...declared.generics];
  assert.deepEqual(
    documented.sort(),
    generics.map(([type, list]) => `${type}<${list.map(({ name }) => name).join(", ")}>`).sort(),
  );
  assert.deepEqual(
    rowsOf("Type parameters")
      .map(({ name }) => name)
      .sort(),
    [...new Set(generics.flatMap(([, list]) => list.map(({ name }) => name)))].sort(),
  );
});

test("documents something declared when a section has a table", () => {
  const known = [
    "API",
    "Functions",
    "Aliases",
    "Modules",
    "SkillLogError",
    "Type parameters",
    ...declared.classes.keys(),
    ...declared.interfaces.keys(),
    ...declared.choices.keys(),
  ];
  for (const [name, { rows }] of sections)
    if (rows.length > 0) assert.ok(known.includes(name), name);
});

/** @param {string} name */
function rowsOf(name) {
  return sections.get(name)?.rows ?? assert.fail(`docs/api.md has no section ${name}`);
}

/**
 * @param {Row[]} documented
 * @param {Row[]} declared
 */
function assertSame(documented, declared) {
  const lines = (/** @type {Row[]} */ list) =>
    list.map(({ name, type }) => `${name}: ${type}`).sort();
  assert.deepEqual(lines(documented), lines(declared));
}

/**
 * Returns the sections of a page, by their headings, with the rows of their tables.
 *
 * @param {string} page
 * @returns {Map<string, Section>}
 */
function sectionsOf(page) {
  return new Map(
    page
      .split(/^#+ /m)
      .slice(1)
      .map((text) => {
        const rows = [...text.matchAll(/^\| `([^`]*)` \|(?: `((?:[^`])*)` \|)?/gm)].map(
          ([, name, type = ""]) => {
            return { name: name.replaceAll("\\|", "|"), type: plain(type.replaceAll("\\|", "|")) };
          },
        );
        return [text.split("\n", 1)[0], { text, rows }];
      }),
  );
}
