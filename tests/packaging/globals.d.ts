// What the pages of targets/ have in their global scope.

/** The results of the page's program, which cross as JSON. Rejects as the program does. */
declare var outcome: Promise<Record<string, unknown>>;
