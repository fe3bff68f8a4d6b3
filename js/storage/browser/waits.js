// How long the browser's wing waits, and for what. All times are in milliseconds.

// What an append waits for before it fails with BUSY and nothing was written. FILE_WAIT starts with
// the call of `append`.

/**
 * For the file, while other writers hold its exclusive handle. The time in the queue, and until the
 * worker starts, counts.
 */
export const FILE_WAIT = 1100;

/**
 * For followers of the log in this thread that are starting, because the append must come after the
 * end that they start from.
 */
export const FOLLOWERS_WAIT = 250;

/** For the worker to start again, in addition to the wait for the file. */
export const WORKER_RESTART_WAIT = 300;

/** For the file at least, however long queue and worker took. */
export const SHORTEST_FILE_WAIT = 200;

/**
 * The longest pause between two attempts to open the handle. A random factor of up to 1.5 keeps
 * writers from trying at the same time.
 */
export const LONGEST_PAUSE = 32;

/**
 * The sum of these waits decides BUSY: on a page that is awake, one attempt to append fails after
 * at most this time.
 */
export const BUSY_BUDGET =
  FILE_WAIT + FOLLOWERS_WAIT + WORKER_RESTART_WAIT + SHORTEST_FILE_WAIT + 1.5 * LONGEST_PAUSE;

// Parts of the wait for the file.

/**
 * For the Web Lock by which writers take turns, because a frozen tab may hold it forever. Readers
 * wait as long for a turn after several failed reads.
 */
export const TURN_WAIT = 500;

/** The same, after the lock did not come in time. */
export const SHORTEST_TURN_WAIT = 20;

// The worker of the package.

/**
 * If a timer is so late, the page was held up, and the worker's answer may be waiting.
 */
export const LATE_TIMER = 100;

/** How long to wait for the answer then. */
export const WAIT_AFTER_STALL = 600;

/**
 * How long a worker may take to start before another worker is started too. The first wait is
 * short, because a worker may end unnoticed while it starts. Each further wait is twice as long, up
 * to the second number. The first worker that answers is used.
 */
export const SHORTEST_WORKER_START = 300;
export const LONGEST_WORKER_START = 8000;

/**
 * How long an idle worker is kept. It holds memory and keeps the browser from freezing the page.
 */
export const WORKER_KEPT = 10_000;

/**
 * The same after a scan, because most of the worker's memory is then garbage that it collects late.
 */
export const WORKER_KEPT_AFTER_SCAN = 500;
