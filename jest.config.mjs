import { availableParallelism } from 'node:os';

/** One run over all projects. Specs that hold transactions open (`*.serial.spec.ts`) start a cluster of their own, one at a time. */
const shared = {
  testEnvironment: '<rootDir>/libs/testing/infra/jest-environment.mjs',
  testEnvironmentOptions: { customExportConditions: ['node', 'node-addons', '@kwanus/source'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  resolver: '<rootDir>/libs/testing/infra/jest-resolver.mjs',
  modulePathIgnorePatterns: ['/dist/', '<rootDir>/.kwanus/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};
export default {
  ...shared,
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/tools'],
  testMatch: ['**/*.spec.ts'],
  globalSetup: '<rootDir>/libs/testing/infra/jest-global-setup.mjs',
  globalTeardown: '<rootDir>/libs/testing/infra/jest-global-teardown.mjs',
  testSequencer: '<rootDir>/tools/spread-sequencer.mjs',
  testTimeout: 120_000,
  // Half of the time specs wait for a database, a broker or a process: more workers than cores.
  maxWorkers: 2 * availableParallelism(),
  // Modules of earlier specs stay in a worker's memory: it grew to 3 GB, and collecting garbage took ever longer.
  workerIdleMemoryLimit: '800MB',
};
