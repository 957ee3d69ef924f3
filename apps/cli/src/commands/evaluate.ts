import { validationHttp } from '@kwanus/contracts';
import type { z } from 'zod';
import { moment, wholeNumber } from '../arguments.js';
import { CommandFailed, EXIT, usage } from '../exit.js';
import { printable } from '../output/table.js';
import type { AddCommand } from '../program.js';

interface EvaluateOptions {
  readonly resource: string;
  readonly workspace: string;
  readonly resourceWorkspace?: string;
  readonly fields?: string;
  readonly release?: string;
  readonly at?: string;
  readonly version?: number;
  readonly json?: boolean;
}

/** `kwanus permissions evaluate`: what the platform's services are answered when they ask whether an integration may. */
export const addEvaluate: AddCommand = (permissions, context) => {
  permissions
    .command('evaluate')
    .description('whether an integration may do something, by which policies; exit 1 when not')
    .argument('<id>')
    .argument('<action>')
    .requiredOption('--resource <type:id>', 'for example order:o-1')
    .requiredOption('--workspace <workspace>', 'in which the integration works')
    .option('--resource-workspace <workspace>', 'that the resource belongs to; default: the same')
    .option('--fields <list>', 'that are touched, with commas between them')
    .option('--release <version>', 'default: the one whose rollout began last')
    .option('--at <moment>', 'as of that time (RFC 3339, or a day)', moment)
    .option('--version <number>', 'by an earlier version of the registry', wholeNumber)
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      '\nExample: kwanus permissions evaluate acme.orders read --resource order:o-1 --workspace w-17 --fields id,status',
    )
    .action(async (integrationId: string, action: string, options: EvaluateOptions) => {
      const { at, version, json = false } = options;
      const decision = await context
        .client()
        .calls.post(
          '/v1/permissions/evaluate',
          questionOf(integrationId, action, options),
          validationHttp.PermissionDecision,
          { query: { at, version } },
        );
      context.print(json, decision, () => decisionText(decision));
      if (decision.decision === 'deny')
        throw new CommandFailed(EXIT.refused, `${integrationId} may not ${action} ${options.resource}.`);
    });
};

function questionOf(
  integrationId: string,
  action: string,
  { resource, workspace, resourceWorkspace = workspace, fields, release }: EvaluateOptions,
): z.input<typeof validationHttp.PermissionQuestion> {
  const [, type, id] = /^([^:]+):(.+)$/.exec(resource) ?? [];
  if (type === undefined || id === undefined)
    throw usage(`--resource takes type:id, for example order:o-1, not ${printable(resource)}.`);
  return {
    integrationId,
    ...(release === undefined ? {} : { release }),
    workspace,
    action,
    resource: { type, id, workspace: resourceWorkspace },
    fields: fields?.split(',').map((field) => field.trim()) ?? [],
  };
}

const decisionText = ({
  decision,
  policies,
  reason,
  release,
  registryVersion,
  at,
}: z.infer<typeof validationHttp.PermissionDecision>): string =>
  [
    `${decision}: ${printable(reason)}`,
    `policies: ${policies.length === 0 ? 'none' : policies.map(printable).join(', ')}`,
    `release ${release ?? 'none'}, registry version ${registryVersion}, at ${at}`,
    '',
  ].join('\n');
