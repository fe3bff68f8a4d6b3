/**
 * Where `skill-log/secrets` keeps `findSecrets` once it is loaded. Any copy of the package finds it
 * there: `import` and `require` may load two, and in a bundle no file has a name.
 */
export const REGISTERED = Symbol.for("skill-log.secrets");
