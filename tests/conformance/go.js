// Finds Go, and builds and runs `reference`, the program in go/ around the Go original.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { inEnvironment } from "../../scripts/setup.js";

const sources = fileURLToPath(new URL("go", import.meta.url));
const target = fileURLToPath(new URL("../../target", import.meta.url));

/** What to do when `buildReference` returns `null`. */
export const howToGetGo =
  "no Go found: `node scripts/setup.js --tests` installs it, or set SKILL_LOG_GO to a go command";

/**
 * Builds the program, and returns its path, or `null` without Go. The first build takes seconds,
 * and later builds little, because Go caches them.
 *
 * @returns {string | null}
 */
export function buildReference() {
  const go = findGo();
  if (!go) return null;
  const work = join(target, "conformance");
  const program = join(work, process.platform === "win32" ? "reference.exe" : "reference");
  mkdirSync(work, { recursive: true });
  // Version control is left out of the program, because Go stops where git does not trust the
  // folder.
  execFileSync(go.command, ["build", "-buildvcs=false", "-trimpath", "-o", program, "."], {
    cwd: sources,
    env: {
      ...process.env,
      // The build fetches nothing, writes below target/ alone, and ignores the user's settings.
      GOENV: "off",
      GOFLAGS: "-mod=mod",
      GOWORK: "off",
      GOTOOLCHAIN: "local",
      GOPROXY: "off",
      GOPATH: join(work, "go-path"),
      GOCACHE: join(work, "go-cache"),
      XDG_CONFIG_HOME: join(work, "go-config"), // where Go counts its own use
      // From Go 1.27 on, encoding/json is another implementation unless this is set.
      ...(go.minor >= 25 && { GOEXPERIMENT: "nojsonv2" }),
    },
  });
  return program;
}

/** @returns {{ command: string, minor: number } | null} `minor` is the 26 of Go 1.26 */
function findGo() {
  const chosen = process.env.SKILL_LOG_GO;
  const commands = chosen
    ? [chosen]
    : [inEnvironment(join(target, "tools", "go-venv"), "go", process.platform), "go"];
  for (const command of commands) {
    const { stdout } = spawnSync(command, ["version"], { encoding: "utf8" });
    const minor = Number(/^go version go1\.(\d+)/.exec(stdout ?? "")?.[1] ?? 0);
    if (minor >= 24) return { command, minor };
  }
  if (chosen)
    throw new Error(
      `SKILL_LOG_GO is ${chosen}, which is not a go command of version 1.24 or later`,
    );
  return null;
}

/**
 * Runs the program until it ends, and returns what it printed.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {string} [input]
 */
export function runReference(program, args, input = "") {
  return execFileSync(program, args, { input, encoding: "utf8", maxBuffer: 2 ** 30 });
}
