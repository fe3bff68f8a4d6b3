// The built page: what its policy allows, and how much browsers download.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";

import { browsers as oldestBrowsers } from "../../scripts/build.js";
import { sharedPageLimit, viewerLimits, viewerSizes } from "../../scripts/bundle-viewer.js";
import { undrivable } from "../browser/browsers.js";
import { browsers, openPage } from "./pages.js";

const folder = new URL("../../dist/viewer/", import.meta.url);

test("has no code and no style of its own in the page", () => {
  const html = readFileSync(new URL("index.html", folder), "utf8");
  assert.match(html, /default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/);
  assert.doesNotMatch(html, /unsafe-inline|unsafe-eval' '|<style|\bstyle=|\son\w+=/);
  for (const [, attributes, body] of html.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)) {
    assert.match(attributes, /src=/);
    assert.equal(body, "");
  }
});

test("is no larger than its limits", async () => {
  const sizes = await viewerSizes(oldestBrowsers);
  assert.ok(sizes.libraries > 5000, `libraries: ${sizes.libraries}`);
  assert.ok(sizes.libraries <= viewerLimits.libraries, `libraries: ${sizes.libraries}`);
  assert.ok(sizes.page <= viewerLimits.page, `page: ${sizes.page}`);
  const { size } = statSync(new URL("shared-page.html", folder));
  assert.ok(size > 100_000 && size <= sharedPageLimit, `shared page: ${size}`);
});

for (const name of browsers) {
  test(`breaks no rule of its policy when it starts in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const tab = await openPage(t, name);
    await tab.page.waitForFunction(() => customElements.get("skill-log-viewer"));
    assert.deepEqual(await tab.takeErrors(), []);
    const elsewhere = tab.server.requests.filter((path) => !path.startsWith("/dist/viewer/"));
    assert.deepEqual(
      elsewhere.filter((path) => path !== "/favicon.ico"),
      [],
    );
    // What reads a server, or a URL, is loaded where there is one.
    const later = readdirSync(folder).filter((file) => /^(remote-logs|http)-/.test(file));
    assert.equal(later.length, 2);
    for (const file of later) assert.ok(!tab.server.requests.includes(`/dist/viewer/${file}`));
  });
}
