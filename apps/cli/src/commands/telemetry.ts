import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { wholeNumber } from '../arguments.js';
import { usage } from '../exit.js';
import type { AddCommand } from '../program.js';
import { sendTelemetry } from '../send-telemetry.js';

/** More than this is the work of a load generator. */
const MOST_AT_ONCE = 100_000;

interface SendOptions {
  readonly file?: string;
  readonly type?: string;
  readonly data?: string;
  readonly count: number;
  readonly json?: boolean;
}

function eventsOf({ file, type, data, count }: SendOptions): unknown[] {
  if (file !== undefined) {
    const parsed = parse(readFileSync(file === '-' ? 0 : file, 'utf8'), file);
    return Array.isArray(parsed) ? parsed : [parsed];
  }
  if (type === undefined || data === undefined)
    throw usage('Give --file FILE, or --type TYPE with --data JSON.');
  if (count < 1 || count > MOST_AT_ONCE) throw usage(`--count takes 1 to ${MOST_AT_ONCE}.`);
  const body = parse(data, '--data') as Record<string, unknown>;
  return Array.from({ length: count }, () => ({
    specversion: '1.0',
    id: randomUUID(),
    source: 'kwanus-cli',
    type: `kwanus.telemetry.${type}.v1`,
    data: { at: new Date().toISOString(), ...body },
  }));
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usage(`${where} is not JSON.`);
  }
}

/** `kwanus telemetry send` */
export const addTelemetry: AddCommand = (program, context) => {
  program
    .command('telemetry')
    .description('send telemetry by hand')
    .command('send')
    .description('send CloudEvents: from a file (- is stdin), or one type with its data')
    .option('--file <file>', 'one structured CloudEvent, or an array of them')
    .option('--type <type>', 'api-call | workflow-run | permission-use | extension')
    .option('--data <json>', '`at` is now unless it is given')
    .option('--count <n>', 'how many of them', wholeNumber, 1)
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      '\nExample: kwanus telemetry send --type api-call --data \'{"integration":"acme.orders","release":"1.0.0","workspace":"w1","operation":"getOrder","status":200,"durationMs":12}\'',
    )
    .action(async (options: SendOptions) => {
      const events = eventsOf(options);
      const accepted = await sendTelemetry(context.client(), events);
      context.print(options.json ?? false, { accepted }, () => `${accepted} accepted.\n`);
    });
};
