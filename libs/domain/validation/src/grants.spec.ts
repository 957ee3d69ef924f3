import { describe, expect, it } from '@jest/globals';
import { fold } from '@kwanus/kernel';
import { type GrantsCommand, type GrantsEvent, heldBy, integrationGrants } from './grants.js';

const of = { integrationId: 'acme.parcels' };
const take = (release: string, runId: string | null = `run-${release}`): GrantsCommand => ({
  type: 'TakeGrants',
  ...of,
  release,
  runId,
  judgedRevoked: [],
});
const end = (release: string | null): GrantsCommand => ({
  type: 'EndGrants',
  ...of,
  release,
  cause: 'rolled-back',
});
const told = (...commands: readonly GrantsCommand[]): readonly GrantsEvent[] =>
  commands.reduce<readonly GrantsEvent[]>(
    (events, command) => [
      ...events,
      ...integrationGrants.decide(command, fold(integrationGrants, events), { body: 'SCO' }),
    ],
    [],
  );
const after = (...commands: readonly GrantsCommand[]) => fold(integrationGrants, told(...commands));

describe('which releases may act', () => {
  it('[PB-4.11] are those whose rollout has begun, the last one where none is named', () => {
    const state = after(take('1.0.0'), take('1.1.0'));
    expect(heldBy(state, undefined)).toEqual({ release: '1.1.0', runId: 'run-1.1.0' });
    expect(heldBy(state, '1.0.0')).toEqual({ release: '1.0.0', runId: 'run-1.0.0' });
    expect(heldBy(state, '2.0.0')).toBeUndefined();
  });

  it('are no more when they were rolled back, and the one before is the last again', () => {
    const state = after(take('1.0.0'), take('1.1.0'), end('1.1.0'));
    expect(heldBy(state, '1.1.0')).toBeUndefined();
    expect(heldBy(state, undefined)?.release).toBe('1.0.0');
    expect(after(take('1.0.0'), take('1.1.0'), end(null)).held).toEqual([]);
  });

  it('are suspended and reinstated with the integration', () => {
    expect(after(take('1.0.0'), { type: 'SuspendGrants', ...of }).suspended).toBe(true);
    expect(after({ type: 'SuspendGrants', ...of }, { type: 'ReinstateGrants', ...of }).suspended).toBe(false);
  });

  it('[PB-7.01] are held against what monitoring has seen used without a grant, summed up', () => {
    const seen = (permission: string, count: number): GrantsCommand => ({
      type: 'NoteViolation',
      ...of,
      release: '1.0.0',
      permission,
      kind: 'bypassed',
      count,
      at: '2026-11-23T10:00:00Z',
    });
    expect(after(seen('a:b', 2), seen('c:d', 1), seen('a:b', 3)).violations).toEqual([
      { release: '1.0.0', permission: 'c:d', kind: 'bypassed', count: 1 },
      { release: '1.0.0', permission: 'a:b', kind: 'bypassed', count: 5 },
    ]);
    const many = Array.from({ length: 501 }, (_, n) => seen(`a:${n}`, 1));
    expect(after(...many).violations).toHaveLength(500);
  });

  it('are told once, however often they are told', () => {
    expect(told(take('1.0.0'), take('1.0.0'))).toHaveLength(1);
    expect(told(take('1.0.0'), end('1.0.0'), end('1.0.0'))).toHaveLength(2);
    expect(told({ type: 'SuspendGrants', ...of }, { type: 'SuspendGrants', ...of })).toHaveLength(1);
    expect(told({ type: 'ReinstateGrants', ...of })).toEqual([]);
    expect(told(take('1.0.0'), take('1.0.0', 'another'))).toHaveLength(2);
  });
});
