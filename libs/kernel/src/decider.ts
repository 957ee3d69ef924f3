/** The rules of one stream as pure functions: no clock, no randomness, no I/O, no framework. */
export interface Decider<State, Command, Event, Context> {
  /** The state before any event. */
  readonly initialState: State;
  /**
   * @returns the events that follow from the command; `[]` means "already so"
   * @throws DomainRejection when the rules refuse the command
   */
  readonly decide: (command: Command, state: State, context: Context) => readonly Event[];
  /** @returns the state after the event; reads nothing but its arguments and never throws */
  readonly evolve: (state: State, event: Event) => State;
}

/** @returns the state that the events lead to, in order, from the decider's initial state */
export const fold = <State, Event>(
  { evolve, initialState }: Pick<Decider<State, never, Event, never>, 'evolve' | 'initialState'>,
  events: readonly Event[],
): State => events.reduce(evolve, initialState);
