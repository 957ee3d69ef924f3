import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canonicalJson, sha256Hex } from '@kwanus/canonical';
import type { Playbook } from '@kwanus/domain-playbook';
import type { Json } from '@kwanus/kernel';
import { PlaybookRefused } from './errors.js';
import { impossibleFigures } from './figures.js';
import { applyOverlay } from './overlay.js';
import { type ReadFile, readYaml } from './read.js';
import { danglingNames } from './references.js';
import { OverlayFile, PlaybookFile } from './schema.js';

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..', 'playbooks');
const loaded = new Map<string, Playbook>();

/** How one file is found by version; a parameter so that anything can be tried without files. */
export type TextOf = (version: string) => string | null;

const textInFolder: TextOf = (version) => {
  try {
    return readFileSync(join(FOLDER, `${version}.yaml`), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

/** @returns the versions that can be loaded, sorted */
export const playbookVersions = (): readonly string[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();

/**
 * The playbook of a version, checked, the overlay applied; loaded once.
 * @param version `1.0`, or `1.0-demo` for an overlay
 * @throws PlaybookRefused unknown version, unknown key, dangling name, cycle: with file, line and remedy
 */
export function loadPlaybook(version: string): Playbook {
  const known = loaded.get(version);
  if (known !== undefined) return known;
  const playbook = frozen(parsePlaybook(version, textInFolder));
  loaded.set(version, playbook);
  return playbook;
}

/** One copy serves everybody: nobody changes it. */
function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null)
    for (const part of Object.values(Object.freeze(value))) frozen(part);
  return value;
}

/** Like loadPlaybook, from wherever the texts come. @throws PlaybookRefused */
export function parsePlaybook(version: string, textOf: TextOf): Playbook {
  const { file, overlays } = resolved(version, textOf, []);
  const content = { ...file, overlays };
  return { ...content, digest: sha256Hex(canonicalJson(content as unknown as Json)) } as Playbook;
}

function resolved(
  version: string,
  textOf: TextOf,
  seen: readonly string[],
): { readonly file: PlaybookFile; readonly overlays: string | null } {
  const source = `${version}.yaml`;
  if (seen.includes(version))
    throw new PlaybookRefused(source, [
      `${source}: overlays itself (${[...seen, version].join(' → ')}). Name a whole playbook under \`overlays\`.`,
    ]);
  const text = /^[\w.-]+$/.test(version) ? textOf(version) : null;
  if (text === null)
    throw new PlaybookRefused(source, [
      `there is no playbook ${version}. Known are: ${playbookVersions().join(', ')}.`,
    ]);
  if (!/^overlays:/m.test(text)) {
    const read = readYaml(text, source, PlaybookFile);
    refuse(source, read, [...danglingNames(read.value), ...impossibleFigures(read.value)]);
    assertNamed(source, version, read.value.version);
    return { file: read.value, overlays: null };
  }
  const overlay = readYaml(text, source, OverlayFile);
  assertNamed(source, version, overlay.value.version);
  const base = resolved(overlay.value.overlays, textOf, [...seen, version]);
  const { file, unknown } = applyOverlay(base.file, overlay.value);
  refuse(source, overlay, unknown);
  const whole = PlaybookFile.safeParse(file);
  if (!whole.success)
    throw new PlaybookRefused(
      source,
      whole.error.issues.map(({ path, message }) => `${source}: ${path.join('.')} ${message}.`),
    );
  refuse(source, overlay, impossibleFigures(whole.data));
  return { file: whole.data, overlays: overlay.value.overlays };
}

function refuse(
  source: string,
  { placeOf }: ReadFile<unknown>,
  problems: readonly { readonly path: readonly (string | number)[]; readonly message: string }[],
): void {
  if (problems.length > 0)
    throw new PlaybookRefused(
      source,
      problems.map(({ path, message }) => `${placeOf(path)}: ${path.join('.')} ${message}.`),
    );
}

function assertNamed(source: string, version: string, found: string): void {
  if (found !== version)
    throw new PlaybookRefused(source, [
      `${source}: says that it is version ${found}. Name the file after its version.`,
    ]);
}
