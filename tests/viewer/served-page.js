// Opens the page of `skill-log view`, for tests.

import { openPage } from "./pages.js";
import { view } from "./view-server.js";

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
