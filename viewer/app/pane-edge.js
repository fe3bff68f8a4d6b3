// The edge between two panes, which a person moves with a pointer or with keys.

import { LitElement, css, html } from "lit";

/** How far a key moves the edge, in CSS pixels. */
const STEP = 24;

/**
 * @fires resize-pane with the new size of the pane, in CSS pixels
 */
export class PaneEdge extends LitElement {
  static properties = {
    size: { type: Number },
    least: { type: Number },
    most: { type: Number },
    name: { type: String },
    isAfter: { type: Boolean },
  };

  static styles = css`
    :host { position: relative; z-index: 3; display: block; width: 1px; background: var(--line);
      touch-action: none; cursor: col-resize; }
    div { position: absolute; inset: 0 -4px; }
    div:hover, div:focus-visible { background: linear-gradient(var(--accent), var(--accent)) center / 3px no-repeat; }
    div:focus-visible { outline: none; }
  `;

  constructor() {
    super();
    this.size = 0;
    this.least = 200;
    this.most = 600;
    this.name = "";
    /** Whether the pane is at the right of its edge. */
    this.isAfter = false;
  }

  /** @param {number} size */
  #resize(size) {
    const detail = Math.round(Math.max(this.least, Math.min(this.most, size)));
    this.dispatchEvent(new CustomEvent("resize-pane", { detail }));
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    const edge = /** @type {HTMLElement} */ (event.currentTarget);
    edge.setPointerCapture(event.pointerId);
    const { clientX } = event;
    const { size } = this;
    const sign = this.isAfter ? -1 : 1;
    const move = (/** @type {PointerEvent} */ moved) =>
      this.#resize(size + sign * (moved.clientX - clientX));
    edge.addEventListener("pointermove", move);
    edge.addEventListener(
      "lostpointercapture",
      () => edge.removeEventListener("pointermove", move),
      {
        once: true,
      },
    );
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const sign = this.isAfter ? -1 : 1;
    if (event.key === "ArrowRight") this.#resize(this.size + sign * STEP);
    else if (event.key === "ArrowLeft") this.#resize(this.size - sign * STEP);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  render() {
    return html`<div
      role="separator"
      tabindex="0"
      aria-orientation="vertical"
      aria-label=${this.name}
      aria-valuenow=${this.size}
      aria-valuemin=${this.least}
      aria-valuemax=${this.most}
      @pointerdown=${this.#grab}
      @keydown=${this.#pressed}
    ></div>`;
  }
}
customElements.define("pane-edge", PaneEdge);
