import { describe, expect, it } from '@jest/globals';
import { ReleaseLife } from '../testing/release-life.js';
import { asEvent, evolve, foldFrom, integration, UnknownEvent } from './index.js';

describe('[DC-3] events as a log keeps them', () => {
  const life = new ReleaseLife().until(8);
  const recorded = life.events.map(({ type, data }) => ({
    type,
    schemaVersion: 1,
    data: JSON.parse(JSON.stringify(data)),
  }));

  it('fold to the state that decided, at every version', () => {
    expect(foldFrom(recorded)).toEqual(life.state);
    let state = integration.initialState;
    for (const [index, event] of life.events.entries()) {
      state = evolve(state, event);
      if (index % 7 === 0) expect(foldFrom(recorded.slice(0, index + 1))).toEqual(state);
    }
  });

  it.each([
    ['a type that these rules don’t know', { type: 'ReleaseTeleported', schemaVersion: 1, data: {} }],
    ['a schema version newer than these rules', { type: 'StepPassed', schemaVersion: 2, data: {} }],
    ['a name that every object inherits', { type: 'constructor', schemaVersion: 1, data: {} }],
    ['a name behind the object', { type: '__proto__', schemaVersion: 1, data: {} }],
  ])('%s is refused, not skipped', (_, event) => {
    expect(() => asEvent(event)).toThrow(UnknownEvent);
    expect(() => foldFrom([...recorded, event])).toThrow(UnknownEvent);
  });
});
