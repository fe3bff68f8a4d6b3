// The page of the simulator, used as a person does, in real browsers.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { bundleSimulator } from "../../../scripts/simulator.js";
import { launch, undrivable } from "../../browser/browsers.js";
import { serve } from "../../browser/server.js";
import { browsers } from "../pages.js";

const folder = undrivable ? "" : await bundleSimulator();
const server = await serve(
  Object.fromEntries(
    (undrivable ? [] : ["index.html", "main.js", "icon.svg"]).map((name) => [
      `/${name}`,
      readFileSync(join(folder, name), "utf8"),
    ]),
  ),
);
after(server.close);

/** What a person reads. Runs in the page. */
function read() {
  const root = /** @type {ShadowRoot} */ (document.querySelector("crash-simulator")?.shadowRoot);
  const texts = (/** @type {ParentNode} */ node, /** @type {string} */ selector) =>
    [...node.querySelectorAll(selector)].map(({ textContent }) =>
      textContent?.replace(/\s+/g, " ").trim(),
    );
  return {
    hash: location.hash,
    story: texts(root, ".story")[0],
    rows: [...root.querySelectorAll("section")].map((section) =>
      texts(section, "tbody td:last-child"),
    ),
    guards: [...root.querySelectorAll("file-view")].map(
      (view) => view.shadowRoot?.querySelectorAll(".guard").length,
    ),
  };
}

for (const name of browsers) {
  test(`shows what a guard does when a run is stepped through in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const browser = await launch[name]();
    t.after(() => browser.close());
    const tab = await browser.open(`${server.url}/index.html#seed=7`);
    await tab.page.waitForFunction(() =>
      document.querySelector("crash-simulator")?.shadowRoot?.querySelector(".story"),
    );
    assert.match((await tab.evaluate(read)).story ?? "", /Nothing was appended/);
    await tab.page.keyboard.press("ArrowRight");
    await tab.page.waitForFunction(() => location.hash === "#seed=7&append=1");
    assert.match((await tab.evaluate(read)).story ?? "", /entry A1 and is killed after 59 of/);
    await tab.page.keyboard.press("ArrowRight");
    await tab.page.waitForFunction(() => location.hash === "#seed=7&append=2");
    await tab.page.waitForFunction(
      () =>
        document.querySelector("crash-simulator")?.shadowRoot?.querySelectorAll(".bad").length ===
        1,
    );
    const second = await tab.evaluate(read);
    assert.match(second.story ?? "", /A2: all 110 bytes\..*newline guard/);
    assert.deepEqual(second.rows, [
      ["none", "none"],
      ["none", "A2"],
    ]);
    assert.deepEqual(second.guards, [1, 0]);
    // A link to a step, and to another run.
    await tab.page.goto(`${server.url}/index.html#seed=12&append=16`);
    await tab.page.waitForFunction(() => location.hash === "#seed=12&append=16");
    assert.deepEqual(await tab.takeErrors(), []);
  });
}
