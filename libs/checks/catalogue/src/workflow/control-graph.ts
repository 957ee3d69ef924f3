import { own, ownObject, ownText } from '@kwanus/checks-kit';
import type { Manifest } from '../manifest/manifest.schema.js';
import { CALL_FAILURES, catches, type Failure, failureOf, isCovered, raisedBy } from './outcomes.js';
import {
  hasEndlessRetry,
  switchCases,
  type Task,
  type TaskList,
  taskPath,
  type WorkflowDefinition,
} from './workflow.js';

/** How an instance begins; what comes twice or too early meets a platform that has done it already, or does not know it yet. */
export const STARTS = ['event', 'duplicate event', 'reordered event'] as const;
export type Start = (typeof STARTS)[number] | 'start';

/** Where a path comes to an end. */
export type End =
  | { readonly kind: 'end' }
  | { readonly kind: 'fallback'; readonly index: number }
  /** It neither ends nor reaches a fallback. */
  | { readonly kind: 'lost'; readonly because: string }
  /** It goes on for ever. */
  | { readonly kind: 'endless'; readonly because: string };

/** One transition: what happened at a place, and where it leads. */
export interface Step {
  readonly outcome: string;
  readonly to: number | End;
}

const END: End = { kind: 'end' };

type Fallback = NonNullable<Manifest['fallback']>[number];

/** What the graph of a workflow is made from. */
export interface GraphSource {
  readonly id: string;
  readonly definition: WorkflowDefinition;
  readonly fallbacks: readonly Fallback[];
}

interface Place {
  readonly task: Task;
  readonly list: TaskList;
  readonly position: number;
  /** The task whose list it stands in; null at the root. */
  readonly owner: number | null;
  readonly role: string;
}

/**
 * A workflow as places and transitions. Each task has two places: before it (2 × its number) and after it (2 × its number + 1). The
 * nesting of a place is fixed, so that a place says all that decides where a path goes on: its size follows the workflow's, however
 * many paths lead through it.
 */
export class ControlGraph {
  readonly #places: readonly Place[];
  readonly #lists = new Map<string, TaskList>();
  readonly #numbers = new Map<Task, number>();
  readonly #names = new Map<TaskList, ReadonlyMap<string, Task>>();
  readonly #fallbacks: readonly {
    readonly index: number;
    readonly covers: string;
    readonly on: readonly string[];
  }[];

  constructor(readonly source: GraphSource) {
    const { definition, fallbacks } = source;
    for (const list of definition.lists) {
      this.#lists.set(list.pointer, list);
      this.#names.set(list, new Map(list.tasks.map((task) => [task.name, task])));
    }
    for (const [number, task] of definition.tasks.entries()) this.#numbers.set(task, number);
    const byPointer = new Map(definition.tasks.map((task, number) => [task.pointer, number]));
    this.#places = definition.lists.flatMap((list) => {
      const { owner, role } = ownerOf(list.pointer, byPointer);
      return list.tasks.map((task, position) => ({ task, list, position, owner, role }));
    });
    const whole = `workflow:${source.id}`;
    this.#fallbacks = fallbacks
      .map(({ for: what, on }, index) => ({ index, on, covers: `${taskPath(what)}/` }))
      .filter(({ covers }) => covers.startsWith(`${whole}/`));
  }

  /** Number of places. */
  get size(): number {
    return this.#places.length * 2;
  }

  /** @returns where an instance begins; null where there is no task */
  get first(): number | null {
    return this.#places.length === 0 ? null : 0;
  }

  /** @returns the task of a place */
  taskAt(place: number): Task {
    return this.#place(place >> 1).task;
  }

  /** @returns whether a path stands before its task, not after it */
  isBefore(place: number): boolean {
    return place % 2 === 0;
  }

  /** @returns the transitions from a place, for instances that began in the way that is named */
  steps(place: number, start: Start): readonly Step[] {
    const number = place >> 1;
    return this.isBefore(place) ? this.#enter(number, start) : this.#leave(number);
  }

  #place(number: number): Place {
    return this.#places[number] as Place;
  }

  #enter(number: number, start: Start): readonly Step[] {
    const { task } = this.#place(number);
    switch (task.kind) {
      case 'call':
        return this.#call(number, start);
      case 'listen':
        return this.#listen(number, start);
      case 'raise':
        return this.#fail(number, raisedBy(task), start);
      case 'switch':
        return this.#branches(number);
      case 'fork':
        return this.#fork(number);
      case 'for':
        return [...this.#into(number, 'do', 'an item'), { outcome: 'no item', to: after(number) }];
      case 'do':
      case 'try':
        return this.#into(number, task.kind, '');
      default:
        return [{ outcome: '', to: after(number) }];
    }
  }

  /** What comes twice, or too early, is answered or refused; the platform's other answers were met the first time. */
  #call(number: number, start: Start): readonly Step[] {
    const failures = start === 'event' || start === 'start' ? CALL_FAILURES : (['4xx'] as const);
    return [
      { outcome: '2xx', to: after(number) },
      ...failures.flatMap((outcome) => this.#fail(number, failureOf(outcome), start)),
    ];
  }

  /** An event that came too early never comes again: only a timeout ends the wait. */
  #listen(number: number, start: Start): readonly Step[] {
    const taken = this.#into(number, 'foreach/do', 'event');
    const missing = this.#timeout(number, start);
    return [
      ...taken,
      ...taken.map(({ to }) => ({ outcome: 'duplicate event', to })),
      ...missing.map(({ outcome, to }) => ({ outcome: outcome.replace(/^timeout/, 'reordered event'), to })),
      ...missing,
    ];
  }

  #timeout(number: number, start: Start): readonly Step[] {
    const failure = failureOf('timeout');
    for (let at: number | null = number; at !== null; at = this.#place(at).owner)
      if (own(this.#place(at).task.value, 'timeout') !== undefined) return this.#fail(at, failure, start);
    if (this.source.definition.timeout || this.#coverOf(number, failure, start) !== -1)
      return [this.#uncaught(number, failure, start)];
    return [{ outcome: 'timeout', to: { kind: 'endless', because: 'it waits without a timeout' } }];
  }

  #fork(number: number): readonly Step[] {
    const branches = this.#list(number, 'fork/branches')?.tasks ?? [];
    if (branches.length === 0) return [{ outcome: 'no branch', to: after(number) }];
    return branches.map((branch) => ({ outcome: `branch ${branch.name}`, to: this.#before(branch) }));
  }

  #branches(number: number): readonly Step[] {
    const cases = switchCases(this.#place(number).task);
    const others = cases.some(({ when }) => when === undefined)
      ? []
      : [{ outcome: 'no case', to: after(number) }];
    return [
      ...cases.map(({ name, next }) => ({ outcome: `case ${name}`, to: this.#target(number, next) })),
      ...others,
    ];
  }

  #into(number: number, part: string, outcome: string): readonly Step[] {
    const [first] = this.#list(number, part)?.tasks ?? [];
    return [{ outcome, to: first === undefined ? after(number) : this.#before(first) }];
  }

  #leave(number: number): readonly Step[] {
    return [
      { outcome: '', to: this.#target(number, ownText(this.#place(number).task.value, 'then')) },
      ...this.#again(number),
    ];
  }

  /** The last task of a `for` is followed by the next item, too. */
  #again(number: number): readonly Step[] {
    const { owner, role, position, list } = this.#place(number);
    if (owner === null || position + 1 < list.tasks.length) return [];
    if (role === 'foreach/do') return this.#into(owner, 'foreach/do', 'event');
    return role === 'do' && this.#place(owner).task.kind === 'for' ? this.#into(owner, 'do', 'an item') : [];
  }

  #target(number: number, then: string | undefined): number | End {
    const { list, position, owner, role } = this.#place(number);
    if (then === 'end') return END;
    const next = role === 'fork/branches' ? undefined : list.tasks[position + 1];
    if (then === undefined || then === 'continue')
      return next === undefined ? over(owner) : this.#before(next);
    if (then === 'exit') return over(owner);
    const named = this.#names.get(list)?.get(then);
    return named === undefined
      ? { kind: 'lost', because: `it goes on to ${then}, which is not there` }
      : this.#before(named);
  }

  /** Up through what encloses it: each catch that takes it, and each that may not. */
  #fail(number: number, failure: Failure, start: Start): readonly Step[] {
    const steps: Step[] = [];
    let place = this.#place(number);
    for (; place.owner !== null; place = this.#place(place.owner)) {
      const { owner, role } = place;
      if (role !== 'try') continue;
      const clause = own(this.#place(owner).task.value, 'catch');
      const caught = catches(clause, failure);
      if (caught === 'no') continue;
      const steered = this.#caught(owner, failure);
      steps.push(...steered.steps);
      if (caught === 'yes' && steered.ends) return steps;
    }
    return [...steps, this.#uncaught(number, failure, start)];
  }

  /** Tried again, as often as it may be; then what the catch does. Without anything to do, retries that are used up are a failure. */
  #caught(owner: number, { name }: Failure): { readonly steps: readonly Step[]; readonly ends: boolean } {
    const { task } = this.#place(owner);
    const retry = own(ownObject(task.value, 'catch'), 'retry');
    const [first] = this.#list(owner, 'catch/do')?.tasks ?? [];
    const done = { outcome: `${name}, caught`, to: first === undefined ? after(owner) : this.#before(first) };
    if (retry === undefined) return { steps: [done], ends: true };
    const again = this.#into(owner, 'try', `${name}, tried again`);
    if (hasEndlessRetry(task))
      return {
        steps: [
          ...again,
          {
            outcome: `${name}, every time`,
            to: { kind: 'endless', because: 'it is tried again without a limit' },
          },
        ],
        ends: true,
      };
    return first === undefined ? { steps: again, ends: false } : { steps: [...again, done], ends: true };
  }

  #uncaught(number: number, failure: Failure, start: Start): Step {
    const index = this.#coverOf(number, failure, start);
    const outcome = `${failure.name}, not caught`;
    const fallback = this.source.fallbacks[index];
    if (fallback === undefined) return { outcome, to: { kind: 'lost', because: LOST } };
    return fallback.do === 'retry' && fallback.maxDelay === undefined
      ? { outcome, to: { kind: 'endless', because: 'its fallback tries again without a maxDelay' } }
      : { outcome, to: { kind: 'fallback', index } };
  }

  /** @returns the place of the fallback in the manifest, -1 where none covers the failure */
  #coverOf(number: number, failure: Failure, start: Start): number {
    const at = `workflow:${this.source.id}${this.#place(number).task.path}/`;
    const found = this.#fallbacks.find(
      ({ covers, on }) => at.startsWith(covers) && isCovered(on, failure, start),
    );
    return found?.index ?? -1;
  }

  #list(number: number, part: string): TaskList | undefined {
    return this.#lists.get(`${this.#place(number).task.pointer}/${part}`);
  }

  #before(task: Task): number {
    return (this.#numbers.get(task) ?? 0) * 2;
  }
}

const LOST = 'nothing catches it and no fallback covers it';

const after = (number: number): number => number * 2 + 1;

/** The list is over: what holds it goes on. */
const over = (owner: number | null): number | End => (owner === null ? END : after(owner));

const ROLES = ['catch/do', 'fork/branches', 'foreach/do', 'try', 'do'] as const;

function ownerOf(
  pointer: string,
  byPointer: ReadonlyMap<string, number>,
): { readonly owner: number | null; readonly role: string } {
  for (const role of ROLES) {
    if (!pointer.endsWith(`/${role}`)) continue;
    const owner = byPointer.get(pointer.slice(0, -role.length - 1));
    if (owner !== undefined) return { owner, role };
  }
  return { owner: null, role: 'do' };
}
