import { LitElement } from "lit";

/** Holds the place of the element until its part of the page is built. */
export class VirtualList extends LitElement {}
customElements.define("virtual-list", VirtualList);
