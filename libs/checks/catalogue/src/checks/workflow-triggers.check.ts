import { type Fix, own, ownObject, ownText, pointerOf } from '@kwanus/checks-kit';
import semver from 'semver';
import { entryFix } from '../fixes/fixes.js';
import type { CheckRun } from '../run/check-run.js';
import { type SubmittedWorkflow, submittedWorkflows } from '../workflow/definitions.js';

/** WF006 a trigger that never fires, or a subscription that the platform does not serve, WF015 none or several, WF016 two workflows with one trigger. */
export async function checkWorkflowTriggers(run: CheckRun): Promise<string> {
  const workflows = await submittedWorkflows(run.inspection, run.manifest);
  const seen = new Map<string, string>();
  for (const workflow of workflows) {
    const { declared } = workflow;
    const say = triggerFault(run, workflow);
    const given = Object.entries(declared.trigger).filter(([, value]) => value !== undefined);
    const [only] = given;
    if (only === undefined || given.length > 1) {
      await say('WF015', `it has ${given.length} triggers`, 'Name one of event, schedule, operation.');
      continue;
    }
    const key = only.join(' ');
    const other = seen.get(key);
    if (other !== undefined)
      await say(
        'WF016',
        `it has the same trigger as ${other}: ${key}`,
        'Merge the two, or tell their triggers apart.',
      );
    seen.set(key, declared.id);
    await checkEventTrigger(run, workflow);
  }
  await checkSubscriptions(run);
  return `${workflows.length} workflows, each with one trigger of its own that can fire.`;
}

const triggerFault =
  (run: CheckRun, { declared, index }: SubmittedWorkflow) =>
  (rule: string, message: string, remedy: string, fix: Fix | null = null): Promise<void> =>
    run.blocks(rule, {
      pointer: pointerOf('workflows', index, 'trigger'),
      subject: `${declared.id} ${message}`,
      message: `${declared.id}: ${message}.`,
      why: 'A workflow that nothing starts, or that starts twice, does not do what it says.',
      remedy,
      fix,
    });

async function checkEventTrigger(run: CheckRun, workflow: SubmittedWorkflow): Promise<void> {
  const { event } = workflow.declared.trigger;
  if (event === undefined) return;
  const say = triggerFault(run, workflow);
  if (!run.declared.subscribes.some(({ type }) => type === event))
    await say(
      'WF006',
      `nobody subscribes to ${event}`,
      'Add it to events.subscribes.',
      entryFix(run, '/events/subscribes', { type: event }),
    );
  const scheduled = workflow.document?.ok === true ? scheduledEvent(workflow.document.value) : null;
  if (scheduled !== null && scheduled !== event)
    await say(
      'WF006',
      `the definition waits for ${scheduled}, the manifest says ${event}`,
      'Let both say the same.',
    );
}

const scheduledEvent = (definition: Parameters<typeof own>[0]): string | null =>
  ownText(ownObject(ownObject(ownObject(ownObject(definition, 'schedule'), 'on'), 'one'), 'with'), 'type') ??
  null;

/** What the platform's registry of events says of what is subscribed to; events of others are not in it. */
async function checkSubscriptions(run: CheckRun): Promise<void> {
  const { events } = run.context;
  if (events === undefined) return;
  const published = new Map(events.map(({ type, versions }) => [type, versions]));
  for (const [index, { type, version = '*' }] of run.declared.subscribes.entries()) {
    const versions = published.get(type);
    const place = {
      subject: `${type} subscription`,
      why: 'What never comes, or comes in another form, starts nothing.',
    };
    if (versions === undefined) {
      if (type.startsWith(OF_PLATFORM))
        await run.warns('WF006', {
          ...place,
          pointer: pointerOf('events', 'subscribes', index),
          message: `${type} is not in the platform’s registry of events.`,
          remedy: `Subscribe to one that is: ${[...published.keys()].slice(0, 10).join(', ')}.`,
        });
    } else if (!versions.some((each) => semver.satisfies(each, version, { includePrerelease: true })))
      await run.blocks('WF006', {
        ...place,
        pointer: pointerOf('events', 'subscribes', index, 'version'),
        message: `${version} holds none of the versions of ${type} that the platform publishes (${versions.join(', ')}).`,
        remedy: 'Read one of those versions, and name a range that holds it.',
      });
  }
}

const OF_PLATFORM = 'kwanus.';
