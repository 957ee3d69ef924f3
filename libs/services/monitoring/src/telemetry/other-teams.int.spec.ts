import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  putKafkaScript,
  ROOT,
  runProgram,
  startTestBroker,
  testDatabase,
  withKafka,
  withProgram,
  withPython,
} from '@kwanus/testing-infra';
import { eventually } from '../testing/monitoring-harness.js';
import { type KafkaMonitoring, startMonitoringOverKafka } from '../testing/monitoring-over-kafka.js';

const PAGE = readFileSync(join(ROOT, 'docs/how-to/emit-telemetry.md'), 'utf8');
const README = readFileSync(join(ROOT, 'libs/emitter/README.md'), 'utf8');

/** @returns the fenced block of the language that contains the text */
function example(page: string, language: string, containing: string): string {
  const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const found = blocks.find(([, name, text]) => name === language && text?.includes(containing));
  if (found?.[2] === undefined) throw new TypeError(`No ${language} block contains ${containing}.`);
  return found[2];
}

/** Everything that the page says is done as it says, by clients that are not ours, up to a sealed window of the real service. */
withKafka('Telemetry of other teams', () => {
  describe('Telemetry of other teams', () => {
    const opened: (() => Promise<void>)[] = [];
    let monitoring: KafkaMonitoring;
    let environment: Record<string, string>;
    let folder: string;
    /** How many of acme.orders were sent so far. */
    let sent = 0;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'kwanus-teams-'));
      const { broker, stop } = await startTestBroker();
      opened.push(stop);
      const database = await testDatabase();
      opened.push(() => database.drop());
      monitoring = await startMonitoringOverKafka(broker.address, database.url);
      opened.push(() => monitoring.stop());
      environment = {
        KAFKA_BROKERS: broker.address,
        KWANUS_URL: monitoring.url,
        KWANUS_TOKEN: await monitoring.token('service'),
      };
    }, 120_000);
    afterAll(async () => {
      for (const close of opened.reverse()) await close();
      rmSync(folder, { recursive: true, force: true });
    }, 60_000);

    const oneMoreIsCounted = async (): Promise<void> => {
      sent += 1;
      expect(await monitoring.counted('acme.orders', sent)).toBe(sent);
      expect(await monitoring.refused()).toEqual({});
    };

    withProgram('over HTTP, with curl', 'curl', 'Debian: curl', () => {
      it('[DC-6] is counted over HTTP, as the page says it with curl', async () => {
        const ran = await runProgram('bash', ['-c', example(PAGE, 'sh', 'curl')], environment);
        expect(ran).toEqual({ code: 0, stdout: '{"accepted":1}', stderr: '' });
        await oneMoreIsCounted();
      }, 90_000);
    });

    it('[DC-6] is counted over Kafka, as the page says it with the console producer of Apache Kafka', async () => {
      putKafkaScript(folder, 'kafka-console-producer.sh', 'org.apache.kafka.tools.ConsoleProducer');
      const path = `${folder}${delimiter}${process.env['PATH']}`;
      const ran = await runProgram('bash', ['-c', example(PAGE, 'sh', 'kafka-console-producer')], {
        ...environment,
        PATH: path,
      });
      expect(ran).toMatchObject({ code: 0, stdout: '' });
      await oneMoreIsCounted();
    }, 90_000);

    describe('with the package that is published', () => {
      beforeAll(async () => {
        const packed = await runProgram(
          'npm',
          ['pack', '--silent', '--pack-destination', folder],
          {},
          { folder: join(ROOT, 'libs/emitter') },
        );
        expect({ ...packed, stderr: '' }).toMatchObject({ code: 0 });
        writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
        const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
        const installed = await runProgram(
          'npm',
          ['install', '--offline', '--no-audit', '--no-fund', '--no-update-notifier', `./${tarball}`],
          { npm_config_cache: join(folder, 'empty-cache') },
          { folder },
        );
        expect({ code: installed.code, stderr: installed.stderr }).toEqual({ code: 0, stderr: '' });
      }, 120_000);

      it('is installed from the tarball alone, and brings what it needs and nothing else', () => {
        const at = join(folder, 'node_modules');
        expect(readdirSync(at).filter((name) => !name.startsWith('.'))).toEqual(['@kwanus']);
        const manifest = JSON.parse(readFileSync(join(at, '@kwanus/client/package.json'), 'utf8')) as object;
        expect(manifest).not.toHaveProperty('dependencies');
        expect(
          new Set(readdirSync(join(at, '@kwanus/client'), { recursive: true, encoding: 'utf8' })),
        ).toEqual(
          new Set([
            'LICENSE',
            'README.md',
            'dist',
            'dist/package',
            'dist/package/THIRD-PARTY-LICENSES',
            'dist/package/emitter.d.ts',
            'dist/package/index.d.ts',
            'dist/package/index.js',
            'dist/package/options.d.ts',
            'dist/package/telemetry.d.ts',
            'package.json',
          ]),
        );
        expect(readFileSync(join(at, '@kwanus/client/LICENSE'))).toEqual(readFileSync(join(ROOT, 'LICENSE')));
      });

      it('has types that need no others', async () => {
        writeFileSync(
          join(folder, 'typed.ts'),
          `${example(README, 'js', 'url:')
            .replaceAll(/process\.env\.\w+/g, "'x'")
            .replace(
              /console\..*/,
              '',
            )}\ntelemetry.counts.sent satisfies number;\n// @ts-expect-error there is no such outcome\ntelemetry.workflowRun({ ...of, workflow: 'w', outcome: 'lost', durationMs: 1 });\n`,
        );
        const compilerOptions = {
          strict: true,
          noEmit: true,
          module: 'nodenext',
          target: 'es2022',
          lib: ['es2022', 'dom'],
          types: [],
          skipLibCheck: false,
        };
        writeFileSync(
          join(folder, 'tsconfig.json'),
          JSON.stringify({ compilerOptions, files: ['typed.ts'] }),
        );
        const ran = await runProgram(
          process.execPath,
          [join(ROOT, 'node_modules/typescript-native/bin/tsc')],
          {},
          { folder },
        );
        expect(ran).toEqual({ code: 0, stdout: '', stderr: '' });
      }, 60_000);

      const readmeExample = async (name: string, containing: string): Promise<void> => {
        const text = example(README, 'js', containing);
        expect(text.trim().split('\n').length).toBeLessThanOrEqual(10);
        writeFileSync(join(folder, name), text);
        // Node 24 warns of kafkajs's timers. Their process is theirs: nothing is kept back there.
        const options = { ...environment, NODE_OPTIONS: '--disable-warning=TimeoutNegativeWarning' };
        const ran = await runProgram(process.execPath, [name], options, { folder });
        expect(ran).toMatchObject({ code: 0, stderr: '' });
        expect(ran.stdout).toContain('sent: 1');
        await oneMoreIsCounted();
      };

      it(
        '[DC-6] is counted over HTTP by the ten lines of its README',
        () => readmeExample('http.mjs', 'url:'),
        90_000,
      );

      it('[DC-6] is counted over Kafka by the ten lines of its README, with kafkajs beside it', async () => {
        const without = await runProgram(
          process.execPath,
          ['--input-type=module', '-e', example(README, 'js', 'brokers:')],
          environment,
          { folder },
        );
        expect(without.stderr).toContain('npm i kafkajs');
        mkdirSync(join(folder, 'node_modules'), { recursive: true });
        symlinkSync(join(ROOT, 'node_modules/kafkajs'), join(folder, 'node_modules/kafkajs'));
        await readmeExample('kafka.mjs', 'brokers:');
      }, 90_000);

      it.each([
        ['HTTP that is away', "url: 'http://127.0.0.1:9', token: 't'"],
        ['HTTP that never answers', 'url: process.env.SILENT_URL, token: "t"'],
        ['a broker that is there', 'kafka: { brokers: [process.env.KAFKA_BROKERS] }'],
        ['a broker that is away', "kafka: { brokers: ['127.0.0.1:9'] }"],
      ])(
        'lets its process end, whatever waits, over %s',
        async (_, target) => {
          const silent = await silentServer();
          const program = `import { Emitter } from '@kwanus/client';
          const telemetry = new Emitter({ source: 'acme/ends', batchSize: 1, maxAttempts: 1000, onDrop: () => {}, ${target} });
          const of = { integration: 'acme.ends', release: '1.3.0', workspace: 'w-1' };
          for (let n = 0; n < 100; n += 1) telemetry.apiCall({ ...of, operation: 'a', status: 200, durationMs: 1 });
          setTimeout(() => console.log('done'), 1_000);`;
          const ran = await runProgram(
            process.execPath,
            ['--input-type=module', '-e', program],
            { ...environment, SILENT_URL: silent.url },
            { folder },
          );
          silent.close();
          expect(ran).toMatchObject({ code: 0, stdout: 'done\n' });
        },
        60_000,
      );
    });

    withPython('over Kafka, with Python', 'confluent-kafka==2.16.1', (python) => {
      const run = (program: string) =>
        runProgram(python.program, ['-'], { ...environment, ...python.environment }, { input: program });

      it('[DC-6] is counted over Kafka, as the page says it in Python', async () => {
        expect(await run(example(PAGE, 'python', 'confluent_kafka'))).toEqual({
          code: 0,
          stdout: '',
          stderr: '',
        });
        await oneMoreIsCounted();
      }, 90_000);

      it('counts all of it over whatever partitions it comes, and what can’t be read by its reason', async () => {
        const program = readFileSync(join(import.meta.dirname, '../testing/odd-telemetry.py'), 'utf8');
        const ran = await run(program);
        expect(ran).toEqual({ code: 0, stdout: 'MSG_SIZE_TOO_LARGE\n', stderr: '' });
        expect(await monitoring.counted('beta.spread', 60)).toBe(60);
        expect(
          await eventually(async () => {
            const reasons = await monitoring.refused();
            return Object.values(reasons).reduce((sum, count) => sum + count, 0) >= 12 ? reasons : undefined;
          }),
        ).toEqual({
          'unknown-type': 2,
          'unknown-version': 1,
          headers: 3,
          'no-body': 1,
          schema: 3,
          'key-differs': 2,
        });
      }, 90_000);
    });
  });
});

/** Takes connections and says nothing. */
async function silentServer(): Promise<{ readonly url: string; readonly close: () => void }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
