// One stream of a server's events for all tabs that show its logs. Browsers allow six connections to
// a server, and a stream for each tab would leave none for what the tabs read.
//
// The tab that holds a lock has the stream, and relays it. When this tab is closed or hidden, the
// next one gets the lock. A new stream starts with "ready", after which every tab looks at all logs.
// So nothing is missed between two streams.

/** @import { FetchFunction } from "skill-log" */

const TYPE = "text/event-stream";

/** What a tab gets that comes while the stream runs. */
const READY = "event: ready\ndata: {}\n\n";

/** Servers send something every 15 s. After 40 s of silence, the tab that relays counts as stuck. */
const LONGEST_SILENCE = 40_000;

/** The most characters of an event: those of servers have a few hundred. */
const LONGEST_EVENT = 1 << 20;

/**
 * Sends a request as `fetch` does. Of a server's events there is one request for all tabs, where the
 * browser can share it.
 *
 * @type {FetchFunction}
 */
export async function fetchOnce(url, options) {
  const canShare = "locks" in navigator && "BroadcastChannel" in globalThis;
  if (!canShare || !new URL(url).pathname.endsWith("/api/v1/events"))
    return fetch(url, /** @type {RequestInit} */ (options));
  const { stream } = new Relay(url, /** @type {RequestInit} */ (options));
  return new Response(stream, { headers: { "content-type": TYPE } });
}

/**
 * What tabs send each other: a part of the stream, to all or to one, or whether there is a stream.
 *
 * @typedef {{ text: string, to?: string } | { from: string }} Message
 */

/** The events, in one tab. */
class Relay {
  #url;
  #options;
  #id = crypto.randomUUID();
  #channel;
  #ending = new AbortController();
  /** Whether this tab has the stream, and its server is ready. */
  #isReady = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence;
  /** @type {ReadableStreamDefaultController<Uint8Array> | null} */
  #own = null;
  /** The whole events, as this tab gets them. */
  stream;

  /**
   * @param {string} url
   * @param {RequestInit} options
   */
  constructor(url, options) {
    this.#url = url;
    this.#options = options;
    const name = `skill-log events ${url}`;
    this.#channel = new BroadcastChannel(name);
    this.stream = new ReadableStream({
      start: (own) => {
        this.#own = own;
      },
      cancel: () => this.#end(),
    });
    this.#channel.onmessage = ({ data }) => this.#receive(data);
    options.signal?.addEventListener("abort", () => this.#end(), { signal: this.#ending.signal });
    if (options.signal?.aborted) {
      this.#end();
      return;
    }
    this.#heard();
    this.#send({ from: this.#id });
    void navigator.locks
      .request(name, { signal: this.#ending.signal }, () => this.#lead())
      .catch(() => {})
      .then(() => this.#end());
  }

  /** @param {Message} message */
  #send(message) {
    if (!this.#ending.signal.aborted) this.#channel.postMessage(message);
  }

  /** @param {Message} message */
  #receive(message) {
    if ("from" in message) {
      if (this.#isReady) this.#send({ text: READY, to: message.from });
    } else if (message.to === undefined || message.to === this.#id) this.#take(message.text);
  }

  /** @param {string} text of whole events */
  #take(text) {
    if (this.#ending.signal.aborted) return;
    this.#heard();
    this.#own?.enqueue(new TextEncoder().encode(text));
  }

  /** Gives up unless more is heard. Whoever reads the stream then asks for another one. */
  #heard() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#end(), LONGEST_SILENCE);
  }

  /** Reads the stream, for all tabs, as long as it lasts. */
  async #lead() {
    const { signal } = this.#ending;
    const { ok, headers, body } = await fetch(this.#url, { ...this.#options, signal });
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
    if (!ok || !headers.get("content-type")?.startsWith(TYPE)) return reader?.cancel();
    for (let rest = ""; reader && rest.length <= LONGEST_EVENT; ) {
      const { value, done } = await reader.read();
      if (done) return;
      rest += value;
      // A tab that comes later must not get the second half of an event.
      const end = rest.lastIndexOf("\n\n") + 2;
      if (end < 2) continue;
      const text = rest.slice(0, end);
      rest = rest.slice(end);
      this.#isReady ||= text.includes("event: ready\n");
      this.#send({ text });
      this.#take(text);
    }
  }

  #end() {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    clearTimeout(this.#silence);
    this.#channel.close();
    try {
      this.#own?.close();
    } catch {
      // Its reader cancelled it.
    }
  }
}
