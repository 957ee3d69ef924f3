import { parentPort, workerData } from 'node:worker_threads';
import type { ProbeRequest } from '@kwanus/checks-kit';
import { probeExtension } from './probe.js';

// The interpreter asks the host for the offset of its time zone; no verdict may depend on where it was made.
Date.prototype.getTimezoneOffset = () => 0;

parentPort?.postMessage(await probeExtension(workerData as ProbeRequest));
