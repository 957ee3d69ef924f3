// Makes what is published, in dist/package: one file, its types, the licences of what went into it. `npm pack -w @kwanus/client`
// runs it. The contracts, which are not published, go into the file, so that the package depends on nothing.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const built = join(import.meta.dirname, 'dist');
const target = join(built, 'package');

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const { metafile } = await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: [join(built, 'index.js')],
  outfile: join(target, 'index.js'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  external: ['kafkajs'],
  metafile: true,
  logLevel: 'warning',
});
writeFileSync(join(target, 'THIRD-PARTY-LICENSES'), licences(Object.keys(metafile.inputs)));
typesFrom('index.d.ts');

/** The types that the entry leads to, without their maps. */
function typesFrom(file, seen = new Set()) {
  if (seen.has(file)) return;
  seen.add(file);
  const text = readFileSync(join(built, file), 'utf8').replace(/^\/\/# sourceMappingURL=.*\n?/m, '');
  writeFileSync(join(target, file), text);
  for (const [, name] of text.matchAll(/from '\.\/([^']+)\.js'/g)) typesFrom(`${name}.d.ts`, seen);
}

function licences(inputs) {
  const folders = new Set(inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]));
  folders.delete(undefined);
  return [...folders]
    .sort()
    .map((folder) => {
      const at = join(import.meta.dirname, folder);
      const { name, version } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
      return `${name} ${version}\n\n${readFileSync(join(at, 'LICENSE'), 'utf8')}`;
    })
    .join('\n\n');
}
