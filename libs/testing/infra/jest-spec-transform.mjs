import { bundleOf } from './jest-specs.mjs';

/** In a spec's place Jest reads the file that it was put into. */
export default {
  process: (_text, path) => ({ code: `import ${JSON.stringify(bundleOf(path))};` }),
};
