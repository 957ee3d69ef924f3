import { type JsonSchema, jsonSchemaOf } from './json-schemas.js';
import { MESSAGE_TYPES } from './registry.js';
import { TOPICS, type Topic } from './topics.js';

const DAY_MS = 24 * 3600 * 1000;

/** @returns the generated part of docs/reference/messages.md: topics, and the fields of every message type */
export const messagesReference = (): string =>
  [
    '## Topics',
    '',
    '| topic | written by | partitions | keeps |',
    '| --- | --- | --- | --- |',
    ...Object.values(TOPICS).map(topicRow),
    '',
    ...Object.values(TOPICS).flatMap(typesOf),
  ].join('\n');

const topicRow = ({ name, owner, partitions, retentionMs }: Topic): string =>
  `| \`${name}\` | ${owner ?? 'platform services'} | ${partitions} | ${retentionMs < 0 ? 'everything' : `${retentionMs / DAY_MS} days`} |`;

function typesOf(topic: Topic): string[] {
  const types = Object.values(MESSAGE_TYPES).filter((type) => type.topic.name === topic.name);
  return [
    `## Messages of \`${topic.name}\``,
    '',
    '| type | data (`?` = may be missing) |',
    '| --- | --- |',
    ...types.map(
      ({ type, schema }) =>
        `| [\`${type}\`](../../libs/contracts/schemas/${type}.json) | ${fields(jsonSchemaOf(schema))} |`,
    ),
    '',
  ];
}

function fields(schema: JsonSchema): string {
  const names = Object.keys((schema['properties'] ?? {}) as object);
  const required = new Set((schema['required'] ?? []) as readonly string[]);
  return names.map((name) => `\`${name}${required.has(name) ? '' : '?'}\``).join(', ') || 'none';
}
