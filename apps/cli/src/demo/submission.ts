import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A version of ReadMe's published API, where it is found, and the folder with what is particular to the release. */
export interface DemoRelease {
  /** The version of the manifest: it is what is judged. */
  readonly version: string;
  /** `info.version` of the contract; shown, never judged. */
  readonly contractVersion: string;
  readonly contract: string;
  /** False: the submission has no migration guide at all. */
  readonly migrationGuide: boolean;
}

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');
const EXAMPLE = join(ROOT, 'examples', 'readme-developer-hub');

export const RELEASES = {
  first: {
    version: '1.0.0',
    contractVersion: '4.355.0',
    contract: '@readme/oas-examples-4/3.0/json/readme.json',
    migrationGuide: true,
  },
  second: {
    version: '1.1.0',
    contractVersion: '5.319.0',
    contract: '@readme/oas-examples-5/3.0/json/readme.json',
    migrationGuide: true,
  },
  broken: {
    version: '1.2.0',
    contractVersion: '5.427.1',
    contract: '@readme/oas-examples-5-427/3.0/json/readme-legacy.json',
    migrationGuide: false,
  },
  mended: {
    version: '2.0.0',
    contractVersion: '5.427.1',
    contract: '@readme/oas-examples-5-427/3.0/json/readme-legacy.json',
    migrationGuide: true,
  },
} as const satisfies Record<string, DemoRelease>;

/**
 * Puts a submission together: the example's files, those of the release, the contract from its npm package, and an API reference
 * written from that contract.
 * @param target the folder to make; replaced when it is there
 */
export function assemble(release: DemoRelease, target: string): void {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(join(target, 'api'), { recursive: true });
  cpSync(EXAMPLE, target, {
    recursive: true,
    filter: (source) =>
      !source.startsWith(join(EXAMPLE, 'releases')) && source !== join(EXAMPLE, 'README.md'),
  });
  const own = join(EXAMPLE, 'releases', release.version);
  if (existsSync(own)) cpSync(own, target, { recursive: true });
  const bytes = readFileSync(createRequire(import.meta.url).resolve(release.contract));
  writeFileSync(join(target, 'api', 'readme.json'), bytes);
  writeFileSync(
    join(target, 'docs', 'api-reference.md'),
    apiReference(JSON.parse(bytes.toString('utf8')) as Contract),
  );
  // The scaffold has the operations of the contract: here it is the contract.
  writeFileSync(join(target, 'preparation', 'scaffolding.json'), bytes);
  edit(join(target, 'kwanus.yaml'), (text) =>
    text.replace(/version: \d+\.\d+\.\d+/, `version: ${release.version}`),
  );
  if (release.migrationGuide) return;
  rmSync(join(target, 'docs', 'migration.md'));
  edit(join(target, 'kwanus.yaml'), (text) => text.replace(/^ +migrationGuide:.*\n/m, ''));
}

interface Contract {
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { operationId?: string; summary?: string; description?: string }>>>
  >;
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace']);

function apiReference({ info, paths }: Contract): string {
  const lines = [`# API reference: ${info.title} ${info.version}`, ''];
  for (const [path, item] of Object.entries(paths))
    for (const [method, operation] of Object.entries(item)) {
      if (!METHODS.has(method)) continue;
      lines.push(
        `## ${method.toUpperCase()} ${path}`,
        '',
        `\`${operation.operationId ?? ''}\`: ${operation.summary ?? operation.description ?? ''}`,
        '',
      );
    }
  return lines.join('\n');
}

const edit = (file: string, change: (text: string) => string): void =>
  writeFileSync(file, change(readFileSync(file, 'utf8')));
