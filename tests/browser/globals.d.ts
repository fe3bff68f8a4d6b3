/// <reference path="../../js/storage/browser/dom.d.ts" />

// What the pages of the tests have in their global scope.

/** The package, in pages that import it. */
declare var log: typeof import("skill-log");
/** Makes a log of so many lines: elsewhere.test.js. */
declare var bytesOf: (lines: number) => Uint8Array<ArrayBuffer>;
/** The workers that the page started, and how many messages they got: elsewhere.test.js. */
declare var workers: (Worker & { isAtWork?: boolean })[];
declare var asked: number;
/** What the page does step by step: page/steps.js. Calls by name, and results cross as JSON. */
declare var steps: Record<string, (...args: any[]) => any>;
/** Terminates the worker that does the steps: step-pages.js. */
declare var endWorker: () => void;
/** What a writing tab does: page/tab.js. Calls and results cross as JSON. */
declare var tab: Record<string, any>;
/** The tests of the page: page/node-test.js. Calls and results cross as JSON. */
declare var suite: Record<string, (...args: any[]) => any>;
/** What the user gave to the page last: disk.js. */
declare var given: () => Promise<any[]> | any[];
/** Does a step with a huge file: page/huge-file.js. */
declare var doStep: (name: string, ...args: any[]) => Promise<any>;
/** Bytes that show which process a tab is in: everyday-browsers.js. */
declare var ballast: Uint8Array | null;
/** Whether the browser kept the page while its tab was elsewhere: release.test.js. */
declare var isBack: boolean;
/** The results of appends that are under way: stalls.test.js. */
declare var results: Promise<any[]>;
/** Appends and reads, and the policies that were violated: trusted-types.test.js. */
declare var appended: (workerUrl?: unknown) => Promise<number>;
declare var violations: string[];

// What TypeScript's library for pages lacks.

declare var FileSystemSyncAccessHandle: { prototype: FileSystemSyncAccessHandle };

interface FileSystemFileHandle {
  move(folder: FileSystemDirectoryHandle, name: string): Promise<void>;
}
