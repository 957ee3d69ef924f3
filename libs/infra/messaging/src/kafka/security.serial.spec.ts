import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Broker } from '@kwanus/broker';
import { TOPICS } from '@kwanus/contracts';
import { sharedBroker, startTestBroker, testCertificate, withKafka } from '@kwanus/testing-infra';
import { bodies, KafkaBench, text, until } from '@kwanus/testing-infra/kafka';
import { AccessMismatch, TransportRefused } from '../errors.js';
import {
  type AccessRule,
  accessRules,
  type KafkaOperator,
  type KafkaTransport,
  type KafkaTransportOptions,
  openKafkaOperator,
} from './index.js';

const SERVICES = ['intake', 'validation', 'rollout', 'monitoring'];
const topics = Object.values(TOPICS);
const rules = accessRules({ services: SERVICES, topics, reader: 'monitoring', emitters: ['crm'] });
const password = (user: string): string => `${user} has a secret`;

withKafka('the security of the wire', () =>
  describe('the security of the wire', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kwanus-tls-'));
    let broker: Broker;
    let stop: () => Promise<void>;
    let bench: KafkaBench;
    let operator: KafkaOperator;
    let tls: { caFile: string };
    const login = (user: string): NonNullable<KafkaTransportOptions['sasl']> => ({
      username: user,
      password: password(user),
    });
    const as = (user: string): Promise<KafkaTransport> => bench.connect({ sasl: login(user) });

    beforeAll(async () => {
      const keyStore = testCertificate(folder);
      tls = { caFile: keyStore.caFile };
      const users = [...SERVICES, 'crm', 'stranger'].map((name) => ({ name, password: password(name) }));
      const admin = { name: 'operator', password: password('operator') };
      ({ broker, stop } = await startTestBroker({ security: { admin, users, keyStore } }));
      bench = new KafkaBench({ brokers: [broker.address], tls });
      operator = await openKafkaOperator({
        brokers: [broker.address],
        clientId: 'operator',
        tls,
        sasl: login('operator'),
      });
      await operator.ensureTopics(topics);
      await operator.ensureAccess(rules, topics);
    }, 180_000);
    afterEach(() => bench.close(), 60_000);
    afterAll(async () => {
      await operator?.close();
      await stop?.();
      rmSync(folder, { recursive: true, force: true });
    }, 60_000);

    const refusalOf = async (work: Promise<unknown>): Promise<string> => {
      const error = await work.then(
        () => 'nothing was refused',
        (caught: unknown) => caught,
      );
      expect(error).toBeInstanceOf(TransportRefused);
      return (error as Error).message;
    };

    describe('a connection', () => {
      const other = testCertificate(folder, 'somebody-else');
      it.each<[string, () => Promise<Partial<KafkaTransportOptions>>, RegExp]>([
        [
          'without a login',
          async () => ({}),
          /hang up when they are spoken to with TLS and without SASL.*KWANUS_KAFKA_USERNAME/,
        ],
        [
          'with a wrong password',
          async () => ({ sasl: { username: 'intake', password: 'guessed' } }),
          /refused the login of "intake".*password is wrong/,
        ],
        ['of an unknown user', async () => ({ sasl: login('nobody') }), /refused the login of "nobody"/],
        [
          'that trusts another authority',
          async () => ({ sasl: login('intake'), tls: { caFile: other.caFile } }),
          /certificate is not trusted.*KWANUS_KAFKA_CA_FILE/,
        ],
        [
          'that trusts the public authorities only',
          async () => ({ sasl: login('intake'), tls: {} }),
          /certificate is not trusted/,
        ],
        [
          'that trusts a file that is not there',
          async () => ({ tls: { caFile: join(folder, 'gone.pem') } }),
          /file .*gone\.pem can't be read/,
        ],
        [
          'with TLS to brokers that have none',
          async () => ({ brokers: [await sharedBroker()] }),
          /hang up when they are spoken to with TLS/,
        ],
      ])(
        '%s is refused in one line, within seconds',
        async (_, options, expected) => {
          const started = Date.now();
          const refusal = await refusalOf(bench.connect(await options()));
          expect(refusal).toMatch(expected);
          expect(refusal).not.toMatch(/\n|guessed|a secret/);
          expect(Date.now() - started).toBeLessThan(20_000);
        },
        60_000,
      );

      it.each<[string, () => Promise<Partial<KafkaTransportOptions>>, RegExp]>([
        [
          'without TLS to brokers that have it',
          async () => ({ brokers: [broker.address] }),
          /hang up.*without TLS/,
        ],
        [
          'with a login to brokers that know none',
          async () => ({ sasl: login('intake') }),
          /take no login by SASL/,
        ],
      ])(
        '%s is refused in one line, within seconds',
        async (_, options, expected) => {
          const plain = new KafkaBench();
          expect(await refusalOf(plain.connect(await options()))).toMatch(expected);
        },
        60_000,
      );
    });

    describe('a topic', () => {
      it('is written by its owner and read by the others, each in a group of its own', async () => {
        const [intake, rollout] = [await as('intake'), await as('rollout')];
        await intake.ensureTopics(topics);
        await intake.send('kwanus.integration', [text('acme.crm', 'from intake')]);
        const { got, troubles } = await bench.record(rollout, 'kwanus.integration', {
          group: 'rollout.integration',
        });
        await until('it arrives', () => bodies(got).includes('from intake'));
        expect((await rollout.lag('rollout.integration')).size).toBeGreaterThan(0);
        expect(troubles).toEqual([]);
      }, 60_000);

      it.each(['rollout', 'validation', 'monitoring', 'crm', 'stranger'])(
        'kwanus.integration refuses an event that %s forged: nothing of it is kept',
        async (user) => {
          const transport = await as(user);
          const refusal = await refusalOf(
            transport.send('kwanus.integration', [text('acme.forged', `forged by ${user}`)]),
          );
          expect(refusal).toContain(`The user "${user}" may not do this`);
          const { got } = await bench.record(await as('rollout'), 'kwanus.integration', {
            group: `rollout.look-${user}`,
          });
          const proof = `behind ${user}`;
          await (await as('intake')).send('kwanus.integration', [text('acme.forged', proof)]);
          await until('what came after', () => bodies(got).includes(proof));
          expect(bodies(got).filter((body) => body.startsWith('forged'))).toEqual([]);
        },
        60_000,
      );

      it('without an owner is written by emitters, who may do nothing else', async () => {
        const crm = await as('crm');
        await crm.send('kwanus.telemetry', [text('acme.crm', 'a call')]);
        const { got } = await bench.record(await as('monitoring'), 'kwanus.telemetry', {
          group: 'monitoring.telemetry',
        });
        await until('it arrives', () => got.length > 0);
        expect(await refusalOf(bench.record(crm, 'kwanus.telemetry', { group: 'crm' }))).toContain(
          '"crm" may not',
        );
        expect(await refusalOf((await as('rollout')).send('kwanus.telemetry', [text('a', 'b')]))).toContain(
          '"rollout" may not',
        );
      }, 60_000);

      it('of the platform is created by the operator only; its dead letters a service makes itself', async () => {
        const intake = await as('intake');
        const topic = { partitions: 1, retentionMs: -1 };
        expect(await refusalOf(intake.ensureTopics([{ ...topic, name: 'kwanus.invented' }]))).toContain(
          '"intake" may not',
        );
        await intake.ensureTopics([{ ...topic, name: 'intake.rollout.dlq' }]);
        await intake.send('intake.rollout.dlq', [text(null, 'parked')]);
        expect(
          await refusalOf((await as('rollout')).send('intake.rollout.dlq', [text(null, 'x')])),
        ).toContain('"rollout" may not');
      }, 60_000);
    });

    describe('a group', () => {
      it('is read by its service only: another is told so instead of waiting', async () => {
        const validation = await as('validation');
        expect(
          await refusalOf(bench.record(validation, 'kwanus.integration', { group: 'rollout.integration' })),
        ).toContain('The user "validation" may not do this');
      }, 60_000);

      it('whose rights are taken away while it reads says so, and goes on when they are given back', async () => {
        const [intake, rollout] = [await as('intake'), await as('rollout')];
        const { got, troubles } = await bench.record(rollout, 'kwanus.integration', {
          group: 'rollout.revoked',
        });
        await intake.send('kwanus.integration', [text('acme.revoked', 'before')]);
        await until('before', () => bodies(got).includes('before'));
        const reads = ({ user, name }: AccessRule): boolean =>
          user === 'rollout' && name === 'kwanus.integration';
        await operator.ensureAccess(
          rules.filter((rule) => !reads(rule)),
          topics,
        );
        await until('it is told', () => troubles.some((error) => error instanceof TransportRefused));
        await operator.ensureAccess(rules, topics);
        await intake.send('kwanus.integration', [text('acme.revoked', 'after')]);
        await until('after', () => bodies(got).includes('after'));
      }, 60_000);
    });

    describe('access as code', () => {
      const extra = (user: string): AccessRule => ({
        user,
        on: 'topic',
        name: 'kwanus.',
        prefixed: true,
        operations: ['write'],
      });

      it('takes away what a rule no longer grants', async () => {
        await operator.ensureAccess([...rules, extra('rollout')], topics);
        const rollout = await as('rollout');
        await rollout.send('kwanus.validation', [text('a', 'for a while')]);
        await operator.ensureAccess(rules, topics);
        await until('it is refused', () =>
          rollout.send('kwanus.validation', [text('a', 'b')]).then(
            () => false,
            (error: unknown) => error instanceof TransportRefused,
          ),
        );
      }, 60_000);

      it('refuses to go on beside a stranger who may write what has an owner, and names both', async () => {
        await operator.ensureAccess([...rules, extra('stranger')], topics);
        const error = await operator.ensureAccess(rules, topics).catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(AccessMismatch);
        expect(String(error)).toMatch(
          /User:stranger may write the topic "kwanus\.integration", which only kwanus\/intake may/,
        );
        await operator.ensureAccess([...rules, { ...extra('stranger'), operations: ['describe'] }], topics);
        await operator.ensureAccess(rules, topics);
      }, 60_000);
    });
  }),
);
