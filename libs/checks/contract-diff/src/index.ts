export { Contract, localPointer, nameOf, type Operation, operationsOf, templateOf } from './contract.js';
export { diffContracts } from './diff-contracts.js';
export {
  diffAsyncApi,
  diffPayloads,
  PAYLOAD_MODES,
  type PayloadMode,
  type PayloadOptions,
} from './payloads.js';
export { type ComparedFile, type ComparedFiles, markdownOf, sarifOf } from './render.js';
export {
  type ContractDiff,
  type ContractFinding,
  ContractTooComplex,
  type DiffOptions,
  type Level,
} from './types.js';
