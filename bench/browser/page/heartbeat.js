// How long the page did not answer: what its user feels.

/**
 * Starts a heart that beats each 4 milliseconds, which is as often as timers fire.
 *
 * @param {(from: number, to: number) => void} [onBeat] is told of the time between two beats
 * @returns {() => number} stops it, and gives the longest time between two beats, in milliseconds
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
