export { type DatabaseOptions, scanBills } from './scan.js';
export { openVulnerabilityScanner } from './scanner.js';
