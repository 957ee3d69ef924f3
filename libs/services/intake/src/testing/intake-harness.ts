import { createHash, randomUUID } from 'node:crypto';
import { type Identities, type Person, parseIdentities } from '@kwanus/auth';
import type { HttpApplication } from '@kwanus/http';
import type { Clock } from '@kwanus/kernel';
import { openPostgresTransport, type PostgresTransport } from '@kwanus/messaging';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import { applicationOf, optionsOf, TestIssuer } from '@kwanus/testing-infra/service-under-test';
import { IntakeModule } from '../index.js';

export { eventually } from '@kwanus/testing-infra/service-under-test';

/** A clock that moves on with the machine's, from a moment that a test may move, and may be stopped. */
export class SettableClock implements Clock {
  #offset = 0;
  #frozen: number | null = null;

  now(): number {
    return this.#frozen ?? Date.now() + this.#offset;
  }

  advance(milliseconds: number): void {
    this.#offset += milliseconds;
    if (this.#frozen !== null) this.#frozen += milliseconds;
  }

  freeze(): void {
    this.#frozen = this.now();
  }
}

const people = (names: readonly string[], roles: string, partner?: string): string =>
  names
    .map(
      (name) =>
        `  ${name}: { displayName: ${name}, roles: [${roles}]${partner === undefined ? '' : `, partner: ${partner}`} }`,
    )
    .join('\n');

/** Nine partners and platform people; each body has three seats. */
export const IDENTITIES: Identities = parseIdentities(
  `apiVersion: kwanus.dev/identities/v1
people:
${people(['ada', 'alan'], 'partner', 'acme')}
${people(['gus'], 'partner', 'globex')}
${people(['tess', 'tom', 'tara', 'sco1', 'sco2', 'sco3', 'erc1', 'erc2', 'erc3', 'cgb1', 'cgb2', 'cgb3', 'multi'], 'reviewer')}
${people(['olga'], 'operator')}
${people(['root1', 'root2'], 'admin')}
seats:
  TSC: [tess, tom, tara, multi]
  SCO: [sco1, sco2, sco3, multi]
  ERC: [erc1, erc2, erc3, multi]
  CGB: [cgb1, cgb2, cgb3, multi]
`,
  'test identities',
);

/** An answer, read whole. */
export interface Answered<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

/** How a test sends a request. */
export interface Sending {
  readonly as: string | null;
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The service on a real database with a real listener. */
export interface Intake {
  readonly database: TestDatabase;
  readonly transport: PostgresTransport;
  readonly clock: SettableClock;
  readonly http: HttpApplication;
  readonly base: string;
  readonly actor: (name: string) => string;
  readonly token: (name: string) => Promise<string>;
  readonly get: <Body = Record<string, unknown>>(path: string, as: string) => Promise<Answered<Body>>;
  readonly post: <Body = Record<string, unknown>>(
    path: string,
    body: unknown,
    sending: Sending,
  ) => Promise<Answered<Body>>;
  readonly upload: (name: string, bytes: string, mediaType?: string) => Promise<UploadedFile>;
  readonly stop: () => Promise<void>;
}

/** A file as the store has it. */
export interface UploadedFile {
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
}

const ISSUER = 'urn:kwanus:development-issuer';

/** Starts it on a fresh database; `playbookVersion` is that of new integrations. */
export async function startIntake(playbookVersion = '1.0'): Promise<Intake> {
  const database = await testDatabase();
  const transport = await openPostgresTransport({ url: database.url, leaseMs: 2_000 });
  const clock = new SettableClock();
  const issuer = new TestIssuer(ISSUER);
  const options = optionsOf(database.url, transport, { playbookVersion, clock, identities: IDENTITIES });
  const http = await applicationOf(IntakeModule.register(options), issuer);
  const base = await http.listen();
  const token = (name: string) => issuer.tokenOf(personNamed(name));
  const stop = async (): Promise<void> => {
    await http.stop();
    await transport.close();
    await database.drop();
  };
  return {
    database,
    transport,
    clock,
    http,
    base,
    token,
    stop,
    actor: (name) => personNamed(name).actorId,
    ...requests(base, token),
  };
}

function requests(base: string, token: (name: string) => Promise<string>) {
  const headersOf = async ({
    as,
    key = randomUUID(),
    headers = {},
  }: Sending): Promise<Record<string, string>> => ({
    ...(as === null ? {} : { authorization: `Bearer ${await token(as)}` }),
    ...(key === null ? {} : { 'idempotency-key': key }),
    ...headers,
  });
  return {
    get: async <Body>(path: string, as: string) =>
      answered<Body>(await fetch(`${base}${path}`, { headers: await headersOf({ as, key: null }) })),
    post: async <Body>(path: string, body: unknown, sending: Sending) =>
      answered<Body>(
        await fetch(`${base}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(await headersOf(sending)) },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      ),
    upload: async (name: string, content: string, mediaType = 'text/markdown'): Promise<UploadedFile> => {
      const digest = createHash('sha256').update(content).digest('hex');
      const response = await fetch(`${base}/v1/artifacts/${digest}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${await token(name)}`, 'content-type': mediaType },
        body: content,
      });
      if (!response.ok) throw new TypeError(`upload: ${response.status} ${await response.text()}`);
      return { digest, size: Buffer.byteLength(content), mediaType };
    },
  };
}

async function answered<Body>(response: Response): Promise<Answered<Body>> {
  const text = await response.text();
  const json = /json/.test(response.headers.get('content-type') ?? '');
  const body = (json ? JSON.parse(text) : {}) as Body;
  return { status: response.status, headers: response.headers, text, body };
}

function personNamed(name: string): Person {
  const person = IDENTITIES.people.find((one) => one.name === name);
  if (person === undefined) throw new TypeError(`Nobody is called ${name}.`);
  return person;
}
