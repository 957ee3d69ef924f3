import { ownText } from '@kwanus/checks-kit';
import { switchCases, type Task, type TaskList } from './workflow.js';

/** What is wrong with the order of a list of tasks. */
export interface FlowFault {
  readonly rule: 'WF001' | 'WF002' | 'WF003' | 'WF004';
  readonly task: Task;
  readonly detail: string;
}

const END = -1;

/** Follows `then` and the branches of switches through one list. */
export function flowFaults({ tasks }: TaskList): readonly FlowFault[] {
  const places = new Map(tasks.map(({ name }, index) => [name, index]));
  const faults: FlowFault[] = [];
  const edges = tasks.map((task, index) => edgesOf(task, index, { tasks, places, faults }));
  const into = reversed(edges);
  const reached = spread([0], (place) => edges[place] ?? []);
  const ending = spread([END], (place) => into.get(place) ?? []);
  const waiting = spread(
    tasks.flatMap(({ kind }, index) => (kind === 'wait' || kind === 'listen' ? [index] : [])),
    (place) => into.get(place) ?? [],
  );
  for (const [index, task] of tasks.entries()) {
    if (!reached.has(index)) faults.push({ rule: 'WF002', task, detail: `${task.name} is never reached` });
    else if (!ending.has(index))
      faults.push(
        waiting.has(index)
          ? { rule: 'WF003', task, detail: `from ${task.name} no way leads to the end` }
          : {
              rule: 'WF004',
              task,
              detail: `${task.name} runs in a loop that has no exit, no wait and no limit`,
            },
      );
  }
  return faults;
}

interface Surroundings {
  readonly tasks: readonly Task[];
  readonly places: ReadonlyMap<string, number>;
  readonly faults: FlowFault[];
}

function edgesOf(task: Task, index: number, { tasks, places, faults }: Surroundings): readonly number[] {
  const following = index + 1 < tasks.length ? index + 1 : END;
  const target = (then: string | undefined): readonly number[] => {
    if (then === undefined || then === 'continue') return [following];
    if (then === 'end' || then === 'exit') return [END];
    const place = places.get(then);
    if (place === undefined)
      faults.push({ rule: 'WF001', task, detail: `${task.name} goes on to ${then}, which is not there` });
    return place === undefined ? [] : [place];
  };
  if (task.kind === 'raise') return [END];
  if (task.kind !== 'switch') return target(ownText(task.value, 'then'));
  const cases = switchCases(task);
  const others = cases.some(({ when }) => when === undefined) ? [] : target(ownText(task.value, 'then'));
  return [...cases.flatMap(({ next }) => target(next)), ...others];
}

/** Each place with those that lead to it. */
function reversed(edges: readonly (readonly number[])[]): ReadonlyMap<number, readonly number[]> {
  const into = new Map<number, number[]>();
  for (const [from, targets] of edges.entries())
    for (const to of targets) {
      const known = into.get(to);
      if (known === undefined) into.set(to, [from]);
      else known.push(from);
    }
  return into;
}

function spread(start: readonly number[], next: (place: number) => readonly number[]): ReadonlySet<number> {
  const found = new Set(start);
  const open = [...start];
  for (let place = open.pop(); place !== undefined; place = open.pop())
    for (const other of next(place))
      if (!found.has(other)) {
        found.add(other);
        open.push(other);
      }
  return found;
}
