import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Caches, findCaches } from './caches.js';
import { BrokerUnusable } from './errors.js';

/** Kafka 4 brokers need it (kafka.apache.org, "Java version"). */
const OLDEST_JAVA = 17;
const POM = fileURLToPath(new URL('../pom.xml', import.meta.url));
const MAVEN_MS = 300_000;

/** What a broker is started with. */
export interface Distribution {
  readonly java: string;
  readonly classpath: string;
}

/** Where things are that are not in their usual place. */
export interface DistributionOptions {
  /** A JDK's folder; without it `java` of the PATH is taken. */
  readonly javaHome?: string;
}

/**
 * Finds Java and Kafka's jars; Maven fetches them the first time (54 MB), later runs find them at once.
 * @throws BrokerUnusable when Java or Maven are missing, or Maven can't fetch
 */
export function findDistribution(options: DistributionOptions = {}): Distribution {
  const java = findJava(options.javaHome);
  const caches = findCaches();
  const remembered = join(caches.folder, `kafka-${digestOf(readFileSync(POM))}.classpath`);
  const known = existsSync(remembered) ? readFileSync(remembered, 'utf8') : '';
  if (known !== '' && known.split(delimiter).every((jar) => existsSync(jar)))
    return { java, classpath: known };
  const classpath = askMaven(caches);
  const fresh = `${remembered}.${process.pid}`;
  writeFileSync(fresh, classpath);
  renameSync(fresh, remembered);
  return { java, classpath };
}

function findJava(home: string | undefined): string {
  const java = home === undefined ? 'java' : join(home, 'bin', 'java');
  const { status, stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' });
  const version = Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? Number.NaN);
  if (status === 0 && version >= OLDEST_JAVA) return java;
  const found = status === 0 ? `Java ${version} is too old for Apache Kafka.` : 'There is no Java here.';
  throw new BrokerUnusable(
    'no-java',
    found,
    `Install a JDK of version ${OLDEST_JAVA} or newer (Debian: openjdk-17-jre-headless), or set JAVA_HOME or KAFKA_BROKERS.`,
  );
}

function askMaven({ folder, mavenRepository }: Caches): string {
  const place = mavenRepository === null ? [] : [`-Dmaven.repo.local=${mavenRepository}`];
  const target = join(folder, `classpath.${process.pid}`);
  try {
    const offline = runMaven(target, ['-o', ...place]);
    const { status, stdout, error } = offline.status === 0 ? offline : runMaven(target, place);
    if (error !== undefined)
      throw new BrokerUnusable(
        'no-maven',
        'There is no Maven here to fetch Apache Kafka with.',
        'Install Maven (Debian: maven), or set KAFKA_BROKERS to a broker that runs.',
      );
    if (status === 0) return readFileSync(target, 'utf8').trim();
    throw new BrokerUnusable(
      'no-jars',
      `Maven could not fetch Apache Kafka: ${/\[ERROR\] +(\S.*)$/m.exec(stdout)?.[1] ?? 'it gave no reason.'}`,
      'Check the way to Maven Central (settings.xml), or set KAFKA_BROKERS to a broker that runs.',
    );
  } finally {
    rmSync(target, { force: true });
  }
}

function runMaven(
  target: string,
  flags: readonly string[],
): { status: number | null; stdout: string; error?: Error | undefined } {
  return spawnSync(
    'mvn',
    [
      '-B',
      '-f',
      POM,
      ...flags,
      'dependency:build-classpath',
      '-DincludeScope=runtime',
      `-Dmdep.outputFile=${target}`,
    ],
    { encoding: 'utf8', timeout: MAVEN_MS },
  );
}

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex').slice(0, 12);
