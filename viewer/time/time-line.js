import { LitElement } from "lit";

/** Holds the place of the element until its part of the page is built. */
export class TimeLine extends LitElement {}
customElements.define("time-line", TimeLine);
