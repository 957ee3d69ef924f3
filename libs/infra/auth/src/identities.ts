import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Document, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { IdentitiesRefused } from './errors.js';
import { ROLES } from './roles.js';

const Name = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'a name is a lower-case word, for example `rita`');

const PersonEntry = z
  .strictObject({
    displayName: z.string().min(1).max(100),
    roles: z.array(z.enum(ROLES)).min(1),
    partner: Name.optional(),
    issuer: z.url().optional(),
    subject: z.string().min(1).max(255).optional(),
    sponsor: Name.optional(),
  })
  .refine(({ roles, partner }) => roles.includes('partner') === (partner !== undefined), {
    message: 'the role partner and the binding `partner:` go together',
    path: ['partner'],
  });

const IdentitiesFile = z.strictObject({
  apiVersion: z.literal('kwanus.dev/identities/v1'),
  people: z.record(Name, PersonEntry),
  seats: z.record(
    z.string().regex(/^[A-Z]{2,8}$/, 'a body is an abbreviation, for example TSC'),
    z.array(Name),
  ),
});

/** Somebody of identities.yaml. Names stay outside the log: the log knows the actor id alone. */
export interface Person {
  /** What `kwanus login --as` takes. */
  readonly name: string;
  readonly displayName: string;
  readonly actorId: string;
  readonly issuer: string;
  readonly subject: string;
  readonly roles: readonly (typeof ROLES)[number][];
  readonly partner: string | null;
  /** Actor id of who answers for a service identity. */
  readonly sponsor: string | null;
}

/** A seat that the bootstrap file gives, once, as an event. */
export interface FirstSeat {
  readonly body: string;
  readonly actorId: string;
}

/** The people that this installation knows by name, and the first seats. */
export interface Identities {
  readonly people: readonly Person[];
  readonly seats: readonly FirstSeat[];
}

/** The issuer of tokens that `kwanus login --as` signs. */
export const DEVELOPMENT_ISSUER = 'urn:kwanus:development-issuer';

/** @returns how an actor stands in the log: opaque, the same for the same issuer and subject */
export function actorIdOf(kind: 'person' | 'service', issuer: string, subject: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex');
  return `${kind}:${digest.slice(0, 32)}`;
}

/** @returns the name to show for an actor; the actor id itself where nobody of that id is known */
export const displayNameOf = (identities: Identities, actorId: string): string =>
  identities.people.find((person) => person.actorId === actorId)?.displayName ?? actorId;

/** @returns the person of that name, or undefined */
export const personOf = (identities: Identities, name: string): Person | undefined =>
  identities.people.find((person) => person.name === name);

/** Reads identities.yaml. @throws IdentitiesRefused with every problem, its line and its remedy */
export function loadIdentities(file: string): Identities {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new IdentitiesRefused(
      `${file} can't be read. Set KWANUS_IDENTITIES to the file with people and seats.`,
      {
        cause,
      },
    );
  }
  return parseIdentities(text, file);
}

const MAX_BYTES = 1_000_000;

/** @param source the file's name, for messages. @throws IdentitiesRefused */
export function parseIdentities(text: string, source: string): Identities {
  if (text.length > MAX_BYTES) throw new IdentitiesRefused(`${source}: larger than ${MAX_BYTES} bytes.`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, merge: false });
  const problems = [
    ...document.errors.map(({ message }) => message.split('\n', 1)[0] ?? message),
    ...forbiddenParts(document),
  ];
  if (problems.length > 0) throw refused(source, problems);
  const parsed = IdentitiesFile.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (!parsed.success)
    throw refused(
      source,
      parsed.error.issues.map(({ path, message }) => `${lineOf(path)}${path.join('.')}: ${message}`),
    );
  return resolved(parsed.data, source);

  function lineOf(path: readonly PropertyKey[]): string {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true) as { range?: [number] } | undefined;
      if (node?.range !== undefined) return `line ${lines.linePos(node.range[0]).line}: `;
    }
    return '';
  }
}

/** Aliases can explode, and `__proto__` would vanish in silence. */
function forbiddenParts(document: Document): string[] {
  const found: string[] = [];
  visit(document, {
    Alias: (_, { source }) => void found.push(`*${source}: aliases are not taken, write it out`),
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value === '__proto__') found.push('__proto__: is a name that can’t be used');
    },
  });
  return found;
}

const refused = (source: string, problems: readonly string[]): IdentitiesRefused =>
  new IdentitiesRefused(
    [`${source} can't be used:`, ...problems.map((problem) => `  ${problem}`)].join('\n'),
  );

function resolved(file: z.infer<typeof IdentitiesFile>, source: string): Identities {
  const actors = new Map(Object.entries(file.people).map(([name, entry]) => [name, actorOf(name, entry)]));
  const problems: string[] = [];
  const known = (name: string, where: string): string => {
    const actor = actors.get(name);
    if (actor === undefined) problems.push(`${where}: nobody is called ${name} under \`people\``);
    return actor ?? '';
  };
  const people = Object.entries(file.people).map(([name, entry]) => ({
    name,
    displayName: entry.displayName,
    actorId: actors.get(name) ?? '',
    issuer: entry.issuer ?? DEVELOPMENT_ISSUER,
    subject: entry.subject ?? name,
    roles: entry.roles,
    partner: entry.partner ?? null,
    sponsor: entry.sponsor === undefined ? null : known(entry.sponsor, `people.${name}.sponsor`),
  }));
  const seats = Object.entries(file.seats).flatMap(([body, names]) =>
    names.map((name) => {
      if (file.people[name]?.partner !== undefined)
        problems.push(`seats.${body}: ${name} belongs to a partner, and a partner's people hold no seat`);
      return { body, actorId: known(name, `seats.${body}`) };
    }),
  );
  if (problems.length > 0) throw refused(source, problems);
  return { people, seats };
}

const actorOf = (name: string, entry: z.infer<typeof PersonEntry>): string =>
  actorIdOf(
    entry.roles.includes('service') ? 'service' : 'person',
    entry.issuer ?? DEVELOPMENT_ISSUER,
    entry.subject ?? name,
  );
