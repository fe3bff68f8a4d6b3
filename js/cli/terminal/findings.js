// Lines that an engine or shipper would not take as they are, for people.

import { stdout } from "./output.js";
import { printable } from "./printable.js";

/** @import { NamedLog } from "../selection/operands.js" */
/** @import { LogFinding } from "../targets/log-findings.js" */
/** @import { Outcome, Rule } from "../targets/targets.js" */

/** @param {number} value */
const number = (value) => value.toLocaleString("en");

/**
 * What is wrong, for each rule.
 *
 * @type {Record<Rule["rule"], (found: any) => string>}
 */
const faults = {
  line: (found) => `${number(found)} bytes`,
  depth: (found) => `${number(found)} arrays and objects within each other`,
  string: (found) => `a text of ${number(found)} characters`,
  name: (found) => `a name of ${number(found)} characters in input`,
  escape_input: () => "a backslash or a control character in a text in input",
  number: (found) => `a number of ${number(found)} digits`,
  integer: (found) => `the integer ${found}`,
  double: () => "a number that is infinite as a double",
  utf8: () => "bytes that are not UTF-8",
  surrogate: () => "an escaped surrogate without its pair",
  surrogate_name: () => "an escaped surrogate without its pair in a name",
  repeated: (found) => `the member ${JSON.stringify(found)} is there twice`,
  repeated_input: (found) =>
    `the name ${JSON.stringify(found)} is there twice in an object of input`,
  spelling: (found) => `the member ${JSON.stringify(found)} is spelled in another case`,
  null: () => "null, which is an entry with only empty members",
};

/** What becomes of the line. @type {Record<Outcome, string>} */
const verbs = {
  refused: "refuses it",
  dropped: "drops it",
  cut: "cuts it",
  changed: "reads another value",
};

/**
 * Returns a line about a finding.
 *
 * @param {NamedLog} log
 * @param {string} target
 * @param {LogFinding} finding
 */
export function findingLine({ name }, target, { rule, line, at, found }) {
  const { bold, yellow } = stdout.style;
  const { most, setting, outcome } = rule;
  const limit =
    most === undefined
      ? ""
      : `; the most is ${number(most)}${setting === undefined ? "" : ` (${setting})`}`;
  const fault = printable(faults[rule.rule](found));
  const place = rule.rule === "line" ? "" : `:${at + 1}`;
  return `${bold(`${printable(name)}:${line}${place}`)}: ${yellow(`${target} ${verbs[outcome]}`)}: ${fault}${limit}`;
}
