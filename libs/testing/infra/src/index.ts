export { freePort } from '@kwanus/database';
export { type AppProcess, type Apps, buildApps, type Ended, openApps } from './apps.js';
export { brokerTurn, putKafkaScript, sharedBroker, startTestBroker, withKafka } from './broker.js';
export { type TestCertificate, testCertificate } from './certificate.js';
export { beside, kwanus, type Ran, ROOT } from './command-line.js';
export { appendTo, event, eventually, type LogFixture, logFixture, readable } from './event-log.js';
export {
  type ProgramEnd,
  type Python,
  runProgram,
  withProgram,
  withPython,
} from './other-languages.js';
export { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.js';
export { startTestCluster, type TestCluster, type TestDatabase, testDatabase } from './postgres.js';
export { inDatabase, type Right, refusalOf, rightsIn } from './rights.js';
