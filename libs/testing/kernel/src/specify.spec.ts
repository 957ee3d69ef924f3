import { describe, expect, it } from '@jest/globals';
import { type Decider, DomainRejection } from '@kwanus/kernel';
import { fakeClock } from './clock.js';
import { specify } from './specify.js';

type Event = { readonly type: 'Opened' } | { readonly type: 'Filled'; readonly by: number };
type Command = { readonly type: 'Open' } | { readonly type: 'Fill'; readonly by: number };
interface State {
  readonly open: boolean;
  readonly level: number;
}

/** A glass: opened once, filled up to the limit that the context gives. */
const glass: Decider<State, Command, Event, { readonly limit: number }> = {
  initialState: { open: false, level: 0 },
  decide(command, state, { limit }) {
    if (command.type === 'Open') return state.open ? [] : [{ type: 'Opened' }];
    if (!state.open)
      throw new DomainRejection('closed', 'Open it first.', [
        { what: 'an open glass', who: 'waiter', requirement: 'glass:open' },
        { what: 'a table', who: 'host', requirement: 'table' },
      ]);
    if (state.level + command.by > limit) throw new DomainRejection('too-full', 'Pour less.');
    return [{ type: 'Filled', by: command.by }];
  },
  evolve: (state, event) =>
    event.type === 'Opened' ? { ...state, open: true } : { ...state, level: state.level + event.by },
};
const spec = specify(glass, { limit: 3 });
const opened: Event = { type: 'Opened' };
const fill = (by: number): Command => ({ type: 'Fill', by });

describe('specify', () => {
  it('passes where rules and expectation agree', () => {
    spec.given().when({ type: 'Open' }).then([opened]);
    spec.given([opened]).when({ type: 'Open' }).thenNothing();
    spec
      .given([opened])
      .and([{ type: 'Filled', by: 2 }])
      .when(fill(2))
      .thenRejected('too-full', []);
    spec.given().when(fill(1)).thenRejected('closed', ['table', 'glass:open']);
    expect(spec.given([opened]).when(fill(1)).thenTypes(['Filled'])).toEqual([{ type: 'Filled', by: 1 }]);
    spec
      .given([opened])
      .within({ limit: 9 })
      .when(fill(9))
      .then([{ type: 'Filled', by: 9 }]);
    expect(spec.given([opened, { type: 'Filled', by: 2 }]).state()).toEqual({ open: true, level: 2 });
  });

  it.each<[string, () => void, RegExp]>([
    ['other events', () => spec.given().when({ type: 'Open' }).then([]), /Opened/],
    ['events where none were expected', () => spec.given().when({ type: 'Open' }).thenNothing(), /Opened/],
    [
      'events in place of a refusal',
      () => void spec.given([opened]).when(fill(1)).thenRejected('closed'),
      /Filled/,
    ],
    ['a refusal in place of events', () => spec.given().when(fill(1)).then([]), /refused with closed/],
    ['another code', () => void spec.given().when(fill(1)).thenRejected('open'), /refused with closed/],
    ['another need', () => void spec.given().when(fill(1)).thenRejected('closed', ['table']), /glass:open/],
    ['other types', () => void spec.given().when({ type: 'Open' }).thenTypes(['Filled']), /Opened/],
  ])('fails on %s', (_, expectation, message) => {
    expect(expectation).toThrow(message);
  });

  it('fails where an outcome is returned and taken for a promise', async () => {
    await expect((async () => spec.given().when({ type: 'Open' }) as unknown)()).rejects.toThrow('then([…])');
  });

  it('hands on what is no refusal', () => {
    const broken = specify({ ...glass, decide: () => [].at(1) as never }, { limit: 1 });
    expect(() => broken.given().when({ type: 'Open' })).toThrow(TypeError);
    expect(() => spec.given().when(fill(1)).events()).toThrow('Open it first.');
    expect(spec.given().when({ type: 'Open' }).events()).toEqual([opened]);
  });

  it('finds rules that change what they were given, or answer otherwise the second time', () => {
    const careless = specify(
      { ...glass, decide: (_, state) => void ((state as { level: number }).level += 1) as never },
      { limit: 1 },
    );
    expect(() => careless.given().when({ type: 'Open' })).toThrow(/read only/);
    let count = 0;
    const fickle = specify(
      { ...glass, decide: (): Event[] => [{ type: 'Filled', by: count++ }] },
      { limit: 1 },
    );
    expect(() => fickle.given().when({ type: 'Open' })).toThrow('two answers');
    const drifting = specify(
      { ...glass, evolve: (state: State) => ({ ...state, level: count++ }) },
      { limit: 1 },
    );
    expect(() => drifting.given([opened]).state()).toThrow('two states');
  });
});

describe('fakeClock', () => {
  it('stands still, advances, goes back, and is set', () => {
    const clock = fakeClock();
    expect(clock.iso()).toBe('2026-11-23T10:00:00.000Z');
    clock.advance(1500);
    expect(clock.now()).toBe(Date.parse('2026-11-23T10:00:01.500Z'));
    clock.advance(-500);
    expect(clock.iso()).toBe('2026-11-23T10:00:01.000Z');
    clock.set('2027-01-01T00:00:00Z');
    expect(clock.iso()).toBe('2027-01-01T00:00:00.000Z');
    expect(() => clock.set('soon')).toThrow('RFC 3339');
  });
});
