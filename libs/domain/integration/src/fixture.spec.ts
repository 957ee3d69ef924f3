import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { digest, uuid } from '../testing/orders.js';
import { ReleaseLife } from '../testing/release-life.js';
import { actorOf, foldFrom, gatesOf, reasonOf, describe as sentence } from './index.js';

const PATH = fileURLToPath(new URL('../fixtures/acme.orders.jsonl', import.meta.url));

/** A first release signed off, a second one rolled back, as `GET /v1/integrations/{id}/events` gives it; the hashes are made up. */
function trail(): string {
  const first = new ReleaseLife().until(8);
  const second = first.next('1.1.0');
  second.submit('amir', { parts: { 'manifest:workflows': 'changed' } });
  second.vote('emil', 'approval:ERC');
  second.phase('preparation');
  second.phase('implementation');
  second.fact(second.verdict());
  second.vote('emil', 'checkpoint:workflow');
  second.rollOut();
  second.rollBack('1.0.0');
  return first.events
    .map((event, index) => {
      const at = new Date(Date.parse('2026-11-23T10:00:00Z') + index * 1000).toISOString();
      const id = actorOf(event) ?? 'system:intake';
      return JSON.stringify({
        number: index + 1,
        eventId: uuid(900_000 + index),
        type: event.type,
        schemaVersion: 1,
        sentence: sentence(event),
        reason: reasonOf(event),
        release: 'release' in event.data ? event.data.release : null,
        actor: { id, name: id },
        occurredAt: at,
        recordedAt: at,
        playbookVersion: '1.0',
        correlationId: uuid(1),
        causationId: null,
        data: event.data,
        prevHash: index === 0 ? '0'.repeat(64) : digest(`event ${index}`),
        hash: digest(`event ${index + 1}`),
      });
    })
    .join('\n')
    .concat('\n');
}

describe('fixtures/acme.orders.jsonl', () => {
  const written = (): string => readFileSync(PATH, 'utf8');
  const folded = () =>
    foldFrom(
      written()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );

  it('is what these rules make of a whole life (else: UPDATE_FIXTURES=1 npm run jest -- libs/domain/integration)', () => {
    if (process.env['UPDATE_FIXTURES'] === '1') writeFileSync(PATH, trail());
    expect(written()).toBe(trail());
  });

  it('folds twice to the same state, with the same gates', () => {
    const state = folded();
    expect(folded()).toEqual(state);
    expect(state).toMatchObject({
      live: '1.0.0',
      releases: { '1.0.0': { status: 'live' }, '1.1.0': { status: 'rolled-back', step: 5 } },
    });
    const context = {
      playbook: { steps: [], decisions: [], checks: [], waivers: { never: [] } } as never,
      asOf: '2026-11-24T00:00:00Z',
    };
    expect(gatesOf(state, '1.1.0', context)).toHaveLength(7);
  });
});
