/** A call that the model can correct: the message is its result. */
export class RefusedCall extends Error {}
