import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

/** Bytes that a disk has unless another number is asked for. */
export const size = 64 * 1024;

/**
 * The command that runs a shell script where `dir` is a disk of its own, which goes when the script ends; "$@" is the
 * program it is for.
 *
 * @param {string} dir
 * @param {string} script
 * @param {number} [bytes] the disk's size
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
  assert.ok(
    possible,
    "no file system can be mounted here, neither as root nor in a user namespace: the full disk is not tested",
  );
  return command(possible);
}
