import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { Broker, type BrokerOptions, BrokerUnusable, findDistribution } from '@kwanus/broker';
import { BROKER_LOCK, takeTurn } from './postgres.js';

/**
 * Defines specs that need an Apache Kafka. Where the machine has no Java or no Maven they are skipped, under a name that says
 * what to install.
 */
export function withKafka(name: string, define: () => void): void {
  const missing = whatIsMissing();
  if (missing === null) define();
  else
    describe.skip(`${name} (skipped: ${missing})`, () => {
      it('needs an Apache Kafka', () => undefined);
    });
}

/**
 * The broker of this test run, which all specs share (topics and groups are named per spec); started when the first one asks, unless
 * KAFKA_BROKERS names one that runs. @returns its address
 */
export async function sharedBroker(): Promise<string> {
  const given = process.env['KAFKA_BROKERS'];
  if (given !== undefined) return given;
  const path = process.env['KWANUS_TEST_BROKER'];
  if (path === undefined)
    throw new Error('KWANUS_TEST_BROKER is not set: run the specs with `npm run jest -- PATH`.');
  let answer = '';
  for await (const chunk of connect(path).setEncoding('utf8')) answer += String(chunk);
  const { address, error } = JSON.parse(answer) as { address?: string; error?: string };
  if (address === undefined) throw new Error(`The broker of this test run did not start: ${error}`);
  return address;
}

/**
 * Starts a broker of its own in a temporary folder, for specs that stop it or need it secured: one at a time, as each takes half a
 * gigabyte. @returns it, and how to stop it and remove its files
 */
export async function startTestBroker(
  options: BrokerOptions = {},
): Promise<{ readonly broker: Broker; readonly stop: () => Promise<void> }> {
  const turn = await takeTurn(BROKER_LOCK);
  const folder = mkdtempSync(join(tmpdir(), 'kwanus-kafka-'));
  const broker = new Broker(folder, options);
  const stop = async (): Promise<void> => {
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
    await turn.end();
  };
  try {
    await broker.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { broker, stop };
}

/** Waits until no other spec of this run has a broker of its own, for one that is started by what is tested. */
export const brokerTurn = (): Promise<{ end: () => Promise<void> }> => takeTurn(BROKER_LOCK);

function whatIsMissing(): string | null {
  try {
    findDistribution();
    return null;
  } catch (error) {
    if (error instanceof BrokerUnusable && error.code !== 'start-failed') return error.message;
    throw error;
  }
}

/** Puts a program of Apache Kafka into a folder, as the script of its own that starts it. */
export function putKafkaScript(folder: string, name: string, main: string): void {
  const { java, classpath } = findDistribution();
  writeFileSync(join(folder, name), `exec '${java}' -cp '${classpath}' ${main} "$@"\n`, { mode: 0o755 });
}
