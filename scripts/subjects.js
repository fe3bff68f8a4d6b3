// Checks the subjects of commits: imperative, at most 60 characters.
//
//   node scripts/subjects.js origin/main..HEAD

import { Failure, output, say, script } from "./command.js";

/** What `git log --oneline` shows in a terminal of 80 columns, graph and branch names included. */
const LONGEST = 60;

/**
 * Returns what is wrong with a subject, or `null`.
 *
 * @param {string} subject
 */
export function faultOf(subject) {
  if (subject.length > LONGEST) return `has ${subject.length} characters; ${LONGEST} is the limit`;
  if (!/^[\p{Lu}`]/u.test(subject)) return "does not begin with a capital letter";
  if (subject.endsWith(".")) return "ends in a full stop";
  const [first] = subject.split(" ");
  if (/(?:ed|ing)$/.test(first) && !/^(?:Embed|Need|Feed|Shed|Bring|String)$/.test(first)) {
    return `begins with "${first}": say what the commit does to the code, as in "Add" or "Fix"`;
  }
  return null;
}

script(import.meta.url, () => {
  const [range] = process.argv.slice(2);
  if (!range) throw new Failure("usage: node scripts/subjects.js RANGE", 2);
  const log = output("git", ["log", "--no-merges", "--format=%h %s", range]);
  if (log === null) throw new Failure(`git knows no such range: ${range}`);
  const commits = log.split("\n").filter(Boolean);
  const faults = commits.flatMap((commit) => {
    const [hash, ...words] = commit.split(" ");
    const fault = faultOf(words.join(" "));
    return fault ? [`${hash} ${fault}: ${words.join(" ")}`] : [];
  });
  if (faults.length > 0) throw new Failure(faults.join("\n"));
  say(`${commits.length} subjects are as they should be`);
});
