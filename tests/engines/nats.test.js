// integrations/nats, with the real server: each line arrives once, and as it is.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

import { enginesFolder, inEnvironment } from "../../scripts/setup.js";
import { line } from "../js/support/lines.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { skillLog, withoutEngines } from "./engine.js";

const skip = withoutEngines();

const python = inEnvironment(enginesFolder, "python", process.platform);
const integration = fileURLToPath(new URL("../../integrations/nats/", import.meta.url));

/**
 * Starts a server with a configuration, on a free port.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} configuration
 */
async function serve(t, configuration) {
  const folder = temporaryFolder(t);
  const file = path.join(folder, "nats.conf");
  fs.writeFileSync(file, configuration.replace("127.0.0.1:4222", "127.0.0.1:-1"));
  const server = spawn(
    inEnvironment(enginesFolder, "nats-server", process.platform),
    ["-c", file, "--ports_file_dir", folder],
    { cwd: folder, stdio: "ignore" },
  );
  t.after(async () => {
    server.kill();
    await once(server, "exit");
  });
  for (;;) {
    const ports = fs.readdirSync(folder).find((name) => name.endsWith(".ports"));
    const text = ports ? fs.readFileSync(path.join(folder, ports), "utf8") : "";
    const url = /nats:\/\/[^"]+/.exec(text)?.[0];
    if (url) return { url, folder };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Runs Python.
 *
 * @param {string[]} args
 * @param {string} [input]
 */
function run(args, input = "") {
  return spawnSync(python, args, { encoding: "utf8", input, maxBuffer: 1 << 28, timeout: 60_000 });
}

/** Makes the stream, or prints the messages in it, one a line. */
const client = `
import asyncio, json, sys, nats
async def main(url, config):
    client = await nats.connect(url)
    stream = client.jetstream()
    if config:
        made = await client.request("$JS.API.STREAM.CREATE.SKILL_LOG", open(config, "rb").read())
        assert "error" not in json.loads(made.data), made.data
    else:
        info = await stream.stream_info("SKILL_LOG")
        for number in range(1, info.state.last_seq + 1):
            message = await stream.get_msg("SKILL_LOG", number)
            sys.stdout.buffer.write(message.data + b"\\n")
    await client.close()
asyncio.run(main(sys.argv[1], sys.argv[2]))
`;

/** @param {string} configuration */
const withOwnLimit = (configuration) => configuration.replace(/max_payload: \d+/, "");

const configuration = skip
  ? ""
  : fs.readFileSync(path.join(integration, "nats-server.conf"), "utf8");

test("stores each line once, as it is, when publish.py sends a log twice", { skip }, async (t) => {
  const { url, folder } = await serve(t, configuration);
  const made = run(["-c", client, url, path.join(integration, "stream.json")]);
  assert.equal(made.status, 0, made.stderr);
  const log = path.join(folder, "s.jsonl");
  const lines = Array.from({ length: 200 }, (_, at) => line(`skill-${at}`, { message: "日本\0" }));
  fs.writeFileSync(log, lines.map((each) => `${each}\n`).join(""));
  const printed = skillLog("read", log, "--json");
  for (let time = 0; time < 2; time += 1) {
    const sent = run([path.join(integration, "publish.py"), url], printed);
    assert.deepEqual([sent.status, sent.stderr], [0, "200 lines sent\n"]);
  }
  const stored = run(["-c", client, url, ""]);
  assert.equal(stored.stdout, printed, stored.stderr);
});

test("refuses a line when verify --for nats shows it, and no shorter one", { skip }, async (t) => {
  const { url, folder } = await serve(t, withOwnLimit(configuration));
  const stream = fs.readFileSync(path.join(integration, "stream.json"), "utf8");
  const config = path.join(folder, "stream.json");
  fs.writeFileSync(config, stream);
  assert.equal(run(["-c", client, url, config]).status, 0);
  const empty = line("long", { message: "m" }).length - 1;
  for (const [length, isTaken] of /** @type {const} */ ([
    [(1 << 20) - 91, true],
    [(1 << 20) - 90, false],
  ])) {
    const log = path.join(folder, `${length}.jsonl`);
    fs.writeFileSync(log, `${line("long", { message: "m".repeat(length - empty) })}\n`);
    const report = JSON.parse(skillLog("verify", log, "--for", "nats", "--json"));
    assert.equal(report.for.lines, isTaken ? 0 : 1);
    const sent = run([path.join(integration, "publish.py"), url], fs.readFileSync(log, "utf8"));
    assert.equal(sent.status, isTaken ? 0 : 1, sent.stderr);
    if (!isTaken) assert.match(sent.stderr, /^line 1 has 1048486 bytes; the most is 1048485/);
  }
});
