import { collect } from '../collect.js';
import type { Io } from '../io.js';
import { furtherReason, printable } from '../output/table.js';
import { INTEGRATION, type Stage } from './stage.js';

/** What remains of the demo. */
export interface Remains {
  readonly dataDir: string;
  /** Where the platform stays up; null when it ends. */
  readonly address: string | null;
}

/** The audit trail, what became of its chain, and where to look next. */
export async function epilogue(stage: Stage, io: Io, remains: Remains): Promise<void> {
  const { client } = await stage.company.player('operator');
  stage.narrator.rest();
  stage.narrator.chapter('Audit trail');
  // What comes after the verification stands in neither: the trail that is shown is the one that was verified.
  const found = await client.verifyChain(INTEGRATION);
  const all = await collect(client.integrations.events(INTEGRATION));
  const events = found.intact ? all.filter(({ number }) => number <= found.events) : all;
  for (const { number, actor, sentence, reason } of events) {
    const further = furtherReason(sentence, reason);
    io.out(`  ${String(number).padStart(4)}  ${actor.name.padEnd(24)} ${printable(sentence)}\n`);
    if (further !== null) io.out(`${' '.repeat(33)}“${printable(further)}”\n`);
  }
  io.out(
    found.intact
      ? `\n  Hash chain: ${found.events} events recomputed from the stored bytes, all of them hold. Head ${found.head ?? ''}\n`
      : `\n  Hash chain: BROKEN at event ${found.broken?.number ?? '?'}: ${found.broken?.reason ?? ''}\n`,
  );
  io.out(whereToLookNext(remains));
}

function whereToLookNext({ dataDir, address }: Remains): string {
  const stays = address !== null;
  return [
    '\n  Where to look next',
    `    This trail as of any moment${stays ? ', in another terminal' : ''} (the next demo empties the folder):`,
    `      export KWANUS_DATA_DIR=${dataDir}${stays ? ` KWANUS_URL=${address}` : ''}`,
    ...(stays ? [] : ['      npm start                  # and in another terminal, with the same export:']),
    '      npm run kwanus -- login --as oscar',
    `      npm run kwanus -- replay ${INTEGRATION} --step`,
    '    An integration of your own: docs/tutorials/first-integration.md',
    '    How it is built: docs/explanation/architecture.md\n',
  ].join('\n');
}
