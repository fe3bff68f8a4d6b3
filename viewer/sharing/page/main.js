// The program of a shared page, which is its worker of entries, too: such a page has no other file.
// `scripts/bundle-viewer.js` says which modules of the viewer have others of this folder instead.

if (typeof document === "undefined") void import("../../entry/entry-worker.js");
else void import("../../main.js");
