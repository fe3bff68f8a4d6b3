// An element's own size, for what no container query can say.

/** @import { ReactiveController, ReactiveControllerHost } from "lit" */

/**
 * Tells an element its width, at first and when it changes, while it is in the page.
 *
 * @implements {ReactiveController}
 */
export class OwnSize {
  #host;
  #observer;

  /**
   * @param {ReactiveControllerHost & Element} host
   * @param {(width: number) => void} onWidth in CSS pixels, without padding
   */
  constructor(host, onWidth) {
    this.#host = host;
    this.#observer = new ResizeObserver(([{ contentRect }]) => onWidth(contentRect.width));
    host.addController(this);
  }

  hostConnected() {
    this.#observer.observe(this.#host);
  }

  hostDisconnected() {
    this.#observer.disconnect();
  }
}
