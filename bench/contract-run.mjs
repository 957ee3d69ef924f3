// One comparison in a process of its own, as `kwanus contract diff` does it: processor time apart for reading and comparing, and the
// peak memory of the process.
import { readFileSync } from 'node:fs';
import { Contract, diffContracts, operationsOf } from '@kwanus/checks-contract-diff';
import { parseDocument } from '@kwanus/checks-kit';

const cpu = (since) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};
const rounded = (value) => Number(value.toFixed(2));

const began = performance.now();
const start = process.cpuUsage();
let bytes = 0;
const [base, revision] = process.argv.slice(2).map((file) => {
  const content = readFileSync(file);
  bytes += content.byteLength;
  const parsed = parseDocument(content, file);
  if (!parsed.ok) throw new Error(`${file} ${parsed.message}`);
  return parsed.value;
});
const parse = cpu(start);
const middle = process.cpuUsage();
const { findings } = diffContracts(base, revision, { asOf: '2026-01-01T00:00:00Z' });
const compare = cpu(middle);
console.log(
  JSON.stringify({
    mib: rounded(bytes / 2 ** 20),
    operations: operationsOf(new Contract(revision)).size,
    parse_cpu_s: rounded(parse),
    compare_cpu_s: rounded(compare),
    cpu_s: rounded(cpu()),
    wall_s: rounded((performance.now() - began) / 1000),
    findings: findings.length,
    max_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
