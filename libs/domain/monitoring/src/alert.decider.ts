import { type Decider, DomainRejection, type JsonObject } from '@kwanus/kernel';

/** Something is wrong with a release, or looks so (contract `kwanus.monitoring.alert-raised.v1`). */
export interface AlertRaised {
  readonly type: 'AlertRaised';
  readonly integrationId: string;
  readonly release: string;
  readonly alertId: string;
  readonly severity: 'page' | 'ticket';
  readonly signal: string;
  readonly reason: string;
  /** What was compared with what. */
  readonly numbers: JsonObject;
}
/** A person has seen it and says what they will do. */
export interface AlertAcknowledged {
  readonly type: 'AlertAcknowledged';
  readonly integrationId: string;
  readonly release: string;
  readonly alertId: string;
  readonly reason: string;
}
export interface AlertResolved {
  readonly type: 'AlertResolved';
  readonly integrationId: string;
  readonly release: string;
  readonly alertId: string;
  readonly reason: string;
}
export type AlertEvent = AlertRaised | AlertAcknowledged | AlertResolved;

/** `RaiseAlert` with what `AlertRaised` will say. */
export interface RaiseAlert extends Omit<AlertRaised, 'type'> {
  readonly type: 'RaiseAlert';
}
export interface AcknowledgeAlert {
  readonly type: 'AcknowledgeAlert';
  readonly reason: string;
}
export interface ResolveAlert {
  readonly type: 'ResolveAlert';
  readonly reason: string;
}
export type AlertCommand = RaiseAlert | AcknowledgeAlert | ResolveAlert;

/** One alert: it may be raised again after it was resolved. */
export type Alert =
  | { readonly status: 'never' }
  | { readonly status: 'open' | 'acknowledged' | 'resolved'; readonly raised: AlertRaised };

/** The stream `alert-<alertId>`: raised, acknowledged by a person, resolved. Raising an open one again is not news. */
export const alert: Decider<Alert, AlertCommand, AlertEvent, unknown> = {
  initialState: { status: 'never' },
  decide(command, state): readonly AlertEvent[] {
    switch (command.type) {
      case 'RaiseAlert':
        return isOpen(state) ? [] : [{ ...command, type: 'AlertRaised' }];
      case 'AcknowledgeAlert':
        return acknowledge(command, state);
      case 'ResolveAlert':
        return isOpen(state)
          ? [{ type: 'AlertResolved', ...identity(state.raised), reason: command.reason }]
          : [];
    }
  },
  evolve(state, event): Alert {
    switch (event.type) {
      case 'AlertRaised':
        return { status: 'open', raised: event };
      case 'AlertAcknowledged':
        return state.status === 'open' ? { ...state, status: 'acknowledged' } : state;
      case 'AlertResolved':
        return state.status === 'never' ? state : { ...state, status: 'resolved' };
    }
  },
};

type Raised = Exclude<Alert, { readonly status: 'never' }>;

const isOpen = (state: Alert): state is Raised => state.status === 'open' || state.status === 'acknowledged';

const identity = ({
  integrationId,
  release,
  alertId,
}: AlertRaised): Omit<AlertResolved, 'type' | 'reason'> => ({
  integrationId,
  release,
  alertId,
});

function acknowledge({ reason }: AcknowledgeAlert, state: Alert): readonly AlertEvent[] {
  if (!isOpen(state))
    throw new DomainRejection(
      'alert-not-open',
      'Only an open alert can be acknowledged; this one is not open.',
    );
  if (state.status === 'acknowledged') return [];
  return [{ type: 'AlertAcknowledged', ...identity(state.raised), reason }];
}
