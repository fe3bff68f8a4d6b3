import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

/** The size of a disk in bytes, unless `bytes` says otherwise. */
export const size = 64 * 1024;

/**
 * Returns a command that runs a shell script with a small disk mounted at `dir` until the script
 * ends. In the script, "$@" is the program to run.
 *
 * @param {string} dir
 * @param {string} script
 * @param {number} [bytes] the size of the disk
 */
export function onDisk(dir, script, bytes = size) {
  const command = (/** @type {string} */ options) => [
    "unshare",
    options,
    "sh",
    "-ec",
    `mount -t tmpfs -o size=${bytes} tmpfs ${dir}; ${script}`,
    "sh",
  ];
  const mount = (/** @type {string} */ options) => [
    "unshare",
    options,
    "mount",
    "-t",
    "tmpfs",
    "tmpfs",
    dir,
  ];
  // Without root, as the root of a user namespace.
  const possible = ["-m", "-rm"].find((options) => {
    const [program, ...args] = mount(options);
    return spawnSync(program, args).status === 0;
  });
  assert.ok(possible, "cannot mount a file system, neither as root nor in a user namespace");
  return command(possible);
}
