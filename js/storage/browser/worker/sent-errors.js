// Sends errors between a page and its worker with their properties.

import { transferHandlers } from "comlink";

import { SkillLogError } from "../../../errors.js";

/**
 * Makes an object of an error that can be cloned.
 *
 * @param {any} error
 * @returns {any}
 */
function sent(error) {
  if (!(error instanceof Error)) return { value: error };
  const { name, message, stack } = error;
  const cause = error.cause === undefined ? undefined : sent(error.cause);
  // Own properties only. Facts are numbers and texts.
  const {
    stack: _stack,
    message: _message,
    cause: _cause,
    ...facts
  } = { .../** @type {any} */ (error) };
  return { name, message, stack, cause, facts, isOfDom: error instanceof DOMException };
}

/**
 * Makes an error of such an object.
 *
 * @param {any} sentError
 * @returns {any}
 */
function received({ value, name, message, stack, cause, facts, isOfDom }) {
  if (name === undefined) return value;
  const options = cause === undefined ? {} : { cause: received(cause) };
  if (isOfDom) return new DOMException(message, name);
  const error =
    name === "SkillLogError"
      ? new SkillLogError(facts.code, message, { ...facts, ...options })
      : new Error(message, options);
  if (name !== "SkillLogError") Object.assign(error, { name });
  error.stack = stack;
  return error;
}

/** Makes Comlink send errors with their properties. Call this on both sides. */
export function sendErrorsWhole() {
  const handler = /** @type {import("comlink").TransferHandler<{ value: unknown }, any>} */ (
    transferHandlers.get("throw")
  );
  transferHandlers.set("throw", {
    ...handler,
    serialize: ({ value }) => [sent(value), []],
    deserialize(sentError) {
      throw received(sentError);
    },
  });
}
