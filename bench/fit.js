// Fits how time grows with the amount of work.

/**
 * How the time of one way to work grows.
 *
 * @typedef {object} Line
 * @property {string} name
 * @property {Point[]} points
 * @property {number} exponent b of time = a · size^b, fitted: 1 is linear. NaN for a single point
 */

/**
 * The time for an amount of work: the megabytes of a log, or the number of sessions.
 *
 * @typedef {{ size: number, seconds: number }} Point
 */

/**
 * @param {string} name
 * @param {Point[]} points
 * @returns {Line}
 */
export function lineOf(name, points) {
  return { name, points, exponent: exponent(points) };
}

/** Fits log(seconds) = a + exponent · log(size). @param {Point[]} points */
function exponent(points) {
  const at = points.map(({ size, seconds }) => [Math.log(size), Math.log(seconds)]);
  const [x, y] = [0, 1].map((axis) => at.reduce((sum, point) => sum + point[axis], 0) / at.length);
  const both = at.reduce((sum, [size, time]) => sum + (size - x) * (time - y), 0);
  return both / at.reduce((sum, [size]) => sum + (size - x) ** 2, 0);
}
