import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openVulnerabilityScanner } from '@kwanus/checks-vulnerabilities';

/** A bill of 20 000 components against 50 000 records, invented here, as one file each. */
export const osvCases = [{ name: 'osv', components: 20_000, records: 50_000 }];

/** @returns one result: the time of a comparison, the memory of the process, how long its event loop was held up */
export async function runOsvCase({ components, records }, repetitions) {
  const directory = mkdtempSync(join(tmpdir(), 'kwanus-osv-'));
  try {
    writeRecords(join(directory, 'npm'), records);
    const scanner = openVulnerabilityScanner({ directory, maxAgeDays: 14 });
    const bill = { path: 'sbom.json', format: 'cyclonedx', bytes: billOf(components), vex: null };
    const runs = [];
    for (let turn = 0; turn < repetitions; turn += 1) runs.push(await measured(scanner, bill, components));
    const median = (field) =>
      runs.map((run) => run[field]).toSorted((a, b) => a - b)[Math.floor(runs.length / 2)];
    return {
      wall_s: median('wall'),
      cpu_s: median('cpu'),
      event_loop_max_ms: Math.max(...runs.map(({ loop }) => loop)),
      max_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measured(scanner, bill, components) {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const start = performance.now();
  const before = process.cpuUsage();
  const request = { bills: [bill], asOf: '2026-11-27T00:00:00Z' };
  const found = await scanner.scan(request, new AbortController().signal);
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  delay.disable();
  if (found.vulnerable.length !== components / 100 || found.open.length > 0)
    throw new Error(`found ${JSON.stringify(found.open)}`);
  return { wall: rounded(wall / 1000), cpu: rounded((user + system) / 1e6), loop: rounded(delay.max / 1e6) };
}

const rounded = (value) => Number(value.toFixed(2));

function writeRecords(folder, count) {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < count; index += 1)
    writeFileSync(join(folder, `KW-${index}.json`), JSON.stringify(recordOf(index)));
}

const recordOf = (index) => ({
  schema_version: '1.6.0',
  id: `KW-${index}`,
  modified: '2026-11-20T00:00:00Z',
  aliases: [`CVE-0000-${index}`],
  summary: `Invented for the measurement: ${index}`,
  details: 'An invented text of the usual length. '.repeat(40),
  affected: [
    {
      package: { ecosystem: 'npm', name: `package-${index}` },
      ranges: [
        { type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.2.3' }] },
        { type: 'SEMVER', events: [{ introduced: '2.0.0-0' }, { last_affected: '2.4.0' }] },
      ],
      versions: ['1.0.0', '1.1.0'],
    },
  ],
});

/** One in a hundred is affected. */
function billOf(count) {
  const components = Array.from({ length: count }, (_, index) => {
    const version = index % 100 === 0 ? '1.2.2' : '3.0.0';
    return {
      type: 'library',
      'bom-ref': `c-${index}`,
      name: `package-${index}`,
      version,
      purl: `pkg:npm/package-${index}@${version}`,
      licenses: [{ license: { id: 'MIT' } }],
      hashes: [{ alg: 'SHA-512', content: 'a'.repeat(128) }],
    };
  });
  return Buffer.from(JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components }, null, 1));
}
