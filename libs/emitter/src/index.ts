export { type DropReason, Emitter, type EmitterCounts, type EmitterOptions } from './emitter.js';
