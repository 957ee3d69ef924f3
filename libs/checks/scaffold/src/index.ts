export { ScaffoldRefused } from './errors.js';
export { type ScaffoldedFile, type ScaffoldOptions, scaffold } from './scaffold.js';
