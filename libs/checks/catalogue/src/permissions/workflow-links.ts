import type { Submission, WorkflowLink } from '@kwanus/checks-kit';
import { type Declared, declaredIn } from '../manifest/declared.js';
import { Manifest } from '../manifest/manifest.schema.js';

/** APIs and events of the platform itself set no workflow of a partner going. */
const ofPlatform = (name: string): boolean => name.startsWith('kwanus.');

/** @returns what the submission's workflows are started by and start, as its manifest says; nothing where that can't be read */
export function workflowLinks({ manifest, integrationId }: Submission): readonly WorkflowLink[] {
  const parsed = Manifest.safeParse(manifest);
  if (!parsed.success) return [];
  const declared = declaredIn(parsed.data);
  return declared.workflows.map(({ id, trigger, handlers = [] }) => ({
    workflow: id,
    startedBy: startOf(trigger, integrationId),
    starts: unique(handlers.flatMap(({ uses }) => startsBy(uses, declared))),
    permissions: unique(handlers.flatMap(({ permission }) => permission ?? [])),
  }));
}

/** @returns everything that the submission can set going elsewhere; nothing where its manifest can't be read */
export function submissionStarts({ manifest }: Submission): readonly string[] {
  const parsed = Manifest.safeParse(manifest);
  return parsed.success ? startsOf(declaredIn(parsed.data)) : [];
}

/** @returns everything that the submission can set going elsewhere: its events, and operations of other integrations that it calls */
export const startsOf = ({ publishes, consumes }: Declared): readonly string[] =>
  unique([
    ...publishes.map(({ type }) => `event:${type}`),
    ...consumes
      .filter(({ api }) => !ofPlatform(api))
      .flatMap(({ api, operations }) => operations.map((operation) => `operation:${api}#${operation}`)),
  ]);

function startOf(
  { event, operation }: Declared['workflows'][number]['trigger'],
  integrationId: string,
): string | null {
  if (event !== undefined) return `event:${event}`;
  return operation === undefined
    ? null
    : `operation:${integrationId}#${operation.split('#').at(-1) ?? operation}`;
}

function startsBy(uses: string, { publishes, consumes }: Declared): readonly string[] {
  if (uses.startsWith('event:')) return publishes.some(({ type }) => uses === `event:${type}`) ? [uses] : [];
  const [api = '', operation = ''] = uses.split('#', 2);
  const consumed = consumes.find(({ id }) => api === `api:${id}`);
  return consumed === undefined || ofPlatform(consumed.api) ? [] : [`operation:${consumed.api}#${operation}`];
}

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();
