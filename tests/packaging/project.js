// Packs the package as it is published, installs the tarball, and makes projects that use it.

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

/**
 * @typedef {object} Packed
 * @property {string} folder whose node_modules has the package
 * @property {string} tarball its path
 * @property {string[]} files paths in the tarball
 */

/** @type {Packed | undefined} */
let installed;

/**
 * Packs dist/ and installs the tarball in a temporary folder, once per process.
 *
 * @returns {Packed}
 */
export function packed() {
  if (installed) return installed;
  const folder = mkdtempSync(join(tmpdir(), "skill-log-packed-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  // Without scripts, because a build would change dist/ while other tests read it.
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
 * Makes a project that has the package and its tools installed. The project is deleted when the
 * test ends.
 *
 * @param {import("node:test").TestContext} t
 * @param {string[]} targets folders of targets/, copied over each other in this order
 * @param {Record<string, string>} [tools] npm package → the folder here whose node_modules has it
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
 * Runs a command in a project. Rejects with what the command printed when it fails, or after two
 * minutes.
 *
 * @param {string} folder
 * @param {string} command
 * @param {...string} args
 * @returns {Promise<string>} what the command prints to standard output
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
 * Runs npm in a folder, and returns what it prints.
 *
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
