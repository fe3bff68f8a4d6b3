// How long the browser's wing waits, and for what. All times are in milliseconds.

// What an append waits for before it fails with BUSY, and nothing was written. The queue counts
// from the call of `append`.

/**
 * For the file, while others hold its exclusive handle: of this, the wait in the queue and for the
 * worker are parts.
 */
export const FILE_WAIT = 1100;

/**
 * For followers of the log in this thread that have just begun: their start must be before the
 * append.
 */
export const FOLLOWERS_WAIT = 250;

/** For the worker to start again: so much longer than for the file. */
export const WORKER_RESTART_WAIT = 300;

/** For the file at least, however long the queue and the worker took. */
export const SHORTEST_FILE_WAIT = 200;

/**
 * Between two attempts to open the handle, at most; half as long again, because writers must not
 * try all at the same time.
 */
export const LONGEST_PAUSE = 32;

/**
 * The sum of these. One attempt to append takes no longer before it fails with BUSY, on a page that
 * is awake. Time that an append spent in the queue, while another attempt went on, is a part of its
 * FILE_WAIT.
 */
export const BUSY_BUDGET =
  FILE_WAIT + FOLLOWERS_WAIT + WORKER_RESTART_WAIT + SHORTEST_FILE_WAIT + 1.5 * LONGEST_PAUSE;

// Parts of the wait for the file.

/**
 * For the Web Lock by which writers take turns: a frozen tab may hold it for ever. Readers that
 * lose a race wait as long.
 */
export const TURN_WAIT = 500;

/** The same, after a wait in vain. */
export const SHORTEST_TURN_WAIT = 20;

// The worker of the package.

/**
 * A timer that is so late shows that the page was held up: what came meanwhile is not looked at
 * yet.
 */
export const LATE_TIMER = 100;

/** For the worker's answer then. */
export const WAIT_AFTER_STALL = 600;

/**
 * For a worker to start, before another one is started too. The first wait is short, because a
 * worker may be ended while it starts, and nobody is told. Each wait is twice as long as the one
 * before it. Where a worker only was slow, the first that answers is taken.
 */
export const SHORTEST_WORKER_START = 300;
export const LONGEST_WORKER_START = 8000;

/**
 * A worker with nothing to do is kept so long. While it lives it keeps its memory, and the browser
 * from freezing the page.
 */
export const WORKER_KEPT = 10_000;

/** The same after a scan: most of its memory is garbage then, which it collects too late. */
export const WORKER_KEPT_AFTER_SCAN = 500;
