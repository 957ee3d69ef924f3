import type { Caller, Identities } from '@kwanus/auth';
import { UnitOfWork } from '@kwanus/event-store';
import { IDENTITIES, type ServiceTable } from '@kwanus/service';
import { Inject, Injectable } from '@nestjs/common';

/** Names of actors. Outside the log, because a name must be erasable and the log can't forget. */
export const PERSONS: ServiceTable = {
  name: 'person',
  create: (table) =>
    `CREATE TABLE IF NOT EXISTS ${table} (actor_id text PRIMARY KEY, name text NOT NULL, partner text)`,
};

/** An actor with the name to show. */
export interface NamedActor {
  readonly id: string;
  readonly name: string;
}

/** Actor id → name; an unknown actor shows as its id, a part of the platform as what it is. */
export type Names = (actorId: string) => NamedActor;

/** The person directory: who an actor id is, in words. */
@Injectable()
export class People {
  readonly #seen = new Map<string, string>();

  constructor(
    private readonly work: UnitOfWork,
    @Inject(IDENTITIES) private readonly identities: Identities,
  ) {}

  /** Keeps the name that a caller's token carries; does nothing where it has none or is known already. */
  async meet({ actor, name, partner }: Caller): Promise<void> {
    if (name !== undefined) await this.introduce(actor.id, name, partner);
  }

  /** Keeps a name. Call it after the append: a write holds back readers of the log until the end of the transaction. */
  async introduce(actorId: string, name: string, partner: string | null): Promise<void> {
    if (this.#seen.get(actorId) === name) return;
    await this.work.query(
      `INSERT INTO intake.person AS known (actor_id, name, partner) VALUES ($1, $2, $3)
       ON CONFLICT (actor_id) DO UPDATE SET name = excluded.name, partner = excluded.partner
         WHERE (known.name, known.partner) IS DISTINCT FROM (excluded.name, excluded.partner)`,
      [actorId, name, partner],
    );
    this.#seen.set(actorId, name);
  }

  /** @returns the partner that somebody is known to belong to; null for the platform's own people and for strangers */
  async partnerOf(actorId: string): Promise<string | null> {
    const [row] = await this.work.query<{ partner: string | null }>(
      'SELECT partner FROM intake.person WHERE actor_id = $1',
      [actorId],
    );
    return row?.partner ?? this.identities.people.find((one) => one.actorId === actorId)?.partner ?? null;
  }

  /**
   * @param caller who asks: a partner is told the names of its own people only
   * @param actorIds who may be asked for
   */
  async names(caller: Caller, actorIds: Iterable<string>): Promise<Names> {
    const rows = await this.work.query<{ actor_id: string; name: string; partner: string | null }>(
      'SELECT actor_id, name, partner FROM intake.person WHERE actor_id = ANY($1)',
      [[...new Set(actorIds)]],
    );
    const entries = [
      ...this.identities.people.map(({ actorId, displayName, partner }) => ({
        actorId,
        name: displayName,
        partner,
      })),
      ...rows.map(({ actor_id, name, partner }) => ({ actorId: actor_id, name, partner })),
    ];
    const known = new Map(
      entries
        .filter(({ partner }) => caller.partner === null || partner === null || partner === caller.partner)
        .map(({ actorId, name }) => [actorId, name]),
    );
    return (id) => ({ id, name: known.get(id) ?? id });
  }
}
