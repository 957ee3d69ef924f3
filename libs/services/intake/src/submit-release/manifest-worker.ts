import { parentPort, workerData } from 'node:worker_threads';
import { manifestOf } from '@kwanus/checks-catalogue';

const { bytes, path } = workerData as { readonly bytes: Uint8Array; readonly path: string };
parentPort?.postMessage(manifestOf(bytes, path));
