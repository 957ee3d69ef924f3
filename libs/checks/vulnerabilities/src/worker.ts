import { parentPort, workerData } from 'node:worker_threads';
import type { ScanRequest } from '@kwanus/checks-kit';
import { type DatabaseOptions, scanBills } from './scan.js';

const { request, options } = workerData as {
  readonly request: ScanRequest;
  readonly options: DatabaseOptions;
};
parentPort?.postMessage(await scanBills(request, options));
