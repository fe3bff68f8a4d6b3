// Speaks WebDriver, the W3C's protocol, to a running driver: the commands that the tests use.

/** A session of a driver, which is one browser. */
export class WebDriver {
  #session;

  /** @param {string} session its URL */
  constructor(session) {
    this.#session = session;
  }

  /**
   * Starts a browser. Rejects when the driver cannot start it.
   *
   * @param {string} url the driver's
   * @param {object} capabilities
   */
  static async start(url, capabilities) {
    const { sessionId } = await command("POST", `${url}/session`, {
      capabilities: { alwaysMatch: capabilities },
    });
    return new WebDriver(`${url}/session/${sessionId}`);
  }

  /** @param {number} milliseconds that a script may take */
  limitScripts(milliseconds) {
    return this.#post("timeouts", { script: milliseconds });
  }

  /** @returns {Promise<string>} the handle of the window that commands go to */
  window() {
    return command("GET", `${this.#session}/window`);
  }

  /** @returns {Promise<string[]>} the handles of all windows */
  windows() {
    return command("GET", `${this.#session}/window/handles`);
  }

  /** @param {string} handle of the window that later commands go to */
  switchTo(handle) {
    return this.#post("window", { handle });
  }

  /** @returns {Promise<string>} the handle of a new window, which later commands go to */
  async open() {
    const { handle } = await this.#post("window/new", { type: "window" });
    await this.switchTo(handle);
    return handle;
  }

  /** @param {string} url */
  go(url) {
    return this.#post("url", { url });
  }

  reload() {
    return this.#post("refresh", {});
  }

  /** Closes the window. Later commands need another window. */
  close() {
    return command("DELETE", `${this.#session}/window`);
  }

  quit() {
    return command("DELETE", this.#session);
  }

  /**
   * Runs the body of a function in the page, and waits for what it returns.
   *
   * @param {string} script
   * @returns {Promise<any>} the result, which may be a promise's and crosses as JSON. Rejects with
   *   the message of the script's error
   */
  run(script) {
    return this.#post("execute/sync", { script, args: [] });
  }

  /**
   * Types a text into an element. The text of a file input is paths, one on each line.
   *
   * @param {string} selector of the element; ` >>> ` in it leads into a shadow root
   * @param {string} text
   */
  async type(selector, text) {
    const path = JSON.stringify(selector.split(" >>> "));
    const found = await this.run(
      `return ${path}.reduce((at, part) => (at.shadowRoot ?? at).querySelector(part), document)`,
    );
    if (!found) throw new Error(`nothing is at ${selector}`);
    // The standard gives the only property a long constant as its name.
    const [id] = Object.values(found);
    await this.#post(`element/${id}/value`, { text });
  }

  /**
   * @param {string} path
   * @param {object} body
   */
  #post(path, body) {
    return command("POST", `${this.#session}/${path}`, body);
  }
}

/**
 * @param {"GET" | "POST" | "DELETE"} method
 * @param {string} url
 * @param {object} [body]
 * @returns {Promise<any>}
 */
async function command(method, url, body) {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
  const { value } = /** @type {{ value: any }} */ (await response.json());
  if (!response.ok) throw new Error(value?.message ?? value?.error ?? `status ${response.status}`);
  return value;
}
