// The tools of `skill-log mcp`, and a call of one.

import { SkillLogError } from "../../index.js";
import { listTool } from "./list-sessions.js";
import { readTool } from "./read-entries.js";
import { searchTool } from "./search-entries.js";
import { checkedArguments, RefusedCall, schemaOf } from "./tool.js";

/** @import { Place, Tool } from "./tool.js" */

/** @typedef {{ content: { type: "text", text: string }[], isError?: true }} Result */

/** @type {Record<string, Tool>} */
const tools = {
  list_sessions: listTool,
  search_entries: searchTool,
  read_entries: readTool,
};

/** How often a call starts again because a log was replaced meanwhile. */
const MOST_TRIES = 3;

/** The names of the tools. */
export const TOOL_NAMES = Object.keys(tools);

/** Returns the tools as the protocol lists them. */
export function describedTools() {
  return Object.entries(tools).map(
    ([name, { title, description, arguments: known, required }]) => ({
      name,
      title,
      description,
      inputSchema: schemaOf(known, required),
      annotations: { title, readOnlyHint: true, openWorldHint: false },
    }),
  );
}

/**
 * Calls a tool.
 *
 * @param {string} name one of `TOOL_NAMES`
 * @param {Record<string, unknown>} given
 * @param {Place} place
 * @returns {Promise<Result>} with the reason where the model can do something about an error
 */
export async function called(name, given, place) {
  const { arguments: known, required, run } = tools[name];
  for (let tries = 1; ; tries += 1) {
    try {
      const text = await run(checkedArguments(given, known, required), place);
      return { content: [{ type: "text", text }] };
    } catch (error) {
      const isReplaced = error instanceof SkillLogError && error.code === "REPLACED";
      if (isReplaced && tries < MOST_TRIES) continue;
      if (!(error instanceof RefusedCall) && !(error instanceof SkillLogError)) throw error;
      return { content: [{ type: "text", text: error.message }], isError: true };
    }
  }
}
