import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import { describe, expect, it } from '@jest/globals';
import { asyncApiDocument } from './async-api.js';
import { TelemetryHeaders } from './envelope.js';
import { TELEMETRY_EXAMPLES } from './examples.js';
import { MESSAGE_TYPES } from './registry.js';
import { groupOf, READERS, type ServiceName, TOPICS } from './topics.js';

const root = join(import.meta.dirname, '../../..');

describe('asyncApiDocument', () => {
  it('is an AsyncAPI 3 document that the parser has nothing to say about', async () => {
    const { document, diagnostics } = await new Parser().parse(JSON.stringify(asyncApiDocument()));
    expect(diagnostics).toEqual([]);
    const names =
      document
        ?.allMessages()
        .all()
        .map((message) => message.name()) ?? [];
    expect(new Set(names)).toEqual(new Set([...Object.keys(MESSAGE_TYPES), 'dead-letters']));
    expect(
      document
        ?.securitySchemes()
        .all()
        .map((scheme) => scheme.type()),
    ).toEqual(['scramSha512']);
  });

  it('is committed as docs/reference/asyncapi.json (else: npm run contracts)', () => {
    const committed: unknown = JSON.parse(readFileSync(join(root, 'docs/reference/asyncapi.json'), 'utf8'));
    expect(committed).toEqual(JSON.parse(JSON.stringify(asyncApiDocument())));
  });

  it('says who sends and who receives, under which group', () => {
    const { operations } = asyncApiDocument() as {
      operations: Record<string, { action: string; bindings?: { kafka: { groupId?: { enum: string[] } } } }>;
    };
    expect(operations['intake-sends-integration']).toMatchObject({ action: 'send' });
    expect(operations).not.toHaveProperty('validation-sends-integration');
    const groups = Object.values(operations).flatMap(({ bindings }) => bindings?.kafka.groupId?.enum ?? []);
    expect(new Set(groups)).toEqual(new Set(groupsOfTheServices()));
  });

  it('shows an example of each telemetry message that its schema takes', () => {
    const types = Object.values(MESSAGE_TYPES).filter(({ topic }) => topic.name === TOPICS.telemetry.name);
    expect(Object.keys(TELEMETRY_EXAMPLES)).toEqual(types.map(({ type }) => type));
    const { components } = asyncApiDocument() as {
      components: { messages: Record<string, { examples: { headers: object; payload: object }[] }> };
    };
    for (const { type, schema } of types) {
      const [example] = components.messages[type]?.examples ?? [];
      expect(schema.parse(example?.payload)).toEqual(TELEMETRY_EXAMPLES[type]);
      expect(TelemetryHeaders.parse(example?.headers)).toMatchObject({ ce_type: type });
    }
  });
});

/** As their sources name them: `READERS` is a list by hand, and must say the same. */
function groupsOfTheServices(): readonly string[] {
  const files = Object.keys(READERS).flatMap((service) => {
    const folder = join(root, 'libs/services', service, 'src');
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.consumer.ts'))
      .map((name) => ({ service: service as ServiceName, text: readFileSync(join(folder, name), 'utf8') }));
  });
  return files.map(({ service, text }) => {
    const topic = /TOPICS\.(\w+)\.name/.exec(text)?.[1] as keyof typeof TOPICS;
    const group = groupOf(service, topic);
    expect(text).toContain(`'${group}'`);
    return group;
  });
}
