// The package as it is published: packed, installed with npm, and brought into a project as its user would have it.

import { execFile, execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "..", "..");

/** @type {{ folder: string, tarball: string, files: string[] } | undefined} */
let installed;

/** Packs what is built, and installs it in a folder of its own; once a process. */
export function packed() {
  if (installed) return installed;
  const folder = mkdtempSync(join(tmpdir(), "skill-log-packed-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  // Built already: packing must not build again while other tests read dist/.
  /** @type {{ filename: string, files: { path: string }[] }[]} */
  const [{ filename, files }] = JSON.parse(
    npm(root, "pack", "--json", "--ignore-scripts", "--pack-destination", folder),
  );
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  npm(folder, "install", "--offline", `./${filename}`);
  installed = { folder, tarball: join(folder, filename), files: files.map(({ path }) => path) };
  return installed;
}

/**
 * Makes a project with the package installed, and the tools it is built with; it goes when the test has ended.
 *
 * @param {import("node:test").TestContext} t
 * @param {string[]} targets folders in targets/, laid over each other
 * @param {Record<string, string>} [tools] name of a package → the folder below tests/packaging that it is installed in
 * @returns {string} the project's folder
 */
export function project(t, targets, tools = {}) {
  const folder = mkdtempSync(join(tmpdir(), `skill-log-${targets.at(-1)}-`));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(here, "program"), join(folder, "program"), { recursive: true });
  for (const target of targets) cpSync(join(here, "targets", target), folder, { recursive: true });
  cpSync(join(packed().folder, "node_modules"), join(folder, "node_modules"), { recursive: true });
  const { version } = JSON.parse(
    readFileSync(join(folder, "node_modules", "skill-log", "package.json"), "utf8"),
  );
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ private: true, type: "module", dependencies: { "skill-log": version } }),
  );
  for (const [name, group] of Object.entries(tools)) {
    mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
    symlinkSync(join(here, group, "node_modules", name), join(folder, "node_modules", name));
  }
  return folder;
}

/**
 * Runs a command in a project, and gives what it prints; where it fails, what it printed is the error's message.
 *
 * @param {string} folder
 * @param {string} command
 * @param {...string} args
 * @returns {Promise<string>}
 */
export function run(folder, command, ...args) {
  return new Promise((done, fail) => {
    execFile(
      command,
      args,
      { cwd: folder, encoding: "utf8", timeout: 120_000 },
      (error, stdout, stderr) => {
        if (error)
          fail(
            new Error(
              `${[command, ...args].join(" ")}: ${error.signal ?? error.code}\n${stdout}${stderr}`,
            ),
          );
        else done(stdout);
      },
    );
  });
}

/**
 * @param {string} folder
 * @param {...string} args
 */
function npm(folder, ...args) {
  const options = ["--no-audit", "--no-fund", "--no-update-notifier"];
  return execFileSync("npm", [...args, ...options], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}
