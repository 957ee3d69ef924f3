import { validationHttp } from '@kwanus/contracts';
import { segment } from '@kwanus/platform-client';
import type { Command } from 'commander';
import type { z } from 'zod';
import { moment } from '../arguments.js';
import { collect } from '../collect.js';
import type { Context } from '../context.js';
import { table } from '../output/table.js';

type View = z.infer<typeof validationHttp.RevocationView>;

interface ListOptions {
  readonly status?: string;
  readonly at?: string;
  readonly json?: boolean;
}

/** `kwanus permissions revocations [ID]`, `revoke` and `keep`: what should be taken from live releases, and what the body decides. */
export function addRevocations(permissions: Command, context: Context): void {
  addListing(permissions, context);
  addDecision(permissions, context, {
    name: 'revoke',
    decision: 'accepted',
    description: 'SCO: takes a permission away, as it was proposed',
  });
  addDecision(permissions, context, {
    name: 'keep',
    decision: 'rejected',
    description: 'SCO: lets a permission be kept; it is asked again after as long as the playbook says',
  });
}

function addListing(permissions: Command, context: Context): void {
  permissions
    .command('revocations')
    .description(
      'permissions of live releases that nobody uses, or that are used and not held, and what was decided',
    )
    .argument('[id]', 'an integration; left out: all')
    .option('--status <status>', 'open | accepted | rejected | lapsed')
    .option('--at <moment>', 'as it was at that time (RFC 3339, or a day); with an integration', moment)
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample: kwanus permissions revocations --status open')
    .action(async (id: string | undefined, { status, at, json = false }: ListOptions) => {
      const { calls } = context.client();
      const items =
        id === undefined || at === undefined
          ? await collect(
              calls.all('/v1/permissions/revocations', validationHttp.RevocationPage, {
                query: { integration: id, status, at },
              }),
            )
          : (
              await calls.get(`/v1/permissions/revocations/${segment(id)}`, validationHttp.RevocationsView, {
                query: { at },
              })
            ).items.filter((one) => status === undefined || one.status === status);
      context.print(
        json,
        items,
        () =>
          table(['integration', 'release', 'permission', 'state', 'evidence'], items.map(rowOf)) ||
          'Nothing is proposed for revocation.\n',
      );
    });
}

const rowOf = (one: View): string[] => [
  one.integrationId,
  one.release,
  one.permission,
  one.status,
  evidenceOf(one) + (one.reason === null ? '' : `; ${one.reason}`),
];

function evidenceOf({ ground, window, lastUsedAt, count }: View): string {
  if (ground === 'undeclared' || window === null) return `used ${count} × without being held`;
  const looked = `${window.from.slice(0, 10)} to ${window.to.slice(0, 10)}`;
  return `not used from ${looked}, last used ${lastUsedAt?.slice(0, 10) ?? 'never'}`;
}

interface Decision {
  readonly name: string;
  readonly decision: 'accepted' | 'rejected';
  readonly description: string;
}

function addDecision(
  permissions: Command,
  context: Context,
  { name, decision, description }: Decision,
): void {
  permissions
    .command(name)
    .description(description)
    .argument('<id>', 'the integration')
    .argument('<permission>')
    .requiredOption('--release <version>', 'the release that the proposal names')
    .requiredOption('--reason <text>')
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      `\nExample: kwanus permissions ${name} acme.orders orders:write --release 1.3.0 --reason "…"`,
    )
    .action(
      async (
        id: string,
        permission: string,
        { release, reason, json = false }: { release: string; reason: string; json?: boolean },
      ) => {
        const done = await context
          .client()
          .calls.post(
            `/v1/permissions/revocations/${segment(id)}/${segment(permission)}/decisions`,
            { release, decision, reason },
            validationHttp.RevocationCommitted,
          );
        context.print(json, done, () =>
          done.status === 'accepted'
            ? `${permission} is taken from ${id} ${done.releases.join(', ')}.\n`
            : `${permission} is kept by ${id}; it is asked about again from ${done.askAgainFrom ?? ''} on.\n`,
        );
      },
    );
}
