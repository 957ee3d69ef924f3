import { AsyncLocalStorage } from 'node:async_hooks';
import { TestEnvironment } from 'jest-environment-node';

/** What was run since it was made, in whichever spec file of this worker. */
const storages = new Set();

// Jest and our event log make such storages for each spec file anew, and they outlive it.
for (const method of ['run', 'enterWith']) {
  const original = AsyncLocalStorage.prototype[method];
  AsyncLocalStorage.prototype[method] = function (...given) {
    storages.add(this);
    return original.apply(this, given);
  };
}

/** Jest's own; a spec file's storages end with it: before Node 24 each promise costs as much as there are storages. */
export default class SpecEnvironment extends TestEnvironment {
  async teardown() {
    for (const storage of storages) storage.disable();
    storages.clear();
    await super.teardown();
  }
}
