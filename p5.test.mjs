import test from "node:test";
import { launchFirefox } from "./tests/browser/everyday-browsers.js";
import { serveSteps, step } from "./tests/browser/step-pages.js";
test("x", async (t) => { const url = await serveSteps(t); for (const kb of [1, 16, 64]) { const b = await launchFirefox({ prefs: { "dom.quotaManager.temporaryStorage.fixedLimit": kb } }); const tab = await b.open(url + "/page");
console.log(kb, JSON.stringify(await step(tab, "append", "d", "x", "y"))); const r = await step(tab, "appendLong", "d", "z", 3, 100000); console.log(JSON.stringify(r), await step(tab, "size", "d")); await b.close(); } });
