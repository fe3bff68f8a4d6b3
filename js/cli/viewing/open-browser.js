// Opens an address in the user's browser.

import { spawn } from "node:child_process";

/**
 * The programs that open an address, on each platform. None of them is a shell, which would take
 * characters of the address for its own.
 *
 * @type {Partial<Record<NodeJS.Platform, [program: string, ...args: string[]]>>}
 */
const OPENERS = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/**
 * Opens an address.
 *
 * @param {string} url
 * @returns {Promise<boolean>} whether a program was started for it
 */
export function openBrowser(url) {
  const [program, ...args] = OPENERS[process.platform] ?? ["xdg-open"];
  return new Promise((done) => {
    const child = spawn(program, [...args, url], { stdio: "ignore", detached: true });
    child.on("error", () => done(false));
    child.on("spawn", () => {
      child.unref();
      done(true);
    });
  });
}
