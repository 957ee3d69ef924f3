import { collect } from '../collect.js';
import type { Io } from '../io.js';
import { printable } from '../output/table.js';
import { INTEGRATION, type Stage } from './stage.js';

/** The audit trail, what became of its chain, and where to look next. */
export async function epilogue(stage: Stage, io: Io): Promise<void> {
  const { client } = await stage.company.player('operator');
  stage.narrator.rest();
  stage.narrator.chapter('Audit trail');
  const events = await collect(client.integrations.events(INTEGRATION));
  for (const { number, actor, sentence, reason } of events)
    io.out(
      `  ${String(number).padStart(4)}  ${actor.name.padEnd(24)} ${printable(sentence)}${reason === null ? '' : `\n${' '.repeat(33)}“${printable(reason)}”`}\n`,
    );
  const found = await client.verifyChain(INTEGRATION);
  io.out(
    found.intact
      ? `\n  Hash chain: ${found.events} events recomputed from the stored bytes, all of them hold. Head ${found.head ?? ''}\n`
      : `\n  Hash chain: BROKEN at event ${found.broken?.number ?? '?'}: ${found.broken?.reason ?? ''}\n`,
  );
  io.out(
    [
      '\n  Where to look next',
      '    npm start                                        the platform, with data that stays',
      '    npm run kwanus -- login --as olivia              act as a partner engineer',
      '    npm run kwanus -- submit examples/minimal-submission',
      '    npm run kwanus -- replay ID --step               any trail, as of any moment',
      '    docs/explanation/architecture.md                 how it is built\n',
    ].join('\n'),
  );
}
