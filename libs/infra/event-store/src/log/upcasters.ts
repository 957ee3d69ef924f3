import type { JsonObject } from '@kwanus/kernel';
import { RegistrationError } from '../errors.js';
import type { StoredEvent } from '../event.js';

/** Turns the data of an event as it was once stored into the shape of the next schema version. Pure. */
export interface Upcaster {
  readonly type: string;
  /** The stored schema version that it takes; its result is one higher. */
  readonly from: number;
  /** The type's new name, where it was renamed. */
  readonly toType?: string;
  readonly upcast: (data: JsonObject, event: StoredEvent) => JsonObject;
}

/** Applied on read; the stored bytes and their hash stay as they are. */
export class Upcasters {
  readonly #byTypeAndVersion = new Map<string, Upcaster>();

  /** @throws RegistrationError when two take the same type and version */
  constructor(upcasters: readonly Upcaster[]) {
    for (const upcaster of upcasters) {
      const key = `${upcaster.type}/${upcaster.from}`;
      if (this.#byTypeAndVersion.has(key)) throw new RegistrationError(`Two upcasters take ${key}.`);
      this.#byTypeAndVersion.set(key, upcaster);
    }
  }

  /** @returns the event in the newest shape */
  apply(stored: StoredEvent): StoredEvent {
    if (this.#byTypeAndVersion.size === 0) return stored;
    let event = stored;
    for (;;) {
      const upcaster = this.#byTypeAndVersion.get(`${event.type}/${event.schemaVersion}`);
      if (upcaster === undefined) return event;
      event = {
        ...event,
        type: upcaster.toType ?? event.type,
        schemaVersion: event.schemaVersion + 1,
        data: upcaster.upcast(event.data, event),
      };
    }
  }
}
