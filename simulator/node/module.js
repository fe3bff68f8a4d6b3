// Stands for `node:module` in a browser.

export function syncBuiltinESMExports() {}
