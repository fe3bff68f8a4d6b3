// No page of another site reads a log through `skill-log view`, in a browser that has its cookie: not
// under a name that leads to this machine (DNS rebinding), and not from another port.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "node:test";
import { append } from "skill-log";

import { launch, undrivable } from "./browsers.js";
import { serve } from "./server.js";

const program = fileURLToPath(new URL("../../dist/cli/skill-log.js", import.meta.url));

/** A name that an attacker has lead to this machine. */
const NAME = "rebound.example";

/** Each browser, with that name. */
const BROWSERS = {
  Chromium: () => launch.Chromium({ args: [`--host-resolver-rules=MAP ${NAME} 127.0.0.1`] }),
  Firefox: () => launch.Firefox({ prefs: { "network.dns.localDomains": NAME } }),
};

for (const [name, start] of Object.entries(BROWSERS)) {
  test(`shows no log to another site in ${name}`, { skip: undrivable }, async (t) => {
    const dir = mkdtempSync(join(tmpdir(), "skill-log-"));
    t.after(() => rmSync(dir, { recursive: true }));
    await append(dir, "a", { skill: "secret", final_status: "ok" });
    const child = spawn(process.execPath, [program, "view", dir, "--no-open", "--no-cache"]);
    t.after(() => child.kill());
    const [printed] = await once(child.stdout, "data");
    const viewer = new URL(String(printed).trim());
    const browser = await start();
    t.after(() => browser.close());

    const own = await browser.open(viewer.origin);
    const status = await own.evaluate(async (token) => {
      const let_in = await fetch("/session", { method: "POST", body: token });
      const read = await fetch("/api/v1/sessions");
      const text = await read.text();
      return [let_in.status, read.status, text.includes("secret"), document.cookie];
    }, viewer.hash.slice("#token=".length));
    assert.deepEqual(status, [204, 200, true, ""]);

    // Under another name, the page itself is refused, and what it could ask.
    const rebound = await browser.open("about:blank");
    const answer = await rebound.page.goto(`http://${NAME}:${viewer.port}/`);
    assert.equal(answer.status(), 421);
    const statuses = await rebound.evaluate(async () => {
      const asked = ["/", "/main.js", "/api/v1/sessions", "/api/v1/log?id=a", "/api/v1/events"];
      const answers = await Promise.all(asked.map((path) => fetch(path)));
      const posted = await fetch("/session", { method: "POST", body: "x" });
      return [...answers, posted].map(({ status }) => status);
    });
    assert.deepEqual(new Set(statuses), new Set([421]));

    // From another port, which is the same site: the browser sends the cookie.
    const server = await serve({ "/other.html": "<!doctype html><p>Another site.</p>" });
    t.after(() => server.close());
    const other = await browser.open(`${server.url}/other.html`);
    const seen = await other.evaluate(async (origin) => {
      const failed = (/** @type {Promise<any>} */ asked) =>
        soon(asked).then(
          (response) => response.type ?? "answered",
          () => "failed",
        );
      const url = `${origin}/api/v1/sessions`;
      /** @param {Promise<string>} asked */
      const soon = (asked) =>
        Promise.race([asked, new Promise((done) => setTimeout(() => done("silent"), 5000))]);
      const loaded = (/** @type {"script" | "img"} */ name, /** @type {string} */ src) =>
        new Promise((done) => {
          const element = document.createElement(name);
          element.onload = () => done("loaded");
          element.onerror = () => done("failed");
          element.src = src;
          document.body.append(element);
        });
      return {
        read: await failed(fetch(url, { credentials: "include" })),
        blind: await failed(fetch(url, { credentials: "include", mode: "no-cors" })),
        posted: await failed(fetch(`${origin}/session`, { method: "POST", body: "x" })),
        events: await soon(
          new Promise((done) => {
            const events = new EventSource(`${origin}/api/v1/events`, { withCredentials: true });
            events.onopen = () => done("opened");
            events.onerror = () => (events.close(), done("failed"));
          }),
        ),
        socket: await soon(
          new Promise((done) => {
            const socket = new WebSocket(`${origin.replace("http", "ws")}/api/v1/events`);
            socket.onopen = () => done("opened");
            socket.onerror = () => done("failed");
          }),
        ),
        script: await soon(loaded("script", url)),
        image: await soon(loaded("img", `${origin}/icon.svg`)),
      };
    }, viewer.origin);
    const { blind, ...rest } = seen;
    assert.ok(["failed", "opaque"].includes(blind), blind);
    assert.deepEqual(new Set(Object.values(rest)), new Set(["failed"]), JSON.stringify(seen));
  });
}
