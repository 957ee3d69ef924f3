import { availableParallelism } from 'node:os';

/** One run over all projects. Specs that hold transactions open (`*.serial.spec.ts`) start a cluster of their own, one at a time. */
export default {
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/tools'],
  testMatch: ['**/*.spec.ts'],
  testEnvironment: '<rootDir>/libs/testing/infra/jest-environment.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/libs/testing/infra/jest-spec-transform.mjs' },
  modulePathIgnorePatterns: ['/dist/', '<rootDir>/.kwanus/'],
  globalSetup: '<rootDir>/libs/testing/infra/jest-global-setup.mjs',
  globalTeardown: '<rootDir>/libs/testing/infra/jest-global-teardown.mjs',
  testSequencer: '<rootDir>/tools/spread-sequencer.mjs',
  testTimeout: 120_000,
  // Half of the time specs wait for a database, a broker or a process: more workers than cores.
  maxWorkers: 2 * availableParallelism(),
  // Modules of earlier specs stay in a worker's memory: it grew to 3 GB, and collecting garbage took ever longer.
  workerIdleMemoryLimit: '800MB',
};
