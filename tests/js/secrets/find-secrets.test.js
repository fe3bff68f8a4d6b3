// Which texts are secrets, which are not, and how long it takes to look.

import assert from "node:assert/strict";
import test from "node:test";

import fc from "fast-check";
import { findSecrets, maskFound, maskSecrets, secretFamilies } from "skill-log/secrets";

import { exampleOf, SHAPES } from "../../../js/secrets/shapes.js";
import { makerOf, numbers } from "./made-up.js";

/** What stands around secrets in logs. */
const around = [
  ["", ""],
  ["export KEY=", " && npm test"],
  ['{"key":"', '","other":1}'],
  ['{\\"key\\":\\"', '\\"}\\n'],
  ["first\\n", "\\nlast"],
  ["\x1b[32m", "\x1b[0m"],
  ["a=b%3D", "&c=d"],
  ["(", ")."],
  ["é", " é"],
];

/** Shapes whose value a quote would end, or that are known by the name before it. */
const isWithin = (
  /** @type {string} */ before,
  /** @type {import("../../../js/secrets/shapes.js").Shape} */ shape,
) => before !== "a=b%3D" || !(shape.ignoresCase || shape.name === "password in a URL");

test("has over thirty families, each with a source", () => {
  assert.ok(secretFamilies.length >= 30, `${secretFamilies.length}`);
  for (const { name, source } of secretFamilies) assert.match(source, /^https:\/\//, name);
  assert.equal(new Set(secretFamilies.map(({ name }) => name)).size, secretFamilies.length);
});

for (const shape of SHAPES) {
  const example = exampleOf(shape);
  test(`finds a ${shape.name} when it starts with ${shape.literals[0]}`, () => {
    for (const literal of shape.literals)
      for (const [before, after] of around.filter(([before]) => isWithin(before, shape))) {
        const text = before + shape.example.replace("{}", literal) + after;
        const found = findSecrets(text);
        assert.deepEqual(
          found.map(({ name }) => name),
          [shape.name],
          text,
        );
        const [{ start, end }] = found;
        assert.ok(start >= before.length && end <= text.length - after.length, text);
      }
  });

  test(`finds no ${shape.name} when its text is nearly one`, () => {
    for (const text of nearMisses(shape, example))
      assert.deepEqual(
        findSecrets(text).filter(({ name }) => name === shape.name),
        [],
        text,
      );
  });
}

/**
 * Returns texts that lack a little to be what a shape describes.
 *
 * @param {import("../../../js/secrets/shapes.js").Shape} shape
 * @param {string} example
 */
function nearMisses({ literals: [literal], parts, before, isOpen }, example) {
  const at = example.indexOf(literal);
  const end = at + literal.length;
  const other = literal.at(-1) === "x" ? "y" : "x";
  // The user of a URL has almost any character, but no blank.
  const isAny = "of" in parts[0] && parts[0].of === "user";
  const wrong = isAny ? " " : "!";
  const texts = [
    // The literal alone, with another last letter, and cut before its end.
    literal,
    example.slice(0, end - 1) + other + example.slice(end),
    example.slice(0, end - 1),
    // What must follow is short of a character, or another one stands in it.
    `${example.slice(0, end)}${wrong}${example.slice(end)}`,
  ];
  const [first] = parts.filter((part) => "of" in part && part.least > 1);
  if (first && "of" in first) {
    const start = parts[0] === first ? end : end + 1;
    texts.push(`${example.slice(0, Math.min(start + first.least - 1, example.length - 1))} `);
  }
  const last = /** @type {import("../../../js/secrets/shapes.js").Part} */ (parts.at(-1));
  // One more than may follow, or a letter that no run of the shape has.
  if (!isOpen && "of" in last) texts.push(example + "k".repeat((last.most ?? last.least) + 1));
  if (before) {
    texts.push(example.slice(at));
    if ("least" in before && before.least > 1) texts.push(example.slice(at - before.least + 1));
  } else texts.push(`k${example}`);
  return texts;
}

const misses = [
  ["a doc's placeholder", "Authorization: Bearer YOUR_ACCESS_TOKEN_GOES_HERE"],
  ["a template", "postgres://{user}:{password}@db/shop"],
  ["a URL with a port", "https://example.com:8080/a@b"],
  ["an URL with a user alone", "ssh://git@github.com/skill-log/skill-log.git"],
  [
    "a public key",
    `-----BEGIN PUBLIC KEY-----\n${"MIIBIjANBgkqhkiG9w0B".repeat(4)}\n-----END PUBLIC KEY-----`,
  ],
  [
    "a certificate",
    `-----BEGIN CERTIFICATE-----\n${"MIIDdzCCAl+gAwIBAgIE".repeat(4)}\n-----END CERTIFICATE-----`,
  ],
  ["talk of a key", "the file starts with -----BEGIN PRIVATE KEY----- and is not a key"],
  ["a call", "DB_PASSWORD=$(pass show db) GH_TOKEN=$TOKEN1234 API_KEY=<your-key-1>"],
  ["a call in code", "token = decodeB64(header) and secret => v2.unwrapped(secret)"],
  [
    "names of code",
    "token: process.env.NPM_TOKEN_2, privateKey: Uint8Array, secret=import.meta.env.V2_SECRET",
  ],
  ["a comparison or a path of code", "token === user2.token1 || token::base64_url"],
  ["talk of secrets", "Unexpected token\nfile1.js:12:3, the secret v2-rollout, a token 0f3b9c5d7e"],
  ["a number", "MAX_TOKEN=40960000 and retry_token=abcdefghijk"],
  ["a digest", `sha256:${"0f3b9c5d7e1a2846".repeat(4)} SK0f3b`],
  ["a half of a JSON Web Token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ0ZXN0LTQyIn0"],
];

for (const [what, text] of misses)
  test(`finds nothing when a text has ${what}`, () => {
    assert.deepEqual(findSecrets(text), []);
    assert.equal(maskSecrets(text), text);
  });

test("finds the value alone when a name or a URL stands before it", () => {
  for (const [text, secret] of [
    [
      '"AWS_SECRET_ACCESS_KEY": "q8Zt/Kd3Wm1+Rv7YxLp0Hs4Nf9Jb2Gc6Tq5EaUzD"',
      "q8Zt/Kd3Wm1+Rv7YxLp0Hs4Nf9Jb2Gc6Tq5EaUzD",
    ],
    ["mysql://root:p@ss:w0rd@db:3306/x", "p@ss:w0rd"],
    ["Authorization: Bearer k3Zt9WmRv7YxLp0Hs4Nf9Jb2", "k3Zt9WmRv7YxLp0Hs4Nf9Jb2"],
    ["DB_PASSWORD=hunter2hunter2\n", "hunter2hunter2"],
  ]) {
    const [{ start, end }] = findSecrets(text);
    assert.equal(text.slice(start, end), secret);
  }
});

/** How names and their values stand in code, in settings, in JSON and in JSON within JSON. */
const separators = ["=", '="', "='", '": "', '":"', '\\":\\"', ": ", " = '", " => '", " := `"];

for (const { name, literals, example } of SHAPES.filter(
  ({ parts: [first] }) => "of" in first && /^(?:between|assigned)$/.test(first.of),
))
  test(`finds a ${name} when any separator stands before its value`, () => {
    const value = example.replace(/^\{\}[=:" ]+/, "");
    const secret = value.replace(/^Basic /, "");
    for (const literal of literals)
      for (const separator of separators)
        for (const spelled of [literal, `X_${literal.toUpperCase()}`]) {
          const text = `${spelled}${separator}${value}`;
          assert.equal(maskSecrets(text), text.replace(secret, `[masked: ${name}]`));
        }
  });

test("finds a secret when its name is a parameter, a member or a heading", () => {
  for (const text of [
    'DB_PASSWORD="*"',
    "DB_PASSWORD='*'",
    '{"DB_PASSWORD":"*"}',
    "db_password: *\n",
    "API_KEY=*",
    "TOKEN=*",
    "https://x.example/a?api_key=*&v=1",
    "https://x.example/a?v=1&access_token=*&b",
    "export PGPASSWORD=*; psql",
    "x-api-key: *\r\n",
    "'password' => '*',",
    '{\\"clientSecret\\": \\"*\\"}',
  ])
    assert.equal(
      maskSecrets(text.replace("*", "k3Zt9WmRv7")),
      text.replace("*", "[masked: secret in a variable]"),
    );
});

test("finds a value by its name when the name is an option", () => {
  const value = "0f3b9c5d7e1a2846b0d9c3e5f7a18293";
  assert.deepEqual(findSecrets(value), []);
  assert.deepEqual(findSecrets(value, { name: "DD_API_KEY" }), [
    { start: 0, end: 32, name: "Datadog key" },
  ]);
  assert.equal(
    maskSecrets("hunter2x", { name: "ADMIN_PASSWORD" }),
    "[masked: secret in a variable]",
  );
  for (const name of ["password", "token", "api_key", "apiKey", "X-Auth-Token", "accessToken"])
    for (const secret of ["k3Zt9WmRv7", "k3Zt9WmRv7("])
      assert.ok(maskSecrets(secret, { name }).startsWith("[masked: "), `${name} ${secret}`);
  assert.equal(
    maskSecrets("Basic YWRhOms1WnQ5V21Sdjc=", { name: "Authorization" }),
    "Basic [masked: basic authentication]",
  );
  // The name itself is no part of the text.
  const token = exampleOf(SHAPES[4]);
  assert.deepEqual(findSecrets("plain", { name: token }), []);
});

test("masks to the end of what there is when a private key is cut", () => {
  const [header, ...rest] = exampleOf(
    SHAPES.find(({ name }) => name === "private key") ?? SHAPES[0],
  ).split("\n");
  const cut = `${header}\n${rest[0]}\n${rest[1].slice(0, 9)}`;
  assert.equal(maskSecrets(`key: ${cut}`), "key: [masked: private key]");
  const whole = `${header}\n${rest.join("\n")}`;
  assert.equal(maskSecrets(`${whole} after`), "[masked: private key] after");
  // In JSON, line ends are escapes; in JSON within JSON twice.
  for (const end of ["\\n", "\\\\n", "\\r\\n", " ", "", "\r\n"])
    assert.equal(maskSecrets(`"${whole.replaceAll("\n", end)}"`), '"[masked: private key]"');
});

test("names the most specific family when secrets overlap", () => {
  const token = exampleOf(SHAPES.find(({ literals }) => literals.includes("ghp_")) ?? SHAPES[0]);
  const text = `GH_TOKEN=${token} curl -H "Authorization: Bearer ${token}"`;
  assert.equal(
    maskSecrets(text),
    'GH_TOKEN=[masked: GitHub personal access token] curl -H "Authorization: Bearer [masked: GitHub personal access token]"',
  );
});

test("leaves no secret when any stand in any text", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(fc.nat(SHAPES.length - 1), { minLength: 1, maxLength: 5 }),
      (seed, planted) => {
        const { text, pick } = makerOf(numbers(seed));
        const secrets = planted.map((at) => exampleOf(SHAPES[at]));
        let whole = text();
        for (const secret of secrets)
          whole += `${pick([" ", "\n", "\\n", '"', "(", "\x1b[1m"])}${secret}${pick([" ", "\n", '"', "\\n", ")"])}${text()}`;
        const masked = maskSecrets(whole);
        for (const secret of secrets) {
          assert.ok(!masked.includes(secret), secret);
          for (const { start, end } of findSecrets(secret))
            assert.ok(!masked.includes(secret.slice(start, end)), secret);
        }
        assert.deepEqual(findSecrets(masked), []);
      },
    ),
    { numRuns: 100 },
  );
});

test("masks what is given alone when some secrets may be seen", () => {
  const text = "A_TOKEN=k3Zt9WmRv7 mysql://root:p4ssw0rd@db/x";
  const found = findSecrets(text);
  assert.equal(maskFound(text, found), maskSecrets(text));
  assert.equal(maskFound(text, []), text);
  assert.equal(
    maskFound(text, found.slice(1)),
    "A_TOKEN=k3Zt9WmRv7 mysql://root:[masked: password in a URL]@db/x",
  );
});

test("refuses what is no text", () => {
  for (const call of [
    () => findSecrets(/** @type {any} */ (1)),
    () => maskSecrets(/** @type {any} */ (null)),
    () => maskFound(/** @type {any} */ (null), []),
    () => maskFound("", /** @type {any} */ ({})),
    () => findSecrets("", /** @type {any} */ ({ name: 1 })),
    () => findSecrets("", /** @type {any} */ ({ nmae: "x" })),
  ])
    assert.throws(call, { code: "INVALID_ARGUMENT" });
});
