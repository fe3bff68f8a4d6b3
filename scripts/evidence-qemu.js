// Cuts the power of a virtual machine while four writers of a process in it append, on ext4, xfs and
// btrfs. By hand, because each cut takes two boots of an emulated machine.
//
//   npm run evidence:qemu                          30 cuts of each file system
//   npm run evidence:qemu -- ext4 --count 5        5 cuts of one
//
// qemu is killed (SIGKILL). What the guest's kernel has not yet written to its disk is lost, and
// all that it has written is kept: a disk without a cache of its own. As root on Debian.

import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";

import { Random } from "../tests/conformance/random.js";
import { Failure, output, root, run, say, script } from "./command.js";

const folder = join(root, "target", "qemu");
const initial = join(folder, "initramfs");

/** The file systems, and the command that makes each in an image. */
const fileSystems = {
  ext4: ["mkfs.ext4", "-q", "-F"],
  xfs: ["mkfs.xfs", "-q", "-f"],
  btrfs: ["mkfs.btrfs", "-q", "-f"],
};

/** The smallest that xfs accepts, with room for the logs. */
const IMAGE_BYTES = 400 << 20;

/** The most seconds from the first acknowledged sync to the cut, and of a boot. */
const LIFE = 6;
const PATIENCE = 300;

const packages = ["qemu-system-x86", "xfsprogs", "btrfs-progs", "e2fsprogs", "busybox-static"];

/** The kernel's modules for the disk and the file systems. ext4 is part of the kernel. */
const modules =
  /^(virtio|virtio_ring|virtio_pci\w*|virtio_blk|libcrc32c|xor|raid6_pq|zstd_compress|blake2b_generic|xxhash_generic|xfs|btrfs)\.ko/;

/** What the guest runs, from the project. */
const project = ["package.json", "dist", "tests/conformance", "tests/faults", "tests/evidence"];

/** Makes what the virtual machine boots from: the kernel, and a file system in memory. */
function prepare() {
  if (output("qemu-system-x86_64", ["--version"]) === null) {
    throw new Failure(`evidence: qemu is missing. As root: apt-get install ${packages.join(" ")}`);
  }
  const kernelFolder = join(folder, "kernel");
  if (!existsSync(kernelFolder)) {
    const depends = output("apt-cache", ["depends", "linux-image-cloud-amd64"]) ?? "";
    const name = /linux-image-\d\S+/.exec(depends)?.[0];
    if (!name) throw new Failure("evidence: apt knows no linux-image-cloud-amd64");
    say(`evidence: fetching ${name}, once`);
    mkdirSync(folder, { recursive: true });
    run("sh", [
      "-c",
      `cd '${folder}' && apt-get download -qq ${name} && dpkg -x ${name}_*.deb kernel`,
    ]);
  }
  rmSync(initial, { recursive: true, force: true });
  for (const each of ["bin", "modules", "project", "usr/bin"])
    mkdirSync(join(initial, each), { recursive: true });
  copyFileSync(join(root, "tests/evidence/qemu/init.sh"), join(initial, "init"));
  chmodSync(join(initial, "init"), 0o755);
  copyFileSync("/bin/busybox", join(initial, "bin", "busybox"));
  const libraries = (output("ldd", [process.execPath]) ?? "").match(/\/\S+/g) ?? [];
  for (const path of libraries) copyTo(path, path);
  copyTo(process.execPath, "/usr/bin/node");
  for (const path of filesIn(kernelFolder)) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (modules.test(name)) copyTo(path, `/modules/${name}`);
  }
  for (const each of project)
    cpSync(join(root, each), join(initial, "project", each), { recursive: true });
  run("sh", ["-c", `cd '${initial}' && find . | busybox cpio -o -H newc > ../initramfs.cpio`]);
  const version = readdirSync(join(kernelFolder, "lib", "modules"))[0];
  return { version, kernel: join(kernelFolder, "boot", `vmlinuz-${version}`) };
}

/** @param {string} from @param {string} to */
function copyTo(from, to) {
  mkdirSync(dirname(join(initial, to)), { recursive: true });
  copyFileSync(from, join(initial, to));
}

/** @param {string} directory */
function filesIn(directory) {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  return names.map((name) => join(directory, name));
}

/**
 * Boots the virtual machine.
 *
 * @param {string} kernel
 * @param {string} image
 * @param {{ phase: string, fs: string, seed: number }} parameters
 */
function boot(kernel, image, parameters) {
  const words = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  const command = ["console=ttyS0", "quiet", "panic=-1", "no_timer_check", ...words];
  const drive = (/** @type {string} */ path) => ["-drive", `file=${path},if=virtio,format=raw`];
  const machine = [
    "-accel",
    "tcg",
    "-cpu",
    "max",
    "-m",
    "1024",
    "-nic",
    "none",
    "-display",
    "none",
  ];
  const child = spawn(
    "qemu-system-x86_64",
    [
      ...machine,
      ...["-monitor", "none", "-serial", "stdio", "-no-reboot", "-kernel", kernel],
      ...["-initrd", join(folder, "initramfs.cpio"), "-append", command.join(" ")],
      ...drive(image),
      ...drive(join(folder, "acknowledged")),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE * 1000);
  const ended = once(child, "close").finally(() => clearTimeout(timer));
  return { child, ended, lines: createInterface({ input: child.stdout }) };
}

/**
 * Cuts the power once, and checks what is left.
 *
 * @param {string} kernel
 * @param {keyof typeof fileSystems} fs
 * @param {number} seed
 */
async function cut(kernel, fs, seed) {
  const image = join(folder, `${fs}.img`);
  rmSync(image, { force: true });
  writeFileSync(image, "");
  truncateSync(image, IMAGE_BYTES);
  const [program, ...options] = fileSystems[fs];
  run(program, [...options, image]);
  const acknowledged = await write(kernel, image, fs, seed);
  // The guest reads whole sectors, and text ends at a NUL.
  const text = Buffer.from(`${acknowledged.join("\n")}\n`);
  const bytes = Buffer.alloc(Math.ceil((text.length + 1) / 512) * 512);
  text.copy(bytes);
  writeFileSync(join(folder, "acknowledged"), bytes);
  const { lines, ended } = boot(kernel, image, { phase: "check", fs, seed });
  let outcome = "failed: the guest said nothing";
  lines.on("line", (line) => {
    const found = /(checked|failed) .*/.exec(line);
    if (found) outcome = found[0];
  });
  await ended;
  if (!outcome.startsWith("checked"))
    throw new Failure(`evidence: ${fs}, seed ${seed}: ${outcome}`);
  say(`evidence: ${fs}, seed ${seed}: ${outcome}`);
}

/**
 * Appends in the guest until the power is cut. Returns what was acknowledged before.
 *
 * @param {string} kernel
 * @param {string} image
 * @param {string} fs
 * @param {number} seed
 */
async function write(kernel, image, fs, seed) {
  writeFileSync(join(folder, "acknowledged"), Buffer.alloc(512));
  const { child, lines, ended } = boot(kernel, image, { phase: "write", fs, seed });
  /** @type {string[]} */
  const acknowledged = [];
  // Before a sync is acknowledged, a cut may lose everything.
  const first = new Promise((done) => {
    lines.on("line", (line) => {
      const found = /writer\d \d+ (sync|none) (first|second)(?=\r?$)/.exec(line);
      if (found) acknowledged.push(found[0]);
      if (found?.[1] === "sync") done(undefined);
    });
  });
  await Promise.race([first, ended]);
  await pause(new Random(seed).fraction() * LIFE * 1000);
  child.kill("SIGKILL");
  await ended;
  if (!acknowledged.some((line) => line.includes(" sync ")))
    throw new Failure(`evidence: ${fs}: the guest synced nothing`);
  return acknowledged;
}

script(import.meta.url, async () => {
  const { values, positionals } = parseArgs({
    options: { count: { type: "string", default: "30" }, seed: { type: "string", default: "1" } },
    allowPositionals: true,
  });
  const wanted = positionals.length > 0 ? positionals : Object.keys(fileSystems);
  const { version, kernel } = prepare();
  for (const fs of /** @type {(keyof typeof fileSystems)[]} */ (wanted)) {
    if (!Object.hasOwn(fileSystems, fs))
      throw new Failure(`evidence: unknown file system ${fs}`, 2);
    const first = Number(values.seed);
    for (let index = 0; index < Number(values.count); index++) await cut(kernel, fs, first + index);
    const date = new Date().toISOString().slice(0, 10);
    say(`| ${fs} | ${values.count} | from ${first} | ${date} | Linux ${version} |`);
  }
});
