// The page: what is open at the left, its entries in the middle, one of them at the right.

import { LitElement, css, html } from "lit";

import { controls, tokens } from "./tokens.js";

import "../entries/entry-list.js";
import "../entry/entry-view.js";
import "../list/virtual-list.js";
import "../time/time-line.js";

if (tokens.styleSheet) document.adoptedStyleSheets.push(tokens.styleSheet);

export class SkillLogViewer extends LitElement {
  static styles = [
    controls,
    css`
      :host { display: block; padding: var(--space-5); }
    `,
  ];

  render() {
    return html`<main><h1>skill-log</h1></main>`;
  }
}
customElements.define("skill-log-viewer", SkillLogViewer);
