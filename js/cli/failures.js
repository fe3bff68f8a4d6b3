// What a command fails with, besides the errors of the package.

/** Says what was wrong with what was typed: exit status 2. */
export class UsageError extends Error {}

/** Says what could not be done: exit status 1. */
export class Failure extends Error {}
