// Keeps each project's tsconfig.json in step with the dependencies that its package.json declares. Specs are checked apart
// (tsconfig.specs.json): they may use the testing libraries, which themselves build on what is tested.
// `node tools/references.mjs` writes, `--check` exits 1 and names what differs.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** @returns {string[]} folders of all workspace projects, relative to the root */
export function projectFolders() {
  const found = [];
  for (const top of ['libs', 'apps']) walk(top, 0);
  return found.sort();

  function walk(folder, depth) {
    if (existsSync(join(folder, 'package.json'))) found.push(folder);
    else if (depth < 2) {
      for (const entry of readdirSync(folder, { withFileTypes: true }))
        if (entry.isDirectory() && entry.name !== 'node_modules') walk(join(folder, entry.name), depth + 1);
    }
  }
}

const check = process.argv.includes('--check');
const folders = projectFolders();
const manifests = new Map(
  folders.map((folder) => [folder, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))]),
);
const folderOf = new Map([...manifests].map(([folder, { name }]) => [name, folder]));
const differing = [];

/** A published package carries what it is built on inside it, so that it stands in its devDependencies. */
function builtOn({ private: isPrivate = false, dependencies = {}, devDependencies = {} }) {
  return isPrivate ? dependencies : { ...dependencies, ...devDependencies };
}

function expect(file, value) {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  const present = existsSync(file)
    ? JSON.stringify(JSON.parse(readFileSync(file, 'utf8')), null, 2) + '\n'
    : '';
  if (present === text) return;
  if (check) differing.push(file);
  else writeFileSync(file, text);
}

for (const [folder, manifest] of manifests) {
  const references = Object.keys(builtOn(manifest))
    .filter((name) => folderOf.has(name))
    .sort()
    .map((name) => ({ path: relative(folder, folderOf.get(name)) }));
  expect(join(folder, 'tsconfig.json'), {
    extends: relative(folder, 'tsconfig.base.json'),
    compilerOptions: { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/.tsbuildinfo' },
    include: ['src'],
    exclude: ['src/**/*.spec.ts'],
    references,
  });
}
expect('tsconfig.json', { files: [], references: folders.map((path) => ({ path })) });

if (differing.length > 0) {
  console.error(
    `These differ from the dependencies declared in package.json: ${differing.join(', ')}. Run: npm run references`,
  );
  process.exit(1);
}
