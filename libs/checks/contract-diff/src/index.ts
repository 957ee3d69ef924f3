export { Contract, localPointer, nameOf, type Operation, operationsOf, templateOf } from './contract.js';
export { diffContracts } from './diff-contracts.js';
export {
  type ContractDiff,
  type ContractFinding,
  ContractTooComplex,
  type DiffOptions,
  type Level,
} from './types.js';
