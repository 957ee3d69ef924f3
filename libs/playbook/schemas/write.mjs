// Writes the JSON Schemas of a playbook and of an overlay beside this file, as the code has them: node libs/playbook/schemas/write.mjs
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { playbookJsonSchemas } from '../dist/index.js';

for (const [name, schema] of Object.entries(playbookJsonSchemas()))
  writeFileSync(new URL(`${name}.json`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
execFileSync('npx', ['biome', 'format', '--write', import.meta.dirname], { stdio: 'ignore' });
