// The errors that commands throw, besides those of the package.

/** The command was typed wrongly: exit status 2. */
export class UsageError extends Error {}

/** The command could not do its work: exit status 1. */
export class Failure extends Error {}
