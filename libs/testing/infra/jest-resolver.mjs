// How Jest finds modules: as Node does, and third-party packages that our own modules import in `jest-third-party.mjs`' files.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { thirdPartyFolder } from './jest-third-party.mjs';

let files = null;

/** The file that stands for a package, if one does. */
function bundled(specifier) {
  if (files === null) {
    const folder = thirdPartyFolder();
    const names = JSON.parse(readFileSync(join(folder, 'files.json'), 'utf8'));
    files = new Map(Object.entries(names).map(([name, file]) => [name, join(folder, file)]));
  }
  return files.get(specifier);
}

/** Where the packages are that stand in the files; a library may have another version beside itself. */
const INSTALLED = join(import.meta.dirname, '../../../node_modules/');

export function sync(request, options) {
  const found = options.defaultResolver(request, options);
  const isImportOfOurs =
    !request.startsWith('.') &&
    options.conditions?.includes('import') &&
    !options.basedir.includes('/node_modules/');
  return isImportOfOurs && found.startsWith(INSTALLED) ? (bundled(request) ?? found) : found;
}
