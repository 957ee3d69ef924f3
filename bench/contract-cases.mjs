import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = '@octokit/openapi';
const VERSIONS = ['22.0.0', '23.0.0'];
const FILE = 'package/generated/api.github.com.json';
const RUN = fileURLToPath(new URL('./contract-run.mjs', import.meta.url));

/** Two consecutive versions of GitHub's API description; of 1/4 and 1/2 of its paths, to see how time and memory grow. */
export const contractCases = [
  { name: 'contract_quarter', share: 4 },
  { name: 'contract_half', share: 2 },
  { name: 'contract', share: 1 },
];

/** @returns one result for each case: medians over processes of their own, the last field is the highest */
export function runContractCases(cases, repetitions) {
  const folder = mkdtempSync(join(tmpdir(), 'kwanus-contract-'));
  try {
    const documents = VERSIONS.map((version) => fetched(folder, version));
    return cases.map(({ name, share }) => {
      const files = documents.map((document, index) => written(folder, `${index}`, document, share));
      const runs = Array.from({ length: repetitions }, () =>
        JSON.parse(execFileSync(process.execPath, [RUN, ...files], { encoding: 'utf8', maxBuffer: 1e8 })),
      );
      return { case: name, ...medians(runs) };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The package is large; only the one file is unpacked, and the rest is removed at once. */
function fetched(folder, version) {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const packed = execFileSync(
    npm,
    ['pack', `${PACKAGE}@${version}`, '--silent', '--pack-destination', folder],
    {
      encoding: 'utf8',
      cwd: folder,
    },
  );
  const archive = join(folder, packed.trim().split('\n').at(-1) ?? '');
  execFileSync('tar', ['-xzf', archive, '-C', folder, FILE]);
  rmSync(archive);
  const unpacked = join(folder, FILE);
  const document = JSON.parse(readFileSync(unpacked, 'utf8'));
  rmSync(unpacked);
  return document;
}

/** Every so-manieth path, so that each part of the description is there; what nothing leads to any more goes. */
function written(folder, name, document, share) {
  const paths = Object.fromEntries(
    Object.entries(document.paths)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .filter((_, index) => index % share === 0),
  );
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(share === 1 ? document : reached({ ...document, paths }), null, 2));
  return file;
}

function reached(document) {
  const { components, ...rest } = document;
  const kept = {};
  const open = [rest];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const [, section, name] = /^#\/components\/([^/]+)\/(.+)$/.exec(value.$ref ?? '') ?? [];
    if (name !== undefined && kept[section]?.[name] === undefined) {
      kept[section] = { ...kept[section], [name]: components[section][name] };
      open.push(components[section][name]);
    }
    open.push(...Object.values(value));
  }
  return { ...rest, components: kept };
}

function medians(runs) {
  const sorted = (field) => runs.map((run) => run[field]).toSorted((a, b) => a - b);
  const median = (field) => sorted(field)[Math.floor(runs.length / 2)];
  return {
    mib: median('mib'),
    operations: median('operations'),
    parse_cpu_s: median('parse_cpu_s'),
    compare_cpu_s: median('compare_cpu_s'),
    cpu_s: median('cpu_s'),
    wall_s: median('wall_s'),
    findings: median('findings'),
    max_rss_mb: sorted('max_rss_mb').at(-1),
  };
}
