// `node deploy/pack.mjs APP FOLDER`: copies what was built, with the packages that the app needs to run, and nothing else.
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

const [app = '', target = ''] = process.argv.slice(2);
const root = process.cwd();
const packed = new Set();
const NOT_RUN = /\.(d\.[cm]?ts|map|tsbuildinfo)$/;

/** Packages are copied one by one, so those inside another are not copied with it. Sources of our own are not run. */
const runs = (own) => (path) =>
  basename(path) !== 'node_modules' &&
  !NOT_RUN.test(path) &&
  !(own && /^(src|tsconfig\.json)$/.test(basename(path)));

/** As Node looks for it. */
function find(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if (existsSync(place)) return place;
    if (folder === root) return null;
  }
}

function needsOf({
  dependencies = {},
  optionalDependencies = {},
  peerDependencies = {},
  peerDependenciesMeta = {},
}) {
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
  return new Set([...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...peers]);
}

function pack(folder) {
  if (packed.has(folder)) return;
  packed.add(folder);
  const filter = runs(!folder.startsWith('node_modules'));
  // The folder itself may be called what is left out inside it.
  cpSync(folder, join(target, folder), {
    recursive: true,
    filter: (path) => path === folder || filter(path),
  });
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  for (const name of needsOf(manifest)) {
    const place = find(name, join(root, folder));
    if (place === null && manifest.optionalDependencies?.[name] === undefined)
      throw new Error(`${manifest.name} needs ${name}, which is not installed: run npm ci first.`);
    if (place === null) continue;
    const link = join(target, relative(root, place));
    if (lstatSync(place).isSymbolicLink() && !existsSync(link)) {
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(readlinkSync(place), link);
    }
    pack(relative(root, realpathSync(place)));
  }
}

pack(join('apps', app));
cpSync('dist', join(target, 'dist'), { recursive: true });
for (const file of ['package.json', 'deploy/healthy.mjs']) cpSync(file, join(target, basename(file)));
