import { describe, expect, it } from '@jest/globals';
import { fold } from '@kwanus/kernel';
import { type GrantsCommand, type GrantsEvent, integrationGrants } from './grants.js';
import { revokedFrom } from './revocations.js';

const of = { integrationId: 'acme.orders', release: '1.0.0', permission: 'orders:write' };
const SCO = { id: 'sco', seats: ['SCO'] };
const day = (n: number): string => new Date(Date.UTC(2027, 0, 1 + n)).toISOString();
const take: GrantsCommand = { type: 'TakeGrants', ...of, runId: 'run', judgedRevoked: [] };
const unused = (to = 90, lastUsedAt: string | null = null): GrantsCommand => ({
  type: 'ProposeRevocation',
  ...of,
  grantedAt: day(0),
  lastUsedAt,
  window: { from: day(to - 90), to: day(to) },
});
const bypassed = (at = 10): GrantsCommand => ({
  type: 'NoteViolation',
  ...of,
  kind: 'bypassed',
  count: 2,
  at: day(at),
});
const used = (at: number): GrantsCommand => ({ type: 'NoteUse', ...of, lastUsedAt: day(at) });
const decide = (decision: 'accepted' | 'rejected', at = 95, by = SCO): GrantsCommand => ({
  type: 'DecideRevocation',
  ...of,
  decision,
  reason: 'r',
  by,
  at: day(at),
  askAgainFrom: day(at + 90),
});
const told = (...commands: readonly GrantsCommand[]): readonly GrantsEvent[] =>
  commands.reduce<readonly GrantsEvent[]>(
    (events, command) => [
      ...events,
      ...integrationGrants.decide(command, fold(integrationGrants, events), { body: 'SCO' }),
    ],
    [],
  );
const types = (...commands: readonly GrantsCommand[]) =>
  told(take, ...commands)
    .slice(1)
    .map(({ type }) => type);
const after = (...commands: readonly GrantsCommand[]) => fold(integrationGrants, told(take, ...commands));

describe('taking permissions away (PM210)', () => {
  it('[PB-7.01] is proposed for what a live release holds and nobody used, with the evidence, once', () => {
    expect(told(take, unused(), unused(), unused(91)).slice(1)).toEqual([
      {
        type: 'RevocationProposed',
        ...of,
        ground: 'unused',
        grantedAt: day(0),
        lastUsedAt: null,
        window: { from: day(0), to: day(90) },
        count: 0,
      },
    ]);
  });

  it('is not proposed for a release that does not act', () => {
    expect(told(unused())).toEqual([]);
    const end: GrantsCommand = { type: 'EndGrants', ...of, cause: 'rolled-back' };
    expect(types(end, unused())).toEqual(['GrantsEnded']);
    expect(after(unused(), end).revocations).toMatchObject([{ status: 'lapsed' }]);
  });

  it('[PB-7.01] is proposed for what was used and is not held, once, whatever is tried', () => {
    expect(types(bypassed(), bypassed(11))).toEqual([
      'ViolationNoted',
      'RevocationProposed',
      'ViolationNoted',
    ]);
    expect(after(bypassed()).revocations).toMatchObject([
      { ground: 'undeclared', grantedAt: null, lastUsedAt: day(10), window: null, count: 2, status: 'open' },
    ]);
    const refused: GrantsCommand = {
      type: 'NoteViolation',
      ...of,
      kind: 'out-of-scope',
      count: 1,
      at: day(1),
    };
    expect(types(refused)).toEqual(['ViolationNoted']);
  });

  it('of names that come from telemetry is bounded in number', () => {
    const many = Array.from({ length: 501 }, (_, n) => ({ ...bypassed(), permission: `a:${n}` }));
    expect(after(...many).revocations).toHaveLength(500);
  });

  it('[PB-7.01] takes the permission from every release that acts, by who holds a seat', () => {
    const state = after({ ...take, release: '1.1.0' } as GrantsCommand, unused(), decide('accepted'));
    expect(revokedFrom(state, '1.0.0')).toEqual(['orders:write']);
    expect(revokedFrom(state, '1.1.0')).toEqual(['orders:write']);
    expect(revokedFrom(state, '1.2.0')).toEqual([]);
    expect(types(unused(), decide('accepted'), decide('accepted'), unused(200), bypassed(300))).toEqual([
      'RevocationProposed',
      'GrantRevoked',
      'ViolationNoted',
    ]);
  });

  it('[PB-7.01] takes the permission from a release that was judged before and acts afterwards, once', () => {
    const late = (judgedRevoked: readonly string[]): GrantsCommand => ({
      type: 'TakeGrants',
      ...of,
      release: '1.1.0',
      runId: 'before',
      judgedRevoked,
    });
    const revoked = [unused(), decide('accepted')];
    expect(types(...revoked, late([]), late([]))).toEqual([
      'RevocationProposed',
      'GrantRevoked',
      'GrantsTaken',
      'GrantRevoked',
    ]);
    const state = after(...revoked, late([]));
    expect(revokedFrom(state, '1.1.0')).toEqual(['orders:write']);
    expect(state.revocations).toMatchObject([
      { release: '1.0.0', status: 'accepted', by: 'sco', decidedAt: day(95), releases: ['1.0.0', '1.1.0'] },
    ]);
    expect(revokedFrom(after(...revoked, late(['orders:write'])), '1.1.0')).toEqual([]);
    expect(revokedFrom(after(unused(), decide('rejected'), late([])), '1.1.0')).toEqual([]);
  });

  it('[PB-7.01] is refused to who holds no seat, of what nobody proposed, and of what was decided otherwise', () => {
    const refused = (code: string, ...commands: readonly GrantsCommand[]) =>
      expect(() => told(take, ...commands)).toThrow(expect.objectContaining({ code }));
    refused('not-seated', unused(), decide('accepted', 95, { id: 'erc', seats: ['ERC'] }));
    refused('revocation-unknown', decide('accepted'));
    refused('revocation-decided', unused(), decide('rejected'), decide('accepted'));
    refused('revocation-decided', unused(), used(50), decide('accepted'));
  });

  it('[PB-7.01] that was rejected is proposed again only by evidence of another 90 days', () => {
    const settled = [unused(), decide('rejected', 95)];
    expect(types(...settled, unused(90), unused(184))).toEqual(['RevocationProposed', 'RevocationRejected']);
    expect(types(...settled, unused(185))).toEqual([
      'RevocationProposed',
      'RevocationRejected',
      'RevocationProposed',
    ]);
    expect(revokedFrom(after(...settled), '1.0.0')).toEqual([]);
    const kept = [bypassed(10), decide('rejected', 11)];
    expect(types(...kept, bypassed(100)).filter((type) => type === 'RevocationProposed')).toHaveLength(1);
    expect(types(...kept, bypassed(101)).filter((type) => type === 'RevocationProposed')).toHaveLength(2);
  });

  it('[PB-7.01] lapses by use within the time that was looked at, told however late; the same evidence does not bring it back', () => {
    expect(types(unused(), used(50), used(50), unused())).toEqual(['RevocationProposed', 'RevocationLapsed']);
    expect(types(unused(95), used(5))).toEqual(['RevocationProposed']);
    expect(types(unused(), used(50), unused(140, day(50)))).toHaveLength(3);
    expect(types(used(50), bypassed(), used(50))).toEqual(['ViolationNoted', 'RevocationProposed']);
  });
});
