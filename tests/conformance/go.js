// Finds Go, builds the program in go/ with it, and runs that program: the original, to compare with.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { inEnvironment } from "../../scripts/setup.js";

const sources = fileURLToPath(new URL("go", import.meta.url));
const target = fileURLToPath(new URL("../../target", import.meta.url));

/** What to do where `buildReference` gives `null`. */
export const howToGetGo =
  "no Go found: `node scripts/setup.js --tests` installs it, or set SKILL_LOG_GO to a go command";

/**
 * Builds the program, which takes seconds the first time and nothing much after that: Go itself knows what is up to
 * date. Gives the program's path, or `null` where there is no Go.
 *
 * @returns {string | null}
 */
export function buildReference() {
  const go = findGo();
  if (!go) return null;
  const work = join(target, "conformance");
  const program = join(work, process.platform === "win32" ? "reference.exe" : "reference");
  mkdirSync(work, { recursive: true });
  // Version control is left out of the program, because Go stops where git does not trust the folder.
  execFileSync(go.command, ["build", "-buildvcs=false", "-trimpath", "-o", program, "."], {
    cwd: sources,
    env: {
      ...process.env,
      // Nothing is fetched, nothing outside target/ is written, no setting of the user's has a say.
      GOENV: "off",
      GOFLAGS: "-mod=mod",
      GOWORK: "off",
      GOTOOLCHAIN: "local",
      GOPROXY: "off",
      GOPATH: join(work, "go-path"),
      GOCACHE: join(work, "go-cache"),
      XDG_CONFIG_HOME: join(work, "go-config"), // where Go counts its own use
      // From 1.27 on encoding/json is another implementation, unless it is told not to be.
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
 * Runs the program to its end and gives what it printed.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {string} [input]
 */
export function runReference(program, args, input = "") {
  return execFileSync(program, args, { input, encoding: "utf8", maxBuffer: 2 ** 30 });
}
