// The option that sorts.

import { InvalidArgumentError, Option } from "commander";

/**
 * Returns the option --sort.
 *
 * @param {string[]} fields
 * @param {string} [note] on the order without it
 */
export function sortOption(fields, note) {
  return new Option(
    "--sort <field[:desc]>",
    `sort by ${fields.join(", ")}; with :desc the largest first${note ? ` (${note})` : ""}`,
  ).argParser((text) => {
    const [, by, direction] = /^(.*?)(?::(asc|desc))?$/s.exec(text) ?? [];
    if (!fields.includes(by))
      throw new InvalidArgumentError(`Expected one of ${fields.join(", ")}, alone or with :desc.`);
    return { by, descending: direction === "desc" };
  });
}
