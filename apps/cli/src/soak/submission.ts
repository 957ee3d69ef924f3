import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const EXAMPLES = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..', 'examples');
const PARTNER = 'readme';

export const RELEASE = '1.0.0';

/** Evidence file for each task, below the submission. */
export const EVIDENCE = {
  scaffolding: 'preparation/scaffolding.yaml',
  workflow: 'workflows/register-parcel.yaml',
  permissionMapping: 'preparation/permission-mapping.yaml',
  sandbox: 'preparation/sandbox.yaml',
  development: 'implementation/development.md',
  testing: 'implementation/test-report.xml',
  documentation: 'docs/integration-guide.md',
} as const;

/**
 * Puts the minimal submission together under a name of its own, for the partner of the development identities.
 * @returns the integration's id
 */
export function assembleNamed(name: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  cpSync(join(EXAMPLES, 'minimal-submission'), folder, { recursive: true });
  cpSync(join(EXAMPLES, 'readme-developer-hub', 'implementation'), join(folder, 'implementation'), {
    recursive: true,
  });
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const text = readFileSync(path, 'utf8').replaceAll('acme', PARTNER);
    writeFileSync(path, entry.name === 'kwanus.yaml' ? text.replace('name: parcels', `name: ${name}`) : text);
  }
  return `${PARTNER}.${name}`;
}
