export { freePort, startTestCluster, type TestCluster, type TestDatabase, testDatabase } from './postgres.js';
