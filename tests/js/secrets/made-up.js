// Texts as agents write them, made from a seed: they hold no secret.

/**
 * Returns numbers from 0 up to 1, the same for the same seed.
 *
 * @param {number} seed
 * @returns {() => number}
 */
export function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const HEX = "0123456789abcdef";
const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const BASE64 = `${LETTERS}${LETTERS.toUpperCase()}0123456789+/`;
const words =
  "the test failed because token bearer secret key password of session was not found in cache after retry basic authorization header is missing for user private public begin end sk pat hf re".split(
    " ",
  );

/**
 * Returns what makes up texts.
 *
 * @param {() => number} next
 */
export function makerOf(next) {
  const below = (/** @type {number} */ most) => Math.floor(next() * most);
  /** @template T @param {readonly T[]} from @returns {T} */
  const pick = (from) => from[below(from.length)];
  const from = (/** @type {string} */ alphabet, /** @type {number} */ length) =>
    Array.from({ length }, () => alphabet[below(alphabet.length)]).join("");
  const hex = (/** @type {number} */ length) => from(HEX, length);
  const name = () => `${pick(words)}${pick(["", "Id", "Key", "Token", "_path", "-v2"])}`;
  const path = () =>
    `/home/me/${Array.from({ length: 2 + below(4) }, () => `${pick(words)}-${from(LETTERS, 4)}`).join("/")}.${pick(["js", "rs", "py", "json"])}`;
  /** @type {Record<string, () => string>} */
  const kinds = {
    prose: () => `${Array.from({ length: 6 + below(20) }, () => pick(words)).join(" ")}.`,
    commit: () => `commit ${hex(40)} (${hex(7)}..${hex(7)})`,
    uuid: () => [8, 4, 4, 4, 12].map(hex).join("-"),
    digest: () => `sha256:${hex(64)} md5 ${hex(32)}`,
    integrity: () => `"integrity": "sha512-${from(BASE64, 86)}=="`,
    base64: () => `data:image/png;base64,${from(BASE64, 200 + below(400))}=`,
    path,
    stack: () => `    at ${name()}.${name()} (${path()}:${below(900)}:${below(80)})`,
    minified: () =>
      Array.from(
        { length: 20 },
        () =>
          `function ${from(LETTERS, 1)}(${from(LETTERS, 1)}){return ${from(LETTERS, 1)}.${name()}=${below(9999)},!${from(LETTERS, 2)}?.${from(LETTERS, 3)}("${name()}")}`,
      ).join(""),
    url: () =>
      `https://${pick(words)}.example.com:8080/${pick(words)}/${hex(24)}?v=${below(99)}#L9`,
    git: () => `git@github.com:${pick(words)}/${pick(words)}.git ssh://git@host.example/x.git`,
    code: () =>
      pick([
        `const ${name()} = process.env.${name().toUpperCase()} ?? "";`,
        `headers: { Authorization: \`Bearer \${${name()}}\` },`,
        `password: getPassword(${name()}), apiKey: string;`,
        `url = "postgres://" + user + ":" + password + "@" + host;`,
        `export MAX_TOKENS=4096 && API_KEY=$(cat key) GH_TOKEN=\${TOKEN} npm test`,
        `postgres://USER:<password>@localhost:5432/\${db}`,
        `token: process.env.${name().toUpperCase()}_2, privateKey: Uint8Array;`,
        `let token = decode_utf8(${name()}); secret => base64.${name()}(secret)`,
        `if (token === state2.${name()}) use crate::token::Utf8${name()};`,
      ]),
    error: () =>
      `${pick(["Unexpected token", "no secret", "wrong password"])}${pick(["\n", " ", " at "])}${pick(words)}${below(99)}.js:${below(900)}:${below(80)}`,
    number: () => `${below(1e9)} ${next().toFixed(12)} 0x${hex(16)}`,
    time: () => `2026-11-${10 + below(19)}T0${below(9)}:${10 + below(49)}:00.${below(999)}Z 12:30`,
    lock: () =>
      `resolved "https://registry.yarnpkg.com/${pick(words)}/-/${pick(words)}-1.2.${below(9)}.tgz#${hex(40)}"`,
    css: () => `.${name()}-sk-${from(LETTERS, 6)}{color:#${hex(6)};margin:-${below(20)}px}`,
  };
  const text = () => kinds[pick(Object.keys(kinds))]();
  return { below, pick, from, hex, text, name, kinds: Object.keys(kinds) };
}
