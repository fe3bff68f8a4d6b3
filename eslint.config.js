import js from "@eslint/js";
import jsdoc from "eslint-plugin-jsdoc";
import globals from "globals";

export default [
  { ignores: ["dist/", "target/", "node_modules/"] },
  js.configs.recommended,
  {
    languageOptions: {
      ecmaVersion: 2023, // Node 20 cannot parse more than this, nor `using`
      sourceType: "module",
      globals: globals.node,
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "array-callback-return": "error",
      "default-case-last": "error",
      eqeqeq: "error",
      "no-constructor-return": "error",
      "no-duplicate-imports": "error",
      "no-self-compare": "error",
      "no-template-curly-in-string": "error",
      "no-unreachable-loop": "error",
      "no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", caughtErrors: "none", ignoreRestSiblings: true },
      ],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  {
    // Doc comments: each name is there, and once. Whether a type is right, tsc says, which knows them all.
    plugins: { jsdoc },
    settings: { jsdoc: { mode: "typescript" } },
    rules: {
      "jsdoc/check-alignment": "error",
      // A parameter that is taken apart has a name of its own, and its properties are in its type.
      "jsdoc/check-param-names": [
        "error",
        { checkDestructured: false, disableMissingParamChecks: true },
      ],
      "jsdoc/check-property-names": "error",
      "jsdoc/check-tag-names": ["error", { definedTags: ["import"] }],
      "jsdoc/empty-tags": "error",
      "jsdoc/no-bad-blocks": ["error", { ignore: ["__PURE__"] }],
      "jsdoc/no-multi-asterisks": "error",
      "jsdoc/require-param-name": "error",
      "jsdoc/require-param-type": "error",
      "jsdoc/require-property-name": "error",
      "jsdoc/require-property-type": "error",
      "jsdoc/require-returns-check": "error",
      "jsdoc/require-returns-type": "error",
    },
  },
  {
    // Shared code never asks where it runs: only the storage back ends know their platform, and the command line, which is Node's.
    files: ["js/**"],
    ignores: ["js/storage/node/**", "js/cli/**"],
    languageOptions: { globals: { ...off(globals.node), ...globals["shared-node-browser"] } },
  },
  {
    // Promises that are awaited in turn reject before somebody looks: only sometimes, and nobody's.
    files: ["tests/**"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "ForOfStatement[right.type='ArrayExpression'][right.elements.0.type='CallExpression'] CallExpression[callee.property.name='rejects'][arguments.0.type='Identifier']",
          message: "Make functions of the calls, so that each starts when it is awaited.",
        },
      ],
    },
  },
  {
    files: ["tests/packaging/program/in-browser.js", "tests/packaging/targets/own-worker*/*.js"],
    languageOptions: { globals: globals.browser },
  },
  {
    files: ["js/storage/browser/**"],
    languageOptions: { globals: { ...globals.browser, FileSystemObserver: "readonly" } },
  },
  {
    // Run by Node, but for the functions that are handed to a page.
    files: ["tests/browser/*.js", "scripts/screens.js"],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
  {
    // Of Node they have what bundle.js puts in.
    files: ["tests/browser/page/**"],
    languageOptions: { globals: { ...off(globals.node), ...globals.browser, Buffer: "readonly" } },
  },
  {
    files: ["viewer/**", "simulator/**", "tests/evidence/browser-kills/{bare,page,tear}.js"],
    languageOptions: { globals: { ...off(globals.node), ...globals.browser } },
  },
  {
    // Run by Node, but for the functions that are handed to a page.
    files: ["tests/viewer/**", "bench/viewer/**"],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
  {
    files: ["bench/browser/page/**"],
    languageOptions: { globals: globals.browser },
  },
];

/** @param {Record<string, unknown>} names */
function off(names) {
  return Object.fromEntries(Object.keys(names).map((name) => [name, "off"]));
}
