// Stands for Node's globals in a browser.

export { Buffer } from "buffer";

export const process = { platform: "linux" };
