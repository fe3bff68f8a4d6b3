import { LitElement } from "lit";

/** Holds the place of the element until its part of the page is built. */
export class EntryList extends LitElement {}
customElements.define("entry-list", EntryList);
