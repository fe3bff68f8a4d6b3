// As ledger.test.js, in full size.

import assert from "node:assert/strict";
import test from "node:test";

import { temporaryFolder } from "../../js/support/temporary-folder.js";
import { checkLedger } from "./ledger.js";

test("exports what the ledgers of 8 hosts have when 200,000 entries are written", async (t) => {
  const { exported, killed } = await checkLedger(temporaryFolder(t), {
    ...{ seed: 2, hosts: 8, sessions: 4, entries: 200_000, exportKills: 50, writerKills: 2 },
    options: ["--compress", "gzip"],
  });
  t.diagnostic(JSON.stringify({ exported: exported.size, killed }));
  assert.ok(exported.size > 199_000, `${exported.size}`);
});
