import { readFileSync } from 'node:fs';
import { kafkaContradictions } from './kafka-variables.js';
import type { Variable } from './variable.js';
import { PROCESSES, READ_ELSEWHERE } from './variables.js';

/** platform: all services in one process; service: one alone; gateway: the one origin before four; cli: the command line. */
export type ProcessKind = keyof typeof PROCESSES;

type ValueOf<V> = V extends Variable<infer Value> ? Value : never;

/** The configuration of a process: frozen, typed, complete. */
export type Configuration<Kind extends ProcessKind> = {
  readonly [Key in keyof (typeof PROCESSES)[Kind]]: ValueOf<(typeof PROCESSES)[Kind][Key]>;
} & {
  /** NODE_ENV is `production`. */
  readonly production: boolean;
};

/** A configuration, and how to keep its secrets out of what is printed. */
export interface LoadedConfiguration<Kind extends ProcessKind> {
  readonly config: Configuration<Kind>;
  /** @returns the text with every secret value replaced */
  readonly redact: (text: string) => string;
}

/** What is wrong with the environment, all of it. */
export class ConfigurationRefused extends Error {
  override readonly name = 'ConfigurationRefused';

  constructor(readonly problems: readonly string[]) {
    super(['The configuration can’t be used:', ...problems.map((problem) => `  ${problem}`)].join('\n'));
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the environment, once, at the start.
 * @throws ConfigurationRefused with every problem: name, what was found wrong, shape, example
 */
export function loadConfiguration<Kind extends ProcessKind>(
  kind: Kind,
  environment: Environment = process.env,
): LoadedConfiguration<Kind> {
  const problems = unknownNames(environment);
  const variables: Readonly<Record<string, Variable>> = PROCESSES[kind];
  const secrets: string[] = [];
  const values: Record<string, unknown> = { production: environment['NODE_ENV'] === 'production' };
  for (const [key, variable] of Object.entries(variables)) {
    const text = textOf(variable, environment, problems);
    if (variable.secret && text !== undefined) secrets.push(...secretParts(text));
    const parsed = variable.schema.safeParse(text);
    if (parsed.success) values[key] = parsed.data;
    else problems.push(describe(variable, parsed.error.issues[0]?.message ?? 'is wrong'));
  }
  problems.push(...contradictions(values), ...kafkaContradictions(values));
  if (problems.length > 0) throw new ConfigurationRefused(problems);
  return { config: Object.freeze(values) as Configuration<Kind>, redact: redactorOf(secrets) };
}

/** Like loadConfiguration, but prints the problems on stderr and ends the process with 2. */
export function loadConfigurationOrExit<Kind extends ProcessKind>(kind: Kind): LoadedConfiguration<Kind> {
  try {
    return loadConfiguration(kind);
  } catch (error) {
    if (!(error instanceof ConfigurationRefused)) throw error;
    process.stderr.write(
      `kwanus: ${error.message.replaceAll('\n', ' ')} Every variable: docs/reference/configuration.md\n`,
    );
    process.exit(2);
  }
}

const describe = ({ name, shape, example }: Variable, what: string): string =>
  `${name} ${what}. It takes ${shape}, for example ${example}`;

function unknownNames(environment: Environment): string[] {
  const known = new Set(Object.keys(READ_ELSEWHERE));
  for (const variables of Object.values(PROCESSES))
    for (const { name, secret } of Object.values<Variable>(variables)) {
      known.add(name);
      if (secret) known.add(`${name}_FILE`);
    }
  return Object.keys(environment)
    .filter((name) => name.startsWith('KWANUS_') && !known.has(name))
    .map((name) => `${name} is not known. Known are: ${nearest(name, known)}`);
}

function nearest(name: string, known: ReadonlySet<string>): string {
  const words = new Set(name.split('_').slice(1));
  const alike = [...known].filter((other) =>
    other
      .split('_')
      .slice(1)
      .some((word) => words.has(word)),
  );
  return (alike.length > 0 ? alike : [...known]).sort().join(', ');
}

function textOf(variable: Variable, environment: Environment, problems: string[]): string | undefined {
  const direct = environment[variable.name] || undefined;
  const file = (variable.secret && environment[`${variable.name}_FILE`]) || undefined;
  if (file === undefined) return direct;
  if (direct !== undefined)
    problems.push(`${variable.name} and ${variable.name}_FILE are both set: keep one.`);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    problems.push(
      `${variable.name}_FILE names a file that can’t be read: ${file}. It takes a path, for example /run/secrets/${variable.name.toLowerCase()}`,
    );
    return direct;
  }
}

/** Variables that mean nothing alone: keys, names, and what holds without them. */
const TOGETHER = [
  ['authIssuer', 'authJwksUrl', 'KWANUS_AUTH_ISSUER', 'KWANUS_AUTH_JWKS_URL', 'the development issuer'],
  [
    'alertWebhookUrl',
    'alertWebhookSecret',
    'KWANUS_ALERT_WEBHOOK_URL',
    'KWANUS_ALERT_WEBHOOK_SECRET',
    'alerts that are only shown',
  ],
  [
    'kafkaUsername',
    'kafkaPassword',
    'KWANUS_KAFKA_USERNAME',
    'KWANUS_KAFKA_PASSWORD',
    'brokers that let everybody in',
  ],
] as const;

function contradictions(values: Readonly<Record<string, unknown>>): string[] {
  // A process that reads one of two alone has nothing to say about the other.
  return TOGETHER.filter(
    ([one, other]) =>
      one in values && other in values && (values[one] === undefined) !== (values[other] === undefined),
  ).map(([, , one, other, without]) => `${one} and ${other} go together: set both, or none for ${without}.`);
}

const SHORTEST_SECRET = 4;

function secretParts(text: string): string[] {
  const password = URL.canParse(text) ? new URL(text).password : '';
  return [text, password, decodeURIComponent(password)].filter((part) => part.length >= SHORTEST_SECRET);
}

function redactorOf(secrets: readonly string[]): (text: string) => string {
  const longestFirst = [...new Set(secrets)].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((cleaned, value) => cleaned.replaceAll(value, '[redacted]'), text);
}

/** @returns this process's environment for a child, with the given variables instead of its own */
export const inheritedEnvironment = (
  instead: Readonly<Record<string, string>>,
): Record<string, string | undefined> => ({ ...process.env, ...instead });
