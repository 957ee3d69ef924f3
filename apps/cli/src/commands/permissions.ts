import { validationHttp } from '@kwanus/contracts';
import { segment } from '@kwanus/platform-client';
import type { Command } from 'commander';
import { moment } from '../arguments.js';
import type { Context } from '../context.js';
import { table } from '../output/table.js';
import type { AddCommand } from '../program.js';
import { addEvaluate } from './evaluate.js';
import { addRevocations } from './revocations.js';

interface ProposeOptions {
  readonly title: string;
  readonly owner: string;
  readonly resource: string;
  readonly actions: string;
  readonly reason: string;
  readonly privileged?: boolean;
}

/** `kwanus permissions`, and below it `propose`, `decide`, `tier`, `evaluate`, `revocations`, `revoke`, `keep`: the registry and what it lets be done, as of any moment. */
export const addPermissions: AddCommand = (program, context) => {
  const permissions = addListing(program, context);
  addPropose(permissions, context);
  addDecision(permissions, context);
  addTier(permissions, context);
  addEvaluate(permissions, context);
  addRevocations(permissions, context);
};

const addListing = (program: Command, context: Context): Command =>
  program
    .command('permissions')
    .description('the permission registry, now or as it was')
    .option('--at <moment>', 'as it was at that time (RFC 3339, or a day)', moment)
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample: kwanus permissions')
    .action(async ({ at, json = false }: { at?: string; json?: boolean }) => {
      const view = await context
        .client()
        .calls.get('/v1/permissions', validationHttp.RegistryView, { query: { at } });
      const rows = view.permissions.map((one) => [
        one.id,
        one.status,
        one.actions.join(','),
        one.privileged ? 'privileged' : '',
        one.title,
      ]);
      context.print(
        json,
        view,
        () =>
          `registry version ${view.registryVersion}\n${table(['permission', 'state', 'actions', '', 'title'], rows)}`,
      );
    });
const addPropose: AddCommand = (permissions, context) => {
  permissions
    .command('propose')
    .argument('<id>', 'for example orders:read')
    .requiredOption('--title <text>')
    .requiredOption('--owner <who>')
    .requiredOption('--resource <resource>')
    .requiredOption('--actions <list>', 'with commas between them')
    .requiredOption('--reason <text>')
    .option('--privileged')
    .action(async (id: string, { actions, ...rest }: ProposeOptions) => {
      const body = { id, ...rest, actions: actions.split(',') };
      const done = await context
        .client()
        .calls.post('/v1/permissions', body, validationHttp.RegistryCommitted);
      context.io.out(`Proposed: ${done.permission}; the registry is at version ${done.registryVersion}.\n`);
    });
};

const addDecision: AddCommand = (permissions, context) => {
  permissions
    .command('decide')
    .argument('<id>')
    .argument('<decision>', 'activate | retire')
    .requiredOption('--reason <text>')
    .action(async (id: string, decision: string, { reason }: { reason: string }) => {
      const done = await context
        .client()
        .calls.post(
          `/v1/permissions/${segment(id)}/decisions`,
          { decision, reason },
          validationHttp.RegistryCommitted,
        );
      context.io.out(`Done: ${done.permission}; the registry is at version ${done.registryVersion}.\n`);
    });
};

const addTier: AddCommand = (permissions, context) => {
  permissions
    .command('tier')
    .description('SCO: the tier of a partner, which its integrations are entitled by')
    .argument('<partner>')
    .argument('<tier>', 'its name, or `none`')
    .requiredOption('--reason <text>')
    .action(async (partner: string, tier: string, { reason }: { reason: string }) => {
      const done = await context
        .client()
        .calls.post(
          `/v1/permissions/tiers/${segment(partner)}`,
          { tier: tier === 'none' ? null : tier, reason },
          validationHttp.TierGranted,
        );
      context.io.out(
        `${done.partner}: ${done.tier ?? 'no tier'}; the registry is at version ${done.registryVersion}.\n`,
      );
    });
};
