import {
  developmentKeyFile,
  type Identities,
  loadIdentities,
  personOf,
  signDevelopmentToken,
} from '@kwanus/auth/development';
import { type ConnectionOptions, KwanusClient } from '@kwanus/platform-client';
import { usage } from '../exit.js';

/** Who acts in the demo: names of identities.yaml. */
export const CAST = {
  partner: 'olivia',
  TSC: 'tara',
  SCO: 'selma',
  ERC: 'elena',
  CGB: 'carla',
  operator: 'oscar',
  telemetry: 'telemetry',
} as const;

const RETRY_FOR_MS = 60_000;

export type Part = keyof typeof CAST;
const BODIES: readonly Part[] = ['TSC', 'SCO', 'ERC', 'CGB'];

/** @returns the part that acts for whoever a gate names; null where the platform itself must act */
export const partFor = (who: string): Part | null => {
  if (who === 'partner') return 'partner';
  return BODIES.find((body) => body === who) ?? null;
};

/** Somebody of the cast, logged in. */
export interface Player {
  readonly name: string;
  readonly client: KwanusClient;
}

/** The cast; each logs in when first needed, with a token signed by the key in the data folder. */
export class Company {
  private readonly identities: Identities;
  private readonly players = new Map<Part, Promise<Player>>();

  constructor(
    private readonly dataDir: string,
    private readonly baseUrl: string,
    identitiesFile: string,
    private readonly connection: Pick<ConnectionOptions, 'retryForMs' | 'signal'> = {},
  ) {
    this.identities = loadIdentities(identitiesFile);
  }

  player(part: Part): Promise<Player> {
    const known = this.players.get(part) ?? this.login(part);
    this.players.set(part, known);
    return known;
  }

  private async login(part: Part): Promise<Player> {
    const person = personOf(this.identities, CAST[part]);
    if (person === undefined) throw usage(`The demo needs ${CAST[part]} in identities.yaml.`);
    const token = await signDevelopmentToken(developmentKeyFile(this.dataDir), person, {
      identities: this.identities,
    });
    const role = part === 'partner' ? person.partner : part;
    return {
      name: `${person.displayName} (${role})`,
      // A platform that was killed and starts again is waited for.
      client: new KwanusClient({
        baseUrl: this.baseUrl,
        token,
        retryForMs: RETRY_FOR_MS,
        ...this.connection,
      }),
    };
  }
}
