export { probeExtension } from './probe.js';
export { openExtensionSandbox } from './sandbox.js';
