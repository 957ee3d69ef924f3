import { fold, type JsonObject } from '@kwanus/kernel';
import { integration } from './integration.decider.js';
import type { IntegrationEvent } from './integration.events.js';
import { isKnownType } from './integration.evolve.js';
import type { Integration } from './integration.state.js';
import { entry } from './records.js';

/** An event as a log or a file keeps it. */
export interface Recorded {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: JsonObject;
}

/** The log holds something that these rules don't know. */
export class UnknownEvent extends Error {
  override readonly name = 'UnknownEvent';
}

/** Event type → what brings an older schema version to the present one. Empty while every type is at version 1. */
export const UPCASTERS: Readonly<Record<string, (data: JsonObject, schemaVersion: number) => JsonObject>> =
  {};

/** @returns the event in today's form. @throws UnknownEvent when the type is newer than this code */
export function asEvent({ type, schemaVersion, data }: Recorded): IntegrationEvent {
  const upcast = entry(UPCASTERS, type);
  if (!isKnownType(type) || (schemaVersion !== 1 && upcast === undefined))
    throw new UnknownEvent(`${type} of schema version ${schemaVersion} is not known here.`);
  return { type, data: upcast?.(data, schemaVersion) ?? data } as unknown as IntegrationEvent;
}

/** @returns the state that the recorded events lead to: the one code for service, command line and verifier */
export const foldFrom = (recorded: readonly Recorded[]): Integration =>
  fold(integration, recorded.map(asEvent));
