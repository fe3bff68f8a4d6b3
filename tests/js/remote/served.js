// Sessions of a directory, through the protocol.

import { serveSessions, Sessions } from "skill-log";

/** @import { FetchFunction, SessionsOptions } from "skill-log" */

/** The address of a server that is none: its answers come from the same process. */
export const ADDRESS = "http://logs.example/below/";

/**
 * Opens a directory through the protocol, without a server between. Closing the sessions closes all.
 *
 * @param {any} dir
 * @param {SessionsOptions} [options] of the directory
 * @param {(answer: (request: Request) => Promise<Response>) => FetchFunction} [through] may change
 *   what is sent
 */
export async function openServed(dir, options, through = directly) {
  const local = await Sessions.open(dir, options);
  const served = serveSessions(local, { base: "/below/" });
  const sessions = await Sessions.open(new URL(ADDRESS), { fetch: through(served.answer) });
  const { close } = sessions;
  return Object.assign(sessions, {
    local,
    served,
    async close() {
      await close.call(sessions);
      await served.close();
      await local.close();
    },
  });
}

/**
 * @param {(request: Request) => Promise<Response>} answer
 * @returns {FetchFunction}
 */
function directly(answer) {
  return (url, init) => answer(new Request(url, init));
}
