// Specs as Jest reads them: each in one file with those of our modules that it stands on. Each spec file has modules of its own, and
// to read a few hundred of them takes Jest longer than most specs take.
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { thirdPartyFiles } from './jest-third-party.mjs';

const ROOT = join(import.meta.dirname, '../../..');
const INSTALLED = join(ROOT, 'node_modules/');
const FOLDER = join(ROOT, 'node_modules/.cache/kwanus/specs');

/** @returns the file that a spec was put into */
export const bundleOf = (spec) => join(FOLDER, relative(ROOT, spec).replace(/\.ts$/, '.mjs'));

/** By SWC, as Nest asks for the types of constructors' parameters (`emitDecoratorMetadata`), which esbuild does not give. */
const COMPILED = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

/** What is not ours stays outside, under the path where our module finds it; each of ours keeps knowing its own place. */
const ours = {
  name: 'ours',
  async setup(builder) {
    const { transform } = await import('@swc/core');
    const files = thirdPartyFiles();
    const external = (path) => ({ path, external: true });
    const isFoundHere = Symbol('found here');
    builder.onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...where }) => {
      if (pluginData === isFoundHere || path.startsWith('@kwanus/')) return undefined;
      if (isBuiltin(path) || path === '@jest/globals') return external(path);
      const found = await builder.resolve(path, { ...where, pluginData: isFoundHere });
      if (found.errors.length > 0) return { errors: found.errors };
      // A library may have another version beside itself than stands in the file.
      return external((found.path.startsWith(INSTALLED) && files.get(path)) || found.path);
    });
    builder.onLoad({ filter: /\.(ts|mjs)$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { ...COMPILED, filename: path });
      const contents = code
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)));
      const other = /import\.meta\.\w+/.exec(contents);
      if (other !== null) return { errors: [{ text: `${other[0]} would be that of the spec's file` }] };
      return { contents, loader: 'js' };
    });
  },
};

/**
 * Puts each spec that is asked for into a file of its own.
 * @param isAskedFor tells of a spec's absolute path whether it will be run
 */
export async function bundleSpecs(isAskedFor) {
  const { build } = await import('esbuild');
  const made = `${FOLDER}.${process.pid}`;
  try {
    await build({
      absWorkingDir: ROOT,
      entryPoints: (await specs()).filter(isAskedFor),
      outbase: ROOT,
      outdir: made,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      conditions: ['@kwanus/source'],
      sourcemap: true,
      sourcesContent: false,
      logLevel: 'warning',
      plugins: [ours],
    });
    await putIntoPlace(made);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

async function specs() {
  const found = await Promise.all(
    ['libs', 'apps', 'tools'].map(async (folder) => {
      const paths = await readdir(join(ROOT, folder), { recursive: true });
      return paths.filter((path) => path.endsWith('.spec.ts')).map((path) => join(ROOT, folder, path));
    }),
  );
  return found.flat().filter((path) => !path.includes('/node_modules/', ROOT.length));
}

/** File by file: another run of the same specs may be reading them. */
async function putIntoPlace(made) {
  const entries = await readdir(made, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const folder = join(FOLDER, relative(made, entry.parentPath));
    await mkdir(folder, { recursive: true });
    await rename(join(entry.parentPath, entry.name), join(folder, entry.name));
  }
}
