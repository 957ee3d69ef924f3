// `npm test`: build and, beside it, lint with its canary, format and types of the specs; then one Jest over all projects. Nothing is cached.
// Ends with one line `N passed, N failed, N skipped`; exit code 1 when anything failed.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';

const REPORT = 'reports/jest.json';
const tool = (path) => [process.execPath, `node_modules/${path}`];
const script = (name, ...args) => [process.execPath, `tools/${name}`, ...args];
/** One after the other; the two rows beside each other, as a compiler takes one core. */
const BUILT = [
  ['build', script('build.mjs')],
  ['lint', [...tool('oxlint/bin/oxlint'), '--type-aware', '--quiet']],
  ['lint canary', script('lint-canary.mjs')],
];
const READ = [
  ['project references', script('references.mjs', '--check')],
  // Without the project graph the boundary rule is skipped in silence.
  ['project graph', [...tool('nx/dist/bin/nx.js'), 'graph', '--file=.nx/graph.json'], { NX_DAEMON: 'false' }],
  ['format', [...tool('@biomejs/biome/bin/biome'), 'ci', '--reporter=summary', '.']],
  ['types of the specs', [...tool('typescript-native/bin/tsc'), '-p', 'tsconfig.specs.json']],
];
const CHECKS = [...BUILT, ...READ];
const JEST = [
  process.execPath,
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  '--import',
  './libs/testing/infra/jest-worker-exit.mjs',
  'node_modules/jest/bin/jest.js',
  '--json',
  `--outputFile=${REPORT}`,
  '--silent',
  '--reporters=default',
  ...process.argv.slice(2),
];

const started = Date.now();
const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`;
const failed = [];

/** Runs a command to its end; what it says is told when it is over, unless it is to be seen at once. */
async function run(name, [program, ...args], environment = {}, stdio = 'pipe') {
  const child = spawn(program, args, {
    stdio: ['ignore', stdio, stdio],
    env: { ...process.env, ...environment },
  });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => said.push(bytes));
  const code = await new Promise((resolve) => child.once('close', resolve));
  process.stdout.write(Buffer.concat(said));
  console.log(`${code === 0 ? '✓' : '✗'} ${name} (${seconds()})`);
  if (code !== 0) failed.push(name);
}

async function oneByOne(checks) {
  for (const [name, command, environment] of checks) await run(name, command, environment);
}

mkdirSync('reports', { recursive: true });
rmSync(REPORT, { force: true });
await Promise.all([oneByOne(BUILT), oneByOne(READ)]);
// Without a build there is nothing to test.
if (!failed.includes('build')) await run('specs', JEST, {}, 'inherit');

// Jest leaves no report when its set-up fails, and a report of success when its teardown does: then `specs` counts as failed itself.
const results = existsSync(REPORT) ? JSON.parse(readFileSync(REPORT, 'utf8')) : null;
const outside = failed.filter((name) => name !== 'specs' || (results?.success ?? true));
for (const name of outside) console.log(`failed: ${name}`);
const broken = results?.testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
);
for (const { name } of broken ?? []) console.log(`failed to start: ${name}`);
const counts = {
  passed: CHECKS.length - outside.length + (results?.numPassedTests ?? 0),
  failed: outside.length + (results?.numFailedTests ?? 0) + (broken?.length ?? 0),
  skipped: results?.numPendingTests ?? 0,
};
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(failed.length > 0 || counts.failed > 0 ? 1 : 0);
