import { type Contract, ContractTooComplex } from '@kwanus/checks-contract-diff';
import { isObject, own } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import { RE2JS } from 're2js';
import { listFaults } from './list-rules.js';
import { logicFaults } from './logic-rules.js';
import { objectFaults } from './object-rules.js';
import { type Fault, type Judged, type Judgement, type Sample, TooEntangled } from './sample.js';
import { valueFaults } from './value-rules.js';

const MAX_DEPTH = 500;
/** The costliest of GitHub's takes 3000. */
const MAX_STEPS_OF_SAMPLE = 50_000;
const LONGEST_PATTERN = 1_000;
const RULES: readonly ((judgement: Judgement, judged: Judged<JsonObject>) => readonly Fault[])[] = [
  valueFaults,
  listFaults,
  objectFaults,
  logicFaults,
];

/**
 * Judges samples of one document by its schemas, in the words of OpenAPI 3.0 as of JSON Schema 2020-12. A walk, not code made from
 * schemas: every step is counted, and patterns take linear time.
 */
export class SampleJudge {
  /** Patterns that no linear-time engine takes; what they ask for was not judged. */
  readonly unjudged = new Set<string>();
  readonly #patterns = new Map<string, RE2JS | null>();
  /** How often such a pattern was asked. */
  #doubts = 0;
  #steps = 0;
  #stepsOfSample = 0;

  constructor(
    private readonly contract: Contract,
    private readonly maxSteps: number,
  ) {}

  /**
   * @returns all that is wrong with the sample
   * @throws TooEntangled when its schemas lead too far, or all steps are spent
   */
  faultsOf(sample: Sample): readonly Fault[] {
    const doubts = this.#doubts;
    const faults = this.#faultsOfSample(sample);
    return sample.unknown !== undefined && this.#doubts > doubts ? [] : faults;
  }

  #faultsOfSample({ value, schema, direction, unknown }: Sample): readonly Fault[] {
    this.#stepsOfSample = 0;
    const judgement: Judgement = {
      direction,
      isSent: unknown !== undefined,
      isOpen: (part) => unknown?.within(part) === true,
      faultsOf: (judged) => (unknown?.is(judged.value) === true ? [] : this.#faultsOf(judgement, judged)),
      matches: (pattern, text) => this.#matches(pattern, text),
      spend: (steps) => this.#spend(steps),
    };
    const faults = judgement.faultsOf({ value, schema, at: '', depth: 0 });
    if (faults.length === 0 || typeof value !== 'string') return faults;
    const written = parsed(value); // a document that is written as text
    return written === undefined
      ? faults
      : this.#faultsOf(judgement, { value: written, schema, at: '', depth: 0 });
  }

  #faultsOf(judgement: Judgement, judged: Judged): readonly Fault[] {
    const { schema, value, at, depth } = judged;
    this.#spend(1 + weightOf(value));
    if (depth > MAX_DEPTH) throw new TooEntangled('its schemas lead over more than 500 others');
    if (schema === false) return [{ at, text: 'is there, where nothing may be' }];
    if (!isObject(schema)) return [];
    const target = this.#resolved(schema);
    if (value === null && (own(schema, 'nullable') === true || own(target, 'nullable') === true)) return [];
    const schemas = target === schema || !this.contract.siblings ? [target] : [target, schema];
    return schemas.flatMap((each) =>
      RULES.flatMap((rule) => rule(judgement, { ...judged, schema: each, depth: depth + 1 })),
    );
  }

  #resolved(schema: JsonObject): JsonObject {
    try {
      return this.contract.resolve(schema, '').value;
    } catch (error) {
      if (error instanceof ContractTooComplex)
        throw new TooEntangled('a reference leads over too many others');
      throw error;
    }
  }

  #matches(pattern: string, text: string): boolean {
    const known = this.#patterns.get(pattern);
    const engine = known === undefined ? compiled(pattern) : known;
    this.#patterns.set(pattern, engine);
    this.#spend(Math.ceil((pattern.length * text.length) / 100));
    if (engine !== null) return engine.matcher(text).find();
    this.#doubts += 1;
    this.unjudged.add(pattern);
    return true;
  }

  #spend(steps: number): void {
    this.#stepsOfSample += steps;
    this.#steps += steps;
    if (this.#stepsOfSample > MAX_STEPS_OF_SAMPLE)
      throw new TooEntangled(`it takes more than ${MAX_STEPS_OF_SAMPLE} steps to judge`);
    if (this.#steps > this.maxSteps)
      throw new TooEntangled(`it and those before it take more than ${this.maxSteps} steps to judge`);
  }
}

/** Rules go through a value once for each schema that it is judged by: what that takes, in steps. */
function weightOf(value: Json): number {
  if (typeof value === 'string' || Array.isArray(value)) return Math.floor(value.length / 100);
  return isObject(value) ? Math.floor(Object.keys(value).length / 4) : 0;
}

function compiled(pattern: string): RE2JS | null {
  if (pattern.length > LONGEST_PATTERN) return null;
  try {
    return RE2JS.compile(pattern);
  } catch {
    return null;
  }
}

function parsed(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}
