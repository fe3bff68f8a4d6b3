// How long the browser's wing waits, and for what. All times are in milliseconds.

// What an append waits for before it fails with BUSY and nothing was written.

/**
 * How long an append waits for the file, while other writers hold its exclusive handle. The wait
 * starts with the call of `append`, so the time in the queue and the start of the worker count.
 */
export const FILE_WAIT = 1100;

/**
 * How long an append waits for followers of the log that start in this thread. The append must come
 * after the end that they start from.
 */
export const FOLLOWERS_WAIT = 250;

/** How long an append waits for the worker to start again, in addition to the wait for the file. */
export const WORKER_RESTART_WAIT = 300;

/** The least time that an append waits for the file, however long queue and worker took. */
export const SHORTEST_FILE_WAIT = 200;

/**
 * The longest pause between two attempts to open the handle. A random factor of up to 1.5 keeps
 * writers from trying at the same time.
 */
export const LONGEST_PAUSE = 32;

/**
 * The most time after which an append fails with BUSY on a page that is awake. No code waits for
 * this sum. A test keeps it below 2 seconds.
 */
export const BUSY_BUDGET =
  FILE_WAIT + FOLLOWERS_WAIT + WORKER_RESTART_WAIT + SHORTEST_FILE_WAIT + 1.5 * LONGEST_PAUSE;

// Parts of the wait for the file.

/**
 * How long a writer waits for the Web Lock by which writers take turns. A frozen tab may hold the
 * lock forever. Readers wait as long for a turn after several failed reads.
 */
export const TURN_WAIT = 500;

/** How long a writer waits for the Web Lock after the lock did not come in time. */
export const SHORTEST_TURN_WAIT = 20;

/**
 * How long a watch waits to begin or end while others of the origin end or begin. A follower looks at
 * its files meanwhile.
 */
export const WATCH_WAIT = 5000;

// The worker of the package.

/**
 * How late a timer is at least when the page was held up. The worker's answer may then be waiting.
 */
export const LATE_TIMER = 100;

/** How long to wait for the worker's answer after the page was held up. */
export const WAIT_AFTER_STALL = 600;

/**
 * How long a worker may take to start before another worker is started too. The first wait is
 * SHORTEST_WORKER_START, because a worker may end unnoticed while it starts. Each further wait is
 * twice as long, up to LONGEST_WORKER_START. The first worker that answers is used.
 */
export const SHORTEST_WORKER_START = 300;
export const LONGEST_WORKER_START = 8000;

/**
 * How long an idle worker is kept. It holds memory and keeps the browser from freezing the page.
 */
export const WORKER_KEPT = 10_000;

/**
 * How long an idle worker is kept after a scan. Most of its memory is then garbage, which it
 * collects late.
 */
export const WORKER_KEPT_AFTER_SCAN = 500;
