// Takes the pictures of README.md and docs/cli.md. Types commands in a terminal (tmux), and draws
// the screen in a browser. Needs tmux and chromium.
//
//   node scripts/screens.js           all pictures
//   node scripts/screens.js verify    the named pictures

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { launch } from "../tests/browser/browsers.js";
import { furnish } from "../tests/cli/places.js";
import { root, say, script } from "./command.js";

/** The commands of each picture. */
const screens = {
  read: [
    "skill-log list logs -l",
    "skill-log read logs --since 2026-03-01",
    "skill-log search -i timeout logs",
  ],
  verify: ["skill-log verify damaged"],
  stats: ["skill-log stats logs"],
};

const COLUMNS = 110;
const ROWS = 60;

script(import.meta.url, async () => {
  const wanted = process.argv.slice(2);
  for (const [name, commands] of Object.entries(screens)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const file = join(root, "docs", `${name}.png`);
    await draw(await typed(commands), file);
    say(`docs/${name}.png now shows the screen of: ${commands.join("; ")}`);
  }
});

/**
 * Types commands in tmux, and returns the screen after the last command.
 *
 * @param {string[]} commands
 * @returns {Promise<string>} its lines, with escape sequences
 */
async function typed(commands) {
  const folder = mkdtempSync(join(tmpdir(), "skill-log-screen-"));
  furnish(folder);
  const socket = join(folder, "tmux");
  const tmux = (/** @type {string[]} */ ...args) =>
    execFileSync("tmux", ["-S", socket, "-f", "/dev/null", ...args], { encoding: "utf8" });
  const env = { TZ: "UTC", PATH: process.env.PATH ?? "", TERM: "xterm-256color" };
  try {
    tmux(
      "new-session",
      "-d",
      "-x",
      String(COLUMNS),
      "-y",
      String(ROWS),
      "-c",
      folder,
      ...Object.entries(env).flatMap(([key, value]) => ["-e", `${key}=${value}`]),
      "bash --noprofile --norc",
    );
    tmux(
      "send-keys",
      `skill-log() { "${process.execPath}" "${join(root, "dist/cli/skill-log.js")}" "$@"; }; PS1='$ '; clear`,
      "Enter",
    );
    await pause(500);
    for (const [at, command] of commands.entries()) {
      tmux("send-keys", "-l", command);
      tmux("send-keys", "Enter");
      // Waits for the next prompt.
      for (
        let left = 200;
        left > 0 &&
        tmux("capture-pane", "-p")
          .trimEnd()
          .split("\n")
          .filter((line) => line.startsWith("$")).length <
          at + 2;
        left -= 1
      )
        await pause(50);
    }
    const lines = tmux("capture-pane", "-p", "-e").trimEnd().split("\n");
    // The last line is the prompt.
    return lines.slice(0, -1).join("\n");
  } finally {
    tmux("kill-server");
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Draws a screen into a PNG file.
 *
 * @param {string} screen with its escape sequences
 * @param {string} file
 */
async function draw(screen, file) {
  const { open, close } = await launch.Chromium();
  try {
    const tab = await open("about:blank");
    const page = /** @type {import("puppeteer-core").Page} */ (tab.page);
    await page.setViewport({ width: 1200, height: 1400 });
    await page.addStyleTag({
      content: readFileSync(join(root, "node_modules/@xterm/xterm/css/xterm.css"), "utf8"),
    });
    await page.addScriptTag({
      content: readFileSync(join(root, "node_modules/@xterm/xterm/lib/xterm.js"), "utf8"),
    });
    await page.evaluate(
      async ({ text, cols }) => {
        document.body.style.margin = "0";
        const box = document.body.appendChild(document.createElement("div"));
        box.id = "screen";
        box.style.cssText = "display: inline-block; padding: 12px; background: #1e1e2e";
        const terminal = new /** @type {any} */ (globalThis).Terminal({
          cols,
          rows: text.split("\n").length,
          convertEol: true,
          fontSize: 13,
          fontFamily: "DejaVu Sans Mono, monospace",
          cursorInactiveStyle: "none",
          theme: {
            background: "#1e1e2e",
            foreground: "#cdd6f4",
            red: "#f38ba8",
            green: "#a6e3a1",
            yellow: "#f9e2af",
            cyan: "#89dceb",
            magenta: "#cba6f7",
          },
        });
        terminal.open(box);
        await new Promise((done) => terminal.write(text, done));
        await new Promise((done) => globalThis.requestAnimationFrame(() => setTimeout(done, 300)));
      },
      { text: screen, cols: COLUMNS },
    );
    const drawn = await page.$("#screen");
    await drawn?.screenshot({ path: /** @type {`${string}.png`} */ (file) });
  } finally {
    await close();
  }
}
