import type { ControlGraph, End, Start, Step } from './control-graph.js';
import type { Trace } from './trace.js';
import type { Task } from './workflow.js';

/** A path that neither ends nor reaches a declared fallback, the shortest of its kind. */
export interface FailingPath {
  readonly kind: 'lost' | 'endless';
  readonly task: Task;
  /** Every outcome that fails so at this task. */
  readonly outcomes: readonly string[];
  readonly trace: Trace;
}

/** What came of following every path of a workflow. */
export interface Simulation {
  readonly transitions: { readonly explored: number; readonly all: number };
  /** False: a bound was reached, and nothing may be concluded from what was not found. */
  readonly complete: boolean;
  /** How many transitions end the workflow, and how many a catch takes. */
  readonly ends: number;
  readonly caught: number;
  /** Transitions that reach a declared fallback, by its place in the manifest. */
  readonly fallbacks: ReadonlyMap<number, number>;
  /** The first of them, each with its trace; tasks at which paths fail may be more. */
  readonly failing: readonly FailingPath[];
  readonly failingTasks: number;
}

/** Failing paths that are told with their trace. */
const MAX_TRACES = 20;

/** How far a simulation goes before it gives up and says so. */
export interface SimulationLimits {
  readonly transitions: number;
  readonly signal: AbortSignal;
}

/** Transitions between two turns of others. */
const CHUNK = 1_000;

/** Follows every transition once, breadth first, so that the first way to a failure is the shortest. No outcome is left to chance. */
export async function simulate(
  graph: ControlGraph,
  starts: readonly Start[],
  limits: SimulationLimits,
): Promise<Simulation> {
  const exploration = new Exploration(graph, starts, limits.transitions);
  while (exploration.advance(CHUNK)) {
    limits.signal.throwIfAborted();
    await breathe();
  }
  return exploration.result();
}

/** Lets timers and sockets of the process have their turn. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Arrival {
  readonly from: number;
  readonly outcome: string;
}

interface Failing {
  readonly kind: 'lost' | 'endless';
  readonly state: number;
  readonly because: string;
  readonly outcomes: string[];
}

/** A state is a place together with how the instance began: start × size + place. */
class Exploration {
  readonly #queue: number[] = [];
  readonly #arrivals = new Map<number, Arrival | null>();
  readonly #into = new Map<number, number[]>();
  readonly #finishing: number[] = [];
  readonly #failing = new Map<string, Failing>();
  readonly #fallbacks = new Map<number, number>();
  #done = 0;
  #unreached = 0;
  #transitions = 0;
  #explored = 0;
  #all = 0;
  #ends = 0;
  #caught = 0;

  constructor(
    private readonly graph: ControlGraph,
    private readonly starts: readonly Start[],
    private readonly limit: number,
  ) {
    const { first } = graph;
    for (const index of starts.keys()) {
      if (first === null) continue;
      this.#reach(index * graph.size + first, null);
      this.#explored += 1;
      this.#all += 1;
    }
  }

  /** Explores some more; what is never reached is counted at the end. @returns whether there is more to do */
  advance(chunk: number): boolean {
    const pause = this.#transitions + chunk;
    for (let states = 0; states < chunk && this.#transitions < pause; states += 1) {
      if (this.#transitions > this.limit) return false;
      const state = this.#queue[this.#done];
      if (state === undefined) {
        if (this.#unreached >= this.graph.size) return false;
        this.#countUnreached(this.#unreached);
        this.#unreached += 1;
      } else {
        this.#done += 1;
        this.#explore(state);
      }
    }
    return true;
  }

  result(): Simulation {
    const complete = this.#transitions <= this.limit;
    const found = [...this.#failing.values(), ...(complete ? this.#circling() : [])];
    return {
      transitions: { explored: this.#explored, all: this.#all },
      complete,
      ends: this.#ends,
      caught: this.#caught,
      fallbacks: this.#fallbacks,
      failing: found.slice(0, MAX_TRACES).map((failing) => this.#pathTo(failing)),
      failingTasks: found.length,
    };
  }

  #explore(state: number): void {
    const steps = this.#stepsOf(state);
    this.#transitions += steps.length;
    if (state < this.graph.size) {
      this.#explored += steps.length;
      this.#all += steps.length;
    }
    for (const step of steps) this.#take(state, step);
  }

  #countUnreached(place: number): void {
    if (this.#arrivals.has(place)) return;
    const { length } = this.#stepsOf(place);
    this.#transitions += length;
    this.#all += length;
  }

  #stepsOf(state: number): readonly Step[] {
    return this.graph.steps(state % this.graph.size, this.#startOf(state));
  }

  #startOf(state: number): Start {
    return this.starts[Math.floor(state / this.graph.size)] ?? 'start';
  }

  #take(state: number, { outcome, to }: Step): void {
    if (outcome.endsWith('caught') && !outcome.endsWith('not caught')) this.#caught += 1;
    if (typeof to !== 'number') {
      this.#finishing.push(state);
      this.#finish(state, outcome, to);
      return;
    }
    const next = state - (state % this.graph.size) + to;
    const known = this.#into.get(next);
    if (known === undefined) this.#into.set(next, [state]);
    else known.push(state);
    if (!this.#arrivals.has(next)) this.#reach(next, { from: state, outcome });
  }

  #reach(state: number, arrival: Arrival | null): void {
    this.#arrivals.set(state, arrival);
    this.#queue.push(state);
  }

  #finish(state: number, outcome: string, to: End): void {
    if (to.kind === 'end') this.#ends += 1;
    else if (to.kind === 'fallback') this.#fallbacks.set(to.index, (this.#fallbacks.get(to.index) ?? 0) + 1);
    else {
      const key = `${to.kind} ${state % this.graph.size} ${to.because}`;
      const known = this.#failing.get(key);
      if (known === undefined)
        this.#failing.set(key, { kind: to.kind, state, because: to.because, outcomes: [outcome] });
      else if (!known.outcomes.includes(outcome)) known.outcomes.push(outcome);
    }
  }

  #pathTo({ kind, state, because, outcomes }: Failing): FailingPath {
    const [outcome = ''] = outcomes;
    return {
      kind,
      task: this.graph.taskAt(state % this.graph.size),
      outcomes,
      trace: this.#trace(state, outcome, because),
    };
  }

  #trace(state: number, outcome: string, end: string): Trace {
    const steps = [this.#stepOf(state, outcome)];
    for (let at = state; ; ) {
      const arrival = this.#arrivals.get(at);
      if (arrival === undefined || arrival === null) break;
      if (this.graph.isBefore(arrival.from % this.graph.size))
        steps.push(this.#stepOf(arrival.from, arrival.outcome));
      at = arrival.from;
    }
    return { start: this.#startOf(state), steps: steps.reverse(), end };
  }

  #stepOf(state: number, outcome: string): Trace['steps'][number] {
    return { task: this.graph.taskAt(state % this.graph.size).path, outcome };
  }

  /** Places from which no way leads to any end: the one that is reached first stands for all of them. */
  #circling(): readonly Failing[] {
    const ending = new Set(this.#finishing);
    const open = [...ending];
    for (let state = open.pop(); state !== undefined; state = open.pop())
      for (const from of this.#into.get(state) ?? [])
        if (!ending.has(from)) {
          ending.add(from);
          open.push(from);
        }
    const first = this.#queue.find((state) => !ending.has(state));
    if (first === undefined) return [];
    return [{ kind: 'endless', state: first, because: 'no way leads to an end', outcomes: [''] }];
  }
}
