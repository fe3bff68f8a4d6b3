// Runs the server of `skill-log view`, and opens its page.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { openPage } from "./pages.js";

/**
 * Runs `skill-log view` until the test ends.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} folder
 * @returns {Promise<string>} the address that it printed
 */
export async function view(t, folder) {
  const program = fileURLToPath(new URL("../../dist/cli/skill-log.js", import.meta.url));
  const child = spawn(process.execPath, [program, "view", folder, "--no-open", "--no-cache"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill());
  const [line] = await once(createInterface(child.stdout), "line");
  return line;
}

/**
 * Opens the page of `skill-log view`.
 *
 * @param {import("node:test").TestContext} t
 * @param {Parameters<typeof openPage>[1]} name of the browser
 * @param {string} folder
 * @param {{ words?: string } & Parameters<typeof openPage>[2]} [options] `words`: of the fragment
 */
export async function openServed(t, name, folder, { words = "", ...options } = {}) {
  const url = await view(t, folder);
  const tab = await openPage(t, name, options);
  await tab.page.goto(`${url}${words && `&${words}`}`);
  return tab;
}
