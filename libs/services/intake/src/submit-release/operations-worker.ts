import { parentPort, workerData } from 'node:worker_threads';
import { operationsIn } from './operations-in.js';

const contracts = workerData as ReadonlyMap<string, Uint8Array>;
parentPort?.postMessage([...contracts].flatMap(([path, bytes]) => operationsIn(bytes, path)));
