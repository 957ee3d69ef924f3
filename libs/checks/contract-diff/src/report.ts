import type { Json } from '@kwanus/kernel';
import { Contract } from './contract.js';
import { Costs } from './costs.js';
import { Shapes } from './shapes.js';
import {
  type ContractFinding,
  ContractTooComplex,
  type DiffOptions,
  type Direction,
  type Level,
  type Place,
} from './types.js';

const MAX_STEPS = 5_000_000;

/** What a rule says about a place. */
export interface Remark {
  readonly pointer: string;
  readonly side?: 'base' | 'revision';
  readonly subject: string;
  readonly text: string;
}

/** Two contracts under comparison, and what was found so far. */
export class Comparison {
  readonly findings: ContractFinding[] = [];
  readonly base: Shapes;
  readonly revision: Shapes;
  /** Pairs of schemas that were found the same, by direction: they need not be looked at again in another operation. */
  readonly same: Readonly<Record<Direction, WeakMap<object, WeakSet<object>>>> = {
    request: new WeakMap(),
    response: new WeakMap(),
  };
  readonly costs = new Costs();
  operation = '';
  #steps = 0;

  constructor(
    base: Contract,
    revision: Contract,
    readonly options: DiffOptions,
  ) {
    const maxSteps = options.maxSteps ?? MAX_STEPS;
    this.base = new Shapes(base, maxSteps);
    this.revision = new Shapes(revision, maxSteps);
  }

  report(id: string, level: Level, { pointer, side = 'revision', subject, text }: Remark): void {
    this.findings.push({ id, level, operation: this.operation, pointer, side, subject, text });
  }

  /** @returns what the work would have reported; nothing of it is kept */
  tried(work: () => void): readonly ContractFinding[] {
    const before = this.findings.length;
    work();
    return this.findings.splice(before);
  }

  /** @throws ContractTooComplex when the comparison has taken too many steps */
  step(): void {
    this.#steps += 1;
    if (this.#steps > (this.options.maxSteps ?? MAX_STEPS))
      throw new ContractTooComplex(
        'The comparison was given up: the contracts lead to too many pairs of schemas.',
      );
  }
}

/** @returns how bad it is that less is allowed than before */
export const narrowed = ({ direction }: Place): Level => (direction === 'request' ? 'error' : 'info');

/** @returns how bad it is that more is allowed than before */
export const widened = ({ direction }: Place): Level => (direction === 'request' ? 'info' : 'error');

/** @returns the value as a reader would write it, shortened */
export const shown = (value: Json | undefined): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
};
