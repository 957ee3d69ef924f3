import { deepStrictEqual, fail, ok } from 'node:assert/strict';
import { type Decider, type DomainRejection, fold, isDomainRejection } from '@kwanus/kernel';
import { frozen } from './frozen.js';

/** What came of a command. Exactly one of the `then…` says what was expected. */
export interface Outcome<Event> {
  /** These events, in this order. @throws AssertionError */
  then(expected: readonly Event[]): void;
  /** Events of these types, in this order. @returns them, for what else is to be said @throws AssertionError */
  thenTypes(expected: readonly string[]): readonly Event[];
  /** It is so already. @throws AssertionError */
  thenNothing(): void;
  /**
   * Refused with this code.
   * @param missing ids of the requirements that the refusal has to name, in any order; left out: not looked at
   * @returns the rejection @throws AssertionError
   */
  thenRejected(code: string, missing?: readonly string[]): DomainRejection;
  /** @returns the events @throws the rejection where there is one */
  events(): readonly Event[];
}

/** A past, and the circumstances of the present. */
export interface Given<State, Command, Event, Context> {
  /** @returns the state that the past leads to */
  state(): State;
  /** The same past, in other circumstances. */
  within(context: Context): Given<State, Command, Event, Context>;
  /** The same past, and what came after it. */
  and(events: readonly Event[]): Given<State, Command, Event, Context>;
  /** @throws AssertionError when the rules change their arguments, or decide twice and differ, or decide what can't be folded */
  when(command: Command): Outcome<Event>;
}

/** Given-when-then for one decider. */
export interface Specification<State, Command, Event, Context> {
  given(events?: readonly Event[]): Given<State, Command, Event, Context>;
}

type Decided<Event> = { readonly news: readonly Event[] } | { readonly rejection: DomainRejection };

/**
 * @param decider the rules
 * @param context the circumstances, unless `within` gives others
 * @returns a specification: `specify(rules, context).given([…]).when(command).then([…])`
 */
export const specify = <State, Command, Event extends { readonly type: string }, Context>(
  decider: Decider<State, Command, Event, Context>,
  context: Context,
): Specification<State, Command, Event, Context> => ({
  given: (events = []) => given(decider, events, context),
});

function given<State, Command, Event extends { readonly type: string }, Context>(
  decider: Decider<State, Command, Event, Context>,
  past: readonly Event[],
  context: Context,
): Given<State, Command, Event, Context> {
  const folded = (events: readonly Event[]): State => {
    const state = frozen(fold(decider, frozen(events)));
    deepStrictEqual(fold(decider, events), state, 'Folding the same events twice gave two states.');
    return state;
  };
  return {
    state: () => folded(past),
    within: (other) => given(decider, past, other),
    and: (events) => given(decider, [...past, ...events], context),
    when(command) {
      const state = folded(past);
      const decided = decide(decider, frozen(command), { state, context: frozen(context) });
      if ('news' in decided) folded([...past, ...decided.news]);
      return outcome(decided);
    },
  };
}

function decide<State, Command, Event, Context>(
  { decide: rules }: Decider<State, Command, Event, Context>,
  command: Command,
  { state, context }: { readonly state: State; readonly context: Context },
): Decided<Event> {
  const once = (): Decided<Event> => {
    try {
      return { news: rules(command, state, context) };
    } catch (error) {
      if (!isDomainRejection(error)) throw error;
      return { rejection: error };
    }
  };
  const [first, second] = [once(), once()];
  deepStrictEqual(second, first, 'Deciding the same command twice gave two answers.');
  return first;
}

const words = ({ code, message }: DomainRejection): string => `refused with ${code}: ${message}`;

function outcome<Event extends { readonly type: string }>(decided: Decided<Event>): Outcome<Event> {
  const news = (): readonly Event[] =>
    'news' in decided ? decided.news : fail(`The command was ${words(decided.rejection)}`);
  return {
    // The word of given-when-then. A function is refused, so that an outcome which a test returns by mistake, and which is taken
    // for a promise, fails instead of passing.
    // oxlint-disable-next-line unicorn/no-thenable
    then(expected) {
      ok(Array.isArray(expected), 'Say which events are expected: then([…]).');
      deepStrictEqual(news(), expected);
    },
    thenTypes(expected) {
      deepStrictEqual(
        news().map(({ type }) => type),
        expected,
      );
      return news();
    },
    thenNothing: () => deepStrictEqual(news(), []),
    thenRejected(code, missing) {
      if ('news' in decided)
        return fail(`Nothing was refused; decided were: ${decided.news.map(({ type }) => type).join(', ')}`);
      const { rejection } = decided;
      ok(rejection.code === code, `Expected a refusal with ${code}, but it was ${words(rejection)}`);
      if (missing !== undefined)
        deepStrictEqual(
          rejection.missing.map(({ requirement }) => requirement).toSorted(),
          missing.toSorted(),
        );
      return rejection;
    },
    events: () => {
      if ('rejection' in decided) throw decided.rejection;
      return decided.news;
    },
  };
}
