// `npm run traceability`: every row of docs/playbook/requirements.md is passed (a test whose title carries its id ran and
// passed in the last `npm test`) or PENDING with the reason that docs/playbook/pending.json gives. Exit 1 otherwise.
import { existsSync, readFileSync } from 'node:fs';

const REPORT = 'reports/jest.json';
if (!existsSync(REPORT)) {
  console.error(`${REPORT} is missing: run \`npm test\` first.`);
  process.exit(2);
}
const rows = [
  ...readFileSync('docs/playbook/requirements.md', 'utf8').matchAll(
    /^\| *((?:PB|DC)-[\d.]+) *\| *([^|]+?) *\|/gm,
  ),
].map(([, id, line]) => ({ id, line }));
const pending = JSON.parse(readFileSync('docs/playbook/pending.json', 'utf8'));
const tests = JSON.parse(readFileSync(REPORT, 'utf8')).testResults.flatMap(
  ({ assertionResults }) => assertionResults,
);

const outcomes = new Map();
for (const { fullName, status } of tests)
  for (const [id] of fullName.matchAll(/(?:PB|DC)-\d+(?:\.\d+)?/g)) {
    const seen = outcomes.get(id) ?? { passed: 0, failed: 0 };
    if (status === 'passed') seen.passed += 1;
    if (status === 'failed') seen.failed += 1;
    outcomes.set(id, seen);
  }

const complaints = [];
const known = new Set(rows.map(({ id }) => id));
for (const id of Object.keys(pending))
  if (!known.has(id)) complaints.push(`${id} in pending.json is no row.`);
for (const id of outcomes.keys())
  if (!known.has(id)) complaints.push(`${id} in the title of a test is no row.`);

const width = Math.max(...rows.map(({ id }) => id.length));
let passed = 0;
for (const { id, line } of rows) {
  const { passed: good = 0, failed: bad = 0 } = outcomes.get(id) ?? {};
  let word = `passed (${good} test${good === 1 ? '' : 's'})`;
  if (bad > 0) {
    word = `FAILED (${bad} of ${good + bad} tests)`;
    complaints.push(`${id} has failing tests.`);
  } else if (good > 0 && id in pending) {
    complaints.push(`${id} passes: take it out of pending.json.`);
  } else if (good === 0 && id in pending) word = `PENDING: ${pending[id]}`;
  else if (good === 0) {
    word = 'MISSING';
    complaints.push(`${id} has no test that ran and passed, and stands not in pending.json.`);
  }
  if (word.startsWith('passed')) passed += 1;
  console.log(`${id.padEnd(width)}  ${word.padEnd(20)}  ${line}`);
}
console.log(`\n${rows.length} rows: ${passed} passed, ${Object.keys(pending).length} pending.`);
for (const complaint of complaints) console.error(complaint);
process.exit(complaints.length > 0 ? 1 : 0);
