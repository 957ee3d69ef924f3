// Writes the JSON Schema of every message type beside this file, and the tables of docs/reference/messages.md: node libs/contracts/schemas/write.mjs [--replace]
// Refuses a change that is not an addition; before the first release --replace allows it.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { changesThatBreak, messageJsonSchemas, messagesReference } from '../dist/index.js';

let refused = 0;
for (const [type, schema] of Object.entries(messageJsonSchemas())) {
  const file = new URL(`${type}.json`, import.meta.url);
  const breaks = existsSync(file) ? changesThatBreak(JSON.parse(readFileSync(file, 'utf8')), schema) : [];
  if (breaks.length > 0 && !process.argv.includes('--replace')) {
    refused += 1;
    console.error(`${type}: ${breaks.join('; ')}. Make a new version of the type.`);
  } else writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
}
const page = new URL('../../../docs/reference/messages.md', import.meta.url);
const text = readFileSync(page, 'utf8');
writeFileSync(page, text.slice(0, text.indexOf('## Topics')) + messagesReference());
execFileSync('npx', ['biome', 'format', '--write', import.meta.dirname], { stdio: 'ignore' });
process.exitCode = refused > 0 ? 1 : 0;
