export { freePort } from '@kwanus/database';
export { startTestCluster, type TestCluster, type TestDatabase, testDatabase } from './postgres.js';
