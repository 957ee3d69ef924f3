// `npm run build`: compiles what changed, then makes the bundles that are run.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';

// Named by its path: both TypeScript packages have a `tsc`, and npm links now one, now the other.
const COMPILER = join(import.meta.dirname, '../node_modules/typescript-native/bin/tsc');
const { status } = spawnSync(process.execPath, [COMPILER, '-b'], {
  cwd: join(import.meta.dirname, '..'),
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
await bundle();
