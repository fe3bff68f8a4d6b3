// Checks the subjects of commits: imperative, at most 60 characters.
//
//   node scripts/subjects.js origin/main..HEAD

import { Failure, output, say, script } from "./command.js";

/** So that `git log --oneline --graph` fits into 80 columns, with hashes and branch names. */
const LONGEST = 60;

/**
 * Returns what is wrong with a subject, or `null` when nothing is.
 *
 * @param {string} subject
 */
export function faultOf(subject) {
  if (subject.length > LONGEST) return `has ${subject.length} characters; ${LONGEST} is the limit`;
  if (!/^[\p{Lu}`]/u.test(subject)) return "does not begin with a capital letter";
  if (subject.endsWith(".")) return "ends in a full stop";
  const [first] = subject.split(" ");
  if (/(?:ed|ing)$/.test(first) && !/^(?:Embed|Need|Feed|Shed|Bring|String)$/.test(first)) {
    return `begins with "${first}" and not with an imperative, such as "Add" or "Fix"`;
  }
  return null;
}

script(import.meta.url, () => {
  const [range] = process.argv.slice(2);
  if (!range) throw new Failure("usage: node scripts/subjects.js RANGE", 2);
  const log = output("git", ["log", "--no-merges", "--format=%h %s", range]);
  if (log === null) throw new Failure(`git knows no range ${range}: try main..HEAD`);
  const commits = log.split("\n").filter(Boolean);
  const faults = commits.flatMap((commit) => {
    const [hash, ...words] = commit.split(" ");
    const fault = faultOf(words.join(" "));
    return fault ? [`${hash} ${fault}: ${words.join(" ")}`] : [];
  });
  if (faults.length > 0) throw new Failure(faults.join("\n"));
  say(`well-formed subjects: ${commits.length}`);
});
