/**
 * Where `skill-log/secrets` keeps what finds secrets once it is loaded, `secretsIn`. Any copy of the
 * package finds it there: `import` and `require` may load two, and in a bundle no file has a name.
 */
export const REGISTERED = Symbol.for("skill-log.secrets");
