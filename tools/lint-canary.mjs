// Plants violations and expects the linter to report each one: a boundary rule that is skipped in silence (no project graph,
// a wrong tag) would let everything pass. Exits 1 and names the rule that slept.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';

const PLANTED = [
  {
    what: 'domain → infra',
    file: 'libs/domain/rollout/src/canary-infra.ts',
    text: "import { EventStore } from '@kwanus/event-store';\nexport const planted = EventStore;\n",
    rule: 'enforce-module-boundaries',
  },
  {
    what: 'domain → @nestjs',
    file: 'libs/domain/rollout/src/canary-nest.ts',
    text: "import { Injectable } from '@nestjs/common';\nexport const planted = Injectable;\n",
    rule: 'enforce-module-boundaries',
  },
  {
    what: 'domain → node:fs',
    file: 'libs/domain/rollout/src/canary-node.ts',
    text: "import { readFileSync } from 'node:fs';\nexport const planted = readFileSync;\n",
    rule: 'no-restricted-imports',
  },
  {
    what: 'service → another service',
    file: 'libs/services/intake/src/canary-service.ts',
    text: "import * as other from '@kwanus/service-rollout';\nexport const planted = other;\n",
    rule: 'enforce-module-boundaries',
  },
  {
    what: 'service → HTTP client',
    file: 'libs/services/intake/src/canary-http.ts',
    text: "import { request } from 'node:http';\nexport const planted = request;\n",
    rule: 'no-restricted-imports',
  },
  {
    what: 'service → fetch',
    file: 'libs/services/rollout/src/canary-fetch.ts',
    text: "export const planted = fetch('http://intake:4181/v1/bodies');\n",
    rule: 'no-restricted-globals',
  },
  {
    what: 'app → app',
    file: 'apps/intake/src/canary-app.ts',
    text: "import * as other from '../../validation/src/main.js';\nexport const planted = other;\n",
    rule: 'enforce-module-boundaries',
  },
  {
    what: 'a promise nobody waits for',
    file: 'libs/infra/messaging/src/canary-floating.ts',
    text: 'export function planted(): void {\n  Promise.reject(new Error("lost"));\n}\n',
    rule: 'no-floating-promises',
  },
  {
    what: 'the environment read outside libs/infra/config',
    file: 'libs/infra/messaging/src/canary-env.ts',
    text: "export const planted = process.env['HOME'];\n",
    rule: 'no-process-env',
  },
  {
    what: 'a file of more than 300 lines',
    file: 'libs/kernel/src/canary-long.ts',
    text: Array.from({ length: 320 }, (_, index) => `export const planted${index} = ${index};\n`).join(''),
    rule: 'max-lines',
  },
];

const remove = () => {
  for (const { file } of PLANTED) rmSync(file, { force: true });
};
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    remove();
    process.exit(1);
  });

let asleep;
try {
  for (const { file, text } of PLANTED) writeFileSync(file, text);
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      'node_modules/oxlint/bin/oxlint',
      '--type-aware',
      '--format',
      'json',
      ...PLANTED.map(({ file }) => file),
    ],
    { encoding: 'utf8' },
  );
  let diagnostics;
  try {
    ({ diagnostics } = JSON.parse(stdout));
  } catch {
    console.error(`The linter did not answer with JSON: ${stderr || stdout}`);
    process.exitCode = 1;
    diagnostics = [];
  }
  asleep = PLANTED.filter(
    ({ file, rule }) =>
      !diagnostics.some((found) => found.filename.endsWith(file) && found.code.includes(rule)),
  );
} finally {
  remove();
}
for (const { what, rule } of asleep)
  console.error(
    `Lint canary: "${what}" was planted and ${rule} did not report it. Check .oxlintrc.json and the Nx project graph.`,
  );
if (asleep.length > 0) process.exitCode = 1;
else console.log(`Lint canary: ${PLANTED.length} planted violations, ${PLANTED.length} reported.`);
