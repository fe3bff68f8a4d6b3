// 8 hosts with 4 sessions each. `ENTRIES=200000 EXPORT_KILLS=50` is the full size.

import assert from "node:assert/strict";
import test from "node:test";

import { temporaryFolder } from "../../js/support/temporary-folder.js";
import { checkLedger } from "./ledger.js";

const entries = Number(process.env.ENTRIES ?? 3200);
const exportKills = Number(process.env.EXPORT_KILLS ?? 6);

test("exports what the ledgers of 8 hosts have when hosts and exports are killed", async (t) => {
  const { exported, killed } = await checkLedger(temporaryFolder(t), {
    ...{ seed: 1, hosts: 8, sessions: 4, entries, exportKills, writerKills: 1 },
  });
  t.diagnostic(JSON.stringify({ exported: exported.size, killed }));
  assert.ok(killed.writers > 0);
});
