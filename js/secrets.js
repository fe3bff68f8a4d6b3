// Secrets in texts, apart from the package: it needs neither its wasm nor its other code.

import { secretsIn } from "./secrets/find-secrets.js";
import { REGISTERED } from "./secrets/registered.js";
import { SHAPES } from "./secrets/shapes.js";

/** @import { SecretFamily } from "./types.js" */

export { findSecrets, maskFound, maskSecrets } from "./secrets/find-secrets.js";

/**
 * The families of secrets that are known, and who describes them.
 *
 * @type {readonly SecretFamily[]}
 */
export const secretFamilies = SHAPES.map(({ name, source }) => ({ name, source })).filter(
  ({ name }, at, all) => all.findIndex((family) => family.name === name) === at,
);

// For the option `redact`, also where a bundler left out the file that it would load.
Reflect.defineProperty(globalThis, REGISTERED, { value: secretsIn, configurable: true });
