// The package as it is published: packed, installed in a folder of its own, and run.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

import { temporaryFolder } from "./temporary-folder.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const npm = (args, cwd) => execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

const use = `
  const log = await SessionLog.open("logs", "s");
  await log.append({ skill: "tdd", final_status: "pass" });
  await append("logs", "s", { skill: "review", final_status: "fail" });
  const entries = await read("logs", "s");
  if (decode(encode(entries[0])).skill !== "tdd") throw new Error("decode");
  try { encode({}); } catch (error) { if (!(error instanceof SkillLogError)) throw error; }
  console.log(entries.map(({ skill }) => skill).join());
`;
const names = "append, decode, encode, read, SessionLog, SkillLogError";

const typed = `
  import { append, decode, encode, listSessions, RawJson, read, removeSession, SessionLog, SkillLogError } from "skill-log";
  import type { Entry, EntryInput, Damage, Report } from "skill-log";

  export async function use(): Promise<number> {
    const input: EntryInput = { skill: "x", final_status: "ok", timestamp: new Date(), input: { any: ["thing"] } };
    await append("logs", "s", input, { sync: true });
    const entries: Entry[] = await read("logs", "s", { onDamage: (damage: Damage) => console.log(damage.kind) });
    await using log = await SessionLog.open("logs", "s");
    const { bytes } = await log.append([input, input]);
    for await (const { entry, offset } of log.records({ reverse: true })) console.log(entry.skill, offset);
    const report: Report = await log.verify();
    const line: Uint8Array = encode({ ...input, session_id: "s" });
    const raw: unknown = decode(line, { input: "raw" }).input;
    if (raw instanceof RawJson) console.log(raw.bytes.length);
    // @ts-expect-error
    await log.append({ skill: "x", finalStatus: "ok" });
    // @ts-expect-error
    await log.append({ skill: 5, final_status: "ok" });
    await removeSession("logs", (await listSessions("logs"))[0].id);
    try {
      throw new Error();
    } catch (error) {
      if (error instanceof SkillLogError && error.code === "WRITE_FAILED") return error.written ?? 0;
    }
    return entries.length + bytes + report.entries;
  }
`;

test("the packed package installs and runs", async (t) => {
  const folder = temporaryFolder(t);
  // Built already: packing must not build again while other tests read dist/.
  const [{ filename, files }] = JSON.parse(npm(["pack", "--json", "--ignore-scripts", "--pack-destination", folder], root));
  fs.writeFileSync(path.join(folder, "package.json"), '{ "private": true }');
  npm(["install", "--offline", "--no-audit", "--no-fund", `./${filename}`], folder);
  const run = (file, text) => {
    fs.writeFileSync(path.join(folder, file), text);
    fs.rmSync(path.join(folder, "logs"), { recursive: true, force: true });
    return execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" }).trim();
  };

  await t.test("by import", () => {
    assert.equal(run("esm.mjs", `import { ${names} } from "skill-log";${use}`), "tdd,review");
  });

  await t.test("by require", () => {
    assert.equal(run("cjs.cjs", `const { ${names} } = require("skill-log"); (async () => {${use}})();`), "tdd,review");
  });

  await t.test("with its .wasm file to be found", () => {
    const found = run("wasm.cjs", 'console.log(WebAssembly.validate(require("node:fs").readFileSync(require.resolve("skill-log/skill_log.wasm"))))');
    assert.equal(found, "true");
  });

  await t.test("with types for import and for require", () => {
    fs.writeFileSync(path.join(folder, "esm.mts"), typed);
    fs.writeFileSync(path.join(folder, "cjs.cts"), typed);
    const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2023,esnext.disposable,dom"];
    const typeRoots = ["--typeRoots", path.join(root, "node_modules", "@types"), "--types", "node"];
    const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
    try {
      execFileSync(process.execPath, [tsc, ...options, ...typeRoots, "esm.mts", "cjs.cts"], { cwd: folder, encoding: "utf8" });
    } catch (error) {
      assert.fail(error.stdout);
    }
  });

  await t.test("with nothing that does not belong, and nothing to install besides", () => {
    const strangers = files.map((file) => file.path).filter((name) => !/^(js|dist)\/|^(README|FORMAT|CHANGELOG)\.md$|^LICENSE-|^package\.json$/.test(name));
    assert.deepEqual(strangers, []);
    assert.deepEqual(fs.readdirSync(path.join(folder, "node_modules")).filter((name) => !name.startsWith(".")), ["skill-log"]);
  });
});
