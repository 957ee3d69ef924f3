import { moment } from '../arguments.js';
import { usage } from '../exit.js';
import { table } from '../output/table.js';
import type { AddCommand } from '../program.js';
import { chosenRelease } from './decide.js';

interface WaiveOptions {
  readonly check?: string;
  readonly finding?: string;
  readonly hold?: string;
  readonly rolloutType?: string;
  readonly reason: string;
  readonly until: string;
  readonly release?: string;
  readonly json?: boolean;
}
type Target =
  | { kind: 'check'; check: string }
  | { kind: 'finding'; check: string; ruleId: string; fingerprint: string }
  | { kind: 'rollout-hold'; step: string }
  | { kind: 'rollout-type'; rollout: 'full' | 'staged' | 'controlled' };

function targetOf({ check, finding, hold, rolloutType }: WaiveOptions): Target {
  if (finding !== undefined) {
    const [ruleId, fingerprint] = finding.split(':');
    if (check === undefined || ruleId === undefined || fingerprint === undefined)
      throw usage(
        'A finding is named as --check CHECK --finding RULE:FINGERPRINT, as `kwanus status` and the verdict show it.',
      );
    return { kind: 'finding', check, ruleId, fingerprint };
  }
  if (check !== undefined) return { kind: 'check', check };
  if (hold !== undefined) return { kind: 'rollout-hold', step: hold };
  if (rolloutType === 'full' || rolloutType === 'staged' || rolloutType === 'controlled')
    return { kind: 'rollout-type', rollout: rolloutType };
  throw usage(
    'Say what is waived: --check CHECK, --check CHECK --finding RULE:FINGERPRINT, --hold STEP or --rollout-type TYPE.',
  );
}

/** `kwanus waive ID BODY …` and `kwanus waivers ID` */
export const addWaive: AddCommand = (program, context) => {
  addGrant(program, context);
  addWaivers(program, context);
};

const addGrant: AddCommand = (program, context) => {
  program
    .command('waive')
    .description('accept, as a member of the owning body and until a day, what a check says')
    .argument('<id>')
    .argument('<body>', 'TSC | SCO | ERC | CGB')
    .option('--check <check>', 'id of the check')
    .option('--finding <rule:fingerprint>', 'one finding of the check')
    .option('--hold <step>', 'a rollout step that is held for want of telemetry')
    .option('--rollout-type <type>', 'a laxer type than the computed one')
    .requiredOption('--reason <text>')
    .requiredOption('--until <moment>', 'a day, or a moment (RFC 3339)', moment)
    .option('--release <version>')
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      '\nExample: kwanus waive acme.orders SCO --check vulnerability-scan --reason "Scanned by hand." --until 2027-03-01',
    )
    .action(async (id: string, body: string, options: WaiveOptions) => {
      const { integrations } = context.client();
      const release = options.release ?? chosenRelease(undefined, (await integrations.gates(id)).releases);
      const { reason, until: expiresAt } = options;
      const committed = await integrations.waive(id, {
        release,
        body,
        target: targetOf(options),
        reason,
        expiresAt,
      });
      context.print(
        options.json ?? false,
        committed,
        () => `Waived: ${id} ${release} is at version ${committed.version}.\n`,
      );
    });
};

/** `check vulnerability-scan`: the kind of target, then what names it. */
const waived = ({ kind, ...named }: Readonly<Record<string, unknown>>): string =>
  [kind, ...Object.values(named)].map(String).join(' ');

const addWaivers: AddCommand = (program, context) => {
  program
    .command('waivers')
    .description('the waivers of an integration, those that ran out included')
    .argument('<id>')
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample: kwanus waivers acme.orders')
    .action(async (id: string, { json = false }: { json?: boolean }) => {
      const view = await context.client().integrations.waivers(id);
      const rows = view.items.map((one) => [
        one.release,
        one.body,
        waived(one.target),
        one.inForce ? 'in force' : 'not in force',
        one.expiresAt,
        one.reason,
      ]);
      context.print(
        json,
        view,
        () => table(['release', 'body', 'what', 'state', 'until', 'reason'], rows) || 'No waivers.\n',
      );
    });
};
