import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  count,
  createLogger,
  type LogOptions,
  metricsText,
  PinoLoggerService,
  record,
  traceId,
  traceparent,
  withSpan,
} from './index.js';
import { startTelemetry } from './start.js';

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

function logged(options: Partial<LogOptions>, write: (service: PinoLoggerService) => void): string {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  write(new PinoLoggerService(createLogger({ level: 'info', format: 'json', destination, ...options })));
  return lines.join('');
}

describe('telemetry', () => {
  let telemetry: ReturnType<typeof startTelemetry>;
  beforeAll(async () => {
    expect(await metricsText()).toMatch(/not set up/);
    telemetry = startTelemetry({});
  });
  afterAll(() => telemetry?.stop());

  it('is off when OTEL_SDK_DISABLED says so', () => {
    expect(startTelemetry({ OTEL_SDK_DISABLED: 'true' })).toBeNull();
  });

  it('says of modules and routes nothing unless it is asked to', () => {
    const start = (service: PinoLoggerService): void => {
      service.log('Mapped {/livez, GET} route', 'RouterExplorer');
      service.log('The platform answers.', 'platform');
    };
    expect(logged({}, start)).toMatch(/^\{[^\n]*"msg":"The platform answers\."[^\n]*\}\n$/);
    expect(logged({ level: 'debug' }, start)).toContain('Mapped {/livez, GET} route');
  });

  it('has trace ids though nothing is sent anywhere', async () => {
    expect(traceparent()).toBeUndefined();
    await withSpan('outer', {}, async () => {
      expect(traceparent()).toMatch(TRACEPARENT);
      expect(traceparent()).toContain(traceId());
    });
  });

  it('goes on with the trace of the message that caused the work', async () => {
    const cause = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await withSpan(
      'consume',
      {},
      async () => expect(traceId()).toBe('0af7651916cd43dd8448eb211c80319c'),
      cause,
    );
    await withSpan(
      'consume',
      {},
      async () => expect(traceId()).not.toBe('0af7651916cd43dd8448eb211c80319c'),
      'nonsense',
    );
  });

  it('throws on what was thrown inside a span', async () => {
    await expect(withSpan('fails', {}, () => Promise.reject(new TypeError('x')))).rejects.toThrow(TypeError);
  });

  it('shows counters and histograms as Prometheus text', async () => {
    count('kwanus.commands', { route: 'Decisions.decide', outcome: 'accepted' }, 3);
    record('kwanus.command.duration', 0.25, { route: 'Decisions.decide', outcome: 'accepted' });
    const text = await metricsText();
    expect(text).toMatch(/kwanus_commands_total\{[^}]*route="Decisions\.decide"[^}]*\} 3/);
    expect(text).toMatch(/kwanus_command_duration_bucket\{[^}]*le="0\.25"\} 1/);
    expect(text).not.toMatch(/process_command|process_owner/);
    expect(text).toMatch(/kwanus_command_duration_sum\{[^}]*\} 0\.25/);
  });

  it('puts the trace on every line of the log', async () => {
    await withSpan('outer', {}, async () => {
      const line = JSON.parse(logged({}, (service) => service.log('hello', 'Here'))) as Record<
        string,
        unknown
      >;
      expect(line).toMatchObject({ level: 'info', msg: 'hello', context: 'Here', trace_id: traceId() });
    });
  });
});

describe('the log of a process', () => {
  it('has no secrets in it: by key, and by value', () => {
    const text = logged({ redact: (line) => line.replaceAll('canary-value', '[redacted]') }, (service) => {
      service.warn({
        msg: 'x',
        authorization: 'canary-key',
        headers: { cookie: 'canary-key' },
        options: { db: { password: 'canary-key' } },
      });
      service.error(new Error('failed for canary-value'));
    });
    expect(text).not.toMatch(/canary/);
    expect(text).toMatch(/redacted/);
  });

  it('keeps a line one line, whatever is in it', () => {
    const forged = 'x\r\n12:00:00 INFO  all is well\u2028next\u001b[2J';
    for (const format of ['json', 'text'] as const) {
      const text = logged({ format }, (service) => {
        service.log(forged, 'a\nb');
        service.log({ msg: 'object', field: forged });
      });
      expect(text.trimEnd().split(/[\n\r\u2028]/)).toHaveLength(2);
      expect(text).not.toContain('\u001b');
    }
  });

  it('is JSON unless it goes to a terminal', () => {
    const toTerminal = { destination: { isTTY: true, write: () => undefined } };
    const lines: string[] = [];
    const write = (line: string) => lines.push(line);
    for (const isTTY of [true, false])
      new PinoLoggerService(
        createLogger({ level: 'info', format: 'auto', ...toTerminal, destination: { isTTY, write } }),
      ).log('hello', 'Here');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d INFO {2}Here: hello\n$/);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ msg: 'hello' });
  });
});
