import { isObject, own, ownList, ownObject, ownText, pointerOf } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';

/** Kinds of task of Serverless Workflow 1.0 that partners may use. */
export const TASK_KINDS = [
  'call',
  'do',
  'try',
  'switch',
  'fork',
  'emit',
  'listen',
  'set',
  'wait',
  'for',
  'raise',
] as const;
export type TaskKind = (typeof TASK_KINDS)[number] | 'run' | 'unknown';

/** One task of a workflow. */
export interface Task {
  readonly name: string;
  /** RFC 6901 pointer into the definition: `/do/0/publish/try/0/post`. */
  readonly pointer: string;
  /** The pointer without places in lists: `/do/publish/try/post`. */
  readonly path: string;
  readonly kind: TaskKind;
  readonly value: JsonObject;
  /** Inside a `try` that has a `catch`. */
  readonly guarded: boolean;
}

/** A list of tasks that run one after another. */
export interface TaskList {
  readonly pointer: string;
  readonly tasks: readonly Task[];
}

/** A definition as far as the checks need it. */
export interface WorkflowDefinition {
  readonly dsl: string | null;
  readonly lists: readonly TaskList[];
  /** All tasks of all lists, outer ones first. */
  readonly tasks: readonly Task[];
  /** Where something stands that is no task; the first of them. */
  readonly malformed: readonly string[];
  /** There are more tasks than are looked at. */
  readonly truncated: boolean;
  /** The workflow as a whole has a timeout. */
  readonly timeout: boolean;
}

/** Tasks of a workflow that are looked at. */
export const MAX_TASKS = 5_000;
const MAX_MALFORMED = 100;

/** @returns the path of a task whichever way it is written: with or without the places in lists */
export const taskPath = (pointer: string): string => pointer.replace(/\/\d+(?=\/|$)/g, '');

/** Reads a definition without recursion; what is not a task is listed under `malformed`. */
export function readWorkflow(definition: Json): WorkflowDefinition {
  const lists: TaskList[] = [];
  const malformed: string[] = [];
  const open: Opened[] = [{ list: own(definition, 'do'), pointer: '/do', guarded: false }];
  let count = 0;
  let truncated = false;
  if (!Array.isArray(own(definition, 'do'))) malformed.push('/do');
  for (let next = open.shift(); next !== undefined && !truncated; next = open.shift()) {
    const found = tasksOf(next, malformed);
    const tasks = found.slice(0, MAX_TASKS - count);
    truncated ||= tasks.length < found.length;
    count += tasks.length;
    if (tasks.length > 0) lists.push({ pointer: next.pointer, tasks });
    for (const task of tasks) open.push(...listsInside(task));
  }
  return {
    dsl: ownText(own(definition, 'document'), 'dsl') ?? null,
    lists,
    tasks: lists.flatMap(({ tasks }) => tasks),
    malformed: malformed.slice(0, MAX_MALFORMED),
    truncated,
    timeout: own(definition, 'timeout') !== undefined,
  };
}

interface Opened {
  readonly list: Json | undefined;
  readonly pointer: string;
  readonly guarded: boolean;
}

function tasksOf({ list, pointer, guarded }: Opened, malformed: string[]): readonly Task[] {
  if (!Array.isArray(list)) return [];
  return (list as readonly Json[]).flatMap((entry, index) => {
    const [named, ...rest] = isObject(entry) ? Object.entries(entry) : [];
    if (named === undefined || rest.length > 0 || !isObject(named[1])) {
      malformed.push(pointer + pointerOf(index));
      return [];
    }
    const [name, value] = named;
    const place = pointer + pointerOf(index, name);
    return [
      {
        name,
        pointer: place,
        path: taskPath(place),
        kind: kindOf(value as JsonObject),
        value: value as JsonObject,
        guarded,
      },
    ];
  });
}

function kindOf(value: JsonObject): TaskKind {
  if (Object.hasOwn(value, 'run')) return 'run';
  if (Object.hasOwn(value, 'for')) return 'for'; // a for has a `do` too
  if (Object.hasOwn(value, 'try')) return 'try';
  return TASK_KINDS.find((kind) => Object.hasOwn(value, kind)) ?? 'unknown';
}

function listsInside({ value, pointer, guarded, kind }: Task): readonly Opened[] {
  const caught = kind === 'try' && isObject(own(value, 'catch'));
  return [
    { list: own(value, 'do'), pointer: `${pointer}/do`, guarded },
    { list: own(value, 'try'), pointer: `${pointer}/try`, guarded: guarded || caught },
    { list: own(ownObject(value, 'catch'), 'do'), pointer: `${pointer}/catch/do`, guarded },
    { list: own(ownObject(value, 'fork'), 'branches'), pointer: `${pointer}/fork/branches`, guarded },
    { list: own(ownObject(value, 'foreach'), 'do'), pointer: `${pointer}/foreach/do`, guarded },
  ].filter(({ list }) => list !== undefined);
}

/** @returns the pointers before each `/try/`: of the tries around a task, and of tasks of that name, which are no tries */
export function triesAround(pointer: string): readonly string[] {
  const found: string[] = [];
  for (let end = pointer.indexOf('/try/'); end !== -1; end = pointer.indexOf('/try/', end + 1))
    found.push(pointer.slice(0, end));
  return found;
}

/** @returns whether a `try` tries again without a limit; a retry that is only named is not known to have one */
export function hasEndlessRetry({ value }: Task): boolean {
  const retry = own(ownObject(value, 'catch'), 'retry');
  if (retry === undefined) return false;
  const limit = ownObject(retry, 'limit');
  return own(ownObject(limit, 'attempt'), 'count') === undefined && own(limit, 'duration') === undefined;
}

/** @returns the branches of a switch: name, condition, and where it goes on */
export const switchCases = ({
  value,
}: Task): readonly {
  readonly name: string;
  readonly when: Json | undefined;
  readonly next: string | undefined;
}[] =>
  ownList(value, 'switch').flatMap((entry) =>
    isObject(entry)
      ? Object.entries(entry).map(([name, branch]) => ({
          name,
          when: own(branch, 'when'),
          next: ownText(branch, 'then'),
        }))
      : [],
  );
