// Third-party packages as the specs read them. Each spec file has modules of its own, and to read those of Nest and of what it
// stands on takes Jest longer than most specs: they are put into a few files.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** What our modules import and what has many modules. All are in one build: a package that others stand on is there once. */
const PACKAGES = [
  '@nestjs/common',
  '@nestjs/common/constants.js',
  '@nestjs/common/enums/route-paramtypes.enum.js',
  '@nestjs/core',
  '@nestjs/cqrs',
  '@nestjs/platform-express',
  '@nestjs/swagger',
  '@opentelemetry/api',
  '@opentelemetry/exporter-prometheus',
  '@opentelemetry/sdk-trace-base',
  '@opentelemetry/sdk-trace-node',
  '@readme/openapi-parser',
  'ajv/dist/2019.js',
  'express',
  'fast-check',
  'jose',
  'kafkajs',
  'pino',
  'rxjs',
  'semver',
  'typeorm',
  'yaml',
  'zod',
];

/** The folder of the files for the packages that are installed now; it may not be there yet. */
function thirdPartyFolder() {
  const hash = createHash('sha256').update(process.version);
  for (const path of [
    'node_modules/.package-lock.json',
    'tools/bundle.mjs',
    'libs/testing/infra/jest-third-party.mjs',
  ])
    hash.update(readFileSync(join(ROOT, path)));
  return join(ROOT, 'node_modules/.cache/kwanus/third-party', hash.digest('hex').slice(0, 16));
}

/** @returns the file that stands for a package, by the package's specifier */
export function thirdPartyFiles() {
  const folder = thirdPartyFolder();
  return new Map(PACKAGES.map((specifier) => [specifier, join(folder, `${nameOf(specifier)}.mjs`)]));
}

const nameOf = (specifier) => specifier.replaceAll(/[^\w-]/g, '_');

/** A module that gives what Jest gives to whoever imports the package, by the same names. */
async function entryOf(specifier) {
  const given = await import(specifier);
  const names = new Set(Object.keys(given));
  // Of a CommonJS module Node finds some names, Jest all.
  const { default: whole } = given;
  const isCommonJs =
    whole instanceof Object && [...names].every((name) => name === 'default' || name in whole);
  if (isCommonJs) for (const name of Object.keys(whole)) names.add(name);
  names.delete('module.exports');
  return [
    `import * as all from '${specifier}';`,
    ...[...names].map((name, nr) => `const v${nr} = all[${JSON.stringify(name)}];`),
    `export { ${[...names].map((name, nr) => `v${nr} as ${name}`).join(', ')} };`,
  ].join('\n');
}

/** Makes the files, unless they are there. */
export async function bundleThirdParty() {
  const folder = thirdPartyFolder();
  if (existsSync(folder)) return;
  const { build } = await import('esbuild');
  const { NOT_BUNDLED, NOT_INSTALLED, REQUIRE } = await import('../../../tools/bundle.mjs');
  const made = `${folder}.${process.pid}`;
  try {
    await mkdir(join(made, 'entries'), { recursive: true });
    for (const specifier of PACKAGES)
      await writeFile(join(made, 'entries', `${nameOf(specifier)}.mjs`), await entryOf(specifier));
    await build({
      absWorkingDir: ROOT,
      entryPoints: PACKAGES.map((specifier) => join(made, 'entries', `${nameOf(specifier)}.mjs`)),
      outdir: made,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      minifyWhitespace: true,
      legalComments: 'none',
      logLevel: 'warning',
      external: [...NOT_BUNDLED, ...NOT_INSTALLED],
      banner: { js: REQUIRE },
    });
    // Another run may have been quicker.
    await rename(made, folder).catch((error) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}
