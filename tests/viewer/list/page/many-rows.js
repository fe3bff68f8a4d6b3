// A page with nothing but a list: `?count=…` rows, which show their own numbers.

import { css, html } from "lit";

import { tokens } from "../../../../viewer/app/tokens.js";
import { VirtualList } from "../../../../viewer/list/virtual-list.js";

document.adoptedStyleSheets.push(/** @type {CSSStyleSheet} */ (tokens.styleSheet));

const list = new VirtualList();
list.count = Number(new URLSearchParams(location.search).get("count"));
list.label = "Numbers";
let drawn = 0;
list.renderRow = (at) => {
  drawn += 1;
  return html`<span class="number">row ${at}</span>`;
};
list.rowStyles = [
  css`
    .row { border-bottom: 1px solid var(--line); padding: 4px 12px; box-sizing: border-box; }
    .row[aria-selected="true"] { background: var(--accent-soft); }
  `,
];
list.style.height = "700px";
document.body.append(list);

Object.assign(globalThis, { list, drawn: () => drawn });
