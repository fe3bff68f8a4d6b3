// Measures how long the page was blocked, which is what its user feels.

/**
 * Starts a heartbeat every 4 milliseconds, the shortest time between timers.
 *
 * @param {(from: number, to: number) => void} [onBeat] receives the times of two beats
 * @returns {() => number} stops it, and returns the longest time between two beats, in milliseconds
 */
export function startHeart(onBeat) {
  let longest = 0;
  let last = performance.now();
  let timer = setTimeout(beat);
  function beat() {
    look();
    timer = setTimeout(beat);
  }
  function look() {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    onBeat?.(last, now);
    last = now;
  }
  return () => {
    clearTimeout(timer);
    look();
    return longest;
  };
}
