// Shows long output in a pager, as git does.

import { spawn } from "node:child_process";

import { ignoreInterrupts } from "../cleanup.js";
import { pageBy } from "./output.js";

/** @import { Writable } from "node:stream" */
/** @import { Command } from "commander" */

/** The pager without $PAGER. */
const USUAL_PAGER = "less";

/** What makes less quit where all fits, show colours, and leave its text on the screen. */
const LESS = "FRX";

/**
 * Adds the option --no-pager, and lets output of more than a screen go to a pager otherwise.
 *
 * @template {Command} C
 * @param {C} command
 * @returns {C}
 */
export function addPagerOption(command) {
  return /** @type {C} */ (
    command
      .option("--no-pager", "do not show long output in $PAGER, or in less")
      .hook("preAction", (_, action) => {
        if (action.opts().pager !== false) pageBy(startPager);
      })
  );
}

/**
 * Starts the pager.
 *
 * @returns {Promise<{ input: Writable, ended: Promise<void> } | null>} null when there is none
 */
async function startPager() {
  const { PAGER, LESS: given } = process.env;
  const program = PAGER ?? USUAL_PAGER;
  // An empty one, or cat, stands for none.
  if (program === "" || program === "cat") return null;
  const child = spawn(program, {
    shell: PAGER !== undefined,
    stdio: ["pipe", "inherit", "inherit"],
    env: { ...process.env, LESS: given ?? LESS },
  });
  const hasStarted = await new Promise((done) => {
    child.once("spawn", () => done(true));
    child.once("error", () => done(false));
  });
  if (!hasStarted) return null;
  // Ctrl-C is for the pager, which stops what it does and goes on.
  ignoreInterrupts();
  /** @type {Promise<void>} */
  const ended = new Promise((done) => child.once("close", () => done()));
  // Its user may leave before all is written.
  child.stdin.on("error", () => {});
  return { input: child.stdin, ended };
}
