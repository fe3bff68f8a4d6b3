// Another tab holds a session's file, or only the lock that orders writers: no append waits for
// long.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import test from "node:test";

import { undrivable } from "./browsers.js";
import { launchChromium, launchFirefox } from "./everyday-browsers.js";
import { serveSteps, step } from "./step-pages.js";

/** The longest time in which an append may fail, in milliseconds. */
const LONGEST = 2000;

/** How long an append waits for a turn that never ends, in milliseconds. */
const TURN = 500;

const browsers = { Chromium: launchChromium, Firefox: launchFirefox };

for (const [name, launch] of Object.entries(browsers)) {
  test(`waits, but not for long, when others write in ${name}`, { skip: undrivable }, async (t) => {
    const url = await serveSteps(t);
    const browser = await launch();
    t.after(browser.close);
    // A worker, because only workers can open an exclusive handle of a file.
    const other = await browser.open(`${url}/worker`);

    for (const room of ["page", "worker"]) {
      const tab = await browser.open(`${url}/${room}`);
      await t.test(
        `${room}: rejects with BUSY in time, and writes nothing, when others hold the file`,
        async (t) => {
          const dir = `held ${room}`;
          await step(tab, "append", dir, "first");
          const size = await step(tab, "size", dir);
          await step(other, "holdHandle", dir, 4000);
          // The appends wait for each other too.
          const failing = [];
          for (let number = 0; number < 8; number += 1) {
            failing.push(step(tab, "append", dir, `${number}`, `${number} too`));
            await pause(200);
          }
          const results = (await Promise.all(failing)).flat();
          t.diagnostic(`ms: ${results.map(({ time }) => Math.round(time))}`);
          for (const { time, error } of results) {
            assert.deepEqual(
              { code: error?.code, path: error?.path, cause: error?.cause },
              { code: "BUSY", path: `${dir}/s.jsonl`, cause: "NoModificationAllowedError" },
            );
            assert.ok(time > 1000 && time < LONGEST, `${time} ms`);
          }
          assert.equal(await step(tab, "size", dir), size);
        },
      );

      await t.test(
        `${room}: appends the later entries, in order, when others hold the file for a while`,
        async () => {
          const dir = `held for a while ${room}`;
          await step(tab, "append", dir, "first");
          await step(other, "holdHandle", dir, 2000);
          const appends = [];
          for (let number = 0; number < 10; number += 1) {
            appends.push(step(tab, "append", dir, `${number}`));
            await pause(180);
          }
          const results = (await Promise.all(appends)).flat();
          const codes = results.map(({ error }) => error?.code ?? "appended");
          // The first append waited for the longest possible time, the last for a moment.
          assert.equal(codes[0], "BUSY");
          assert.deepEqual(codes.slice(-4), Array(4).fill("appended"), `${codes}`);
          for (const { time } of results) assert.ok(time < LONGEST, `${time} ms`);
          const { messages, damage } = await step(tab, "read", dir);
          assert.deepEqual(
            { messages, damage },
            {
              messages: [
                "first",
                ...codes.flatMap((code, number) => (code === "appended" ? [`${number}`] : [])),
              ],
              damage: [],
            },
          );
        },
      );

      await t.test(
        `${room}: appends after about half a second when another's turn never ends`,
        async (t) => {
          const dir = `turn ${room}`;
          await step(tab, "append", dir, "first");
          const holder = await browser.open(`${url}/page`);
          await step(holder, "holdTurn", dir);
          /** @type {number[]} */
          const times = [];
          /** @type {number[]} */
          const free = [];
          await step(other, "append", "free", "first");
          for (let number = 0; number < 20; number += 1) {
            // An append in another tab that waits for nobody shows how slow the machine is now.
            const unhindered = step(other, "append", "free", `${number}`);
            const [{ time, error }] = await step(tab, "append", dir, `${number}`);
            assert.equal(error, undefined);
            times.push(time);
            free.push((await unhindered)[0].time);
          }
          t.diagnostic(`ms: ${times.map(Math.round)}; without a wait: ${free.map(Math.round)}`);
          assert.ok(times[0] > TURN - 100, `${times[0]} ms`);
          const waits = times.map((time, number) => time - free[number]);
          assert.ok(
            waits.every((wait) => wait < LONGEST),
            `${waits} ms`,
          );
          // After the first wait, most appends do not wait as long again.
          assert.ok(waits.slice(1).sort((a, b) => a - b)[9] < TURN - 100, `${waits} ms`);
          await holder.close();
        },
      );
      assert.deepEqual(await tab.takeErrors(), []);
    }
  });
}
