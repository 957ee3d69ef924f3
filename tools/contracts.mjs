// Messages as contracts. `npm run contracts` writes what is made from the code: a JSON Schema a message type, the AsyncAPI document, the
// tables of docs/reference/messages.md; and compares the schemas with those of the last release. Exit 1 when a released message was
// narrowed, widened where older consumers read it, or is gone. `npm run contracts -- --release VERSION` freezes them as released.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { diffContracts } from '@kwanus/checks-contract-diff';
import {
  asyncApiDocument,
  EventHeaders,
  jsonSchemaOf,
  MESSAGE_TYPES,
  messageJsonSchemas,
  messagesReference,
  TelemetryHeaders,
} from '@kwanus/contracts';

const ROOT = join(import.meta.dirname, '..');
const SCHEMAS = join(ROOT, 'libs/contracts/schemas');
const RELEASED = join(ROOT, 'libs/contracts/released');

/** @returns {{ version: string, schemas: Record<string, object> } | null} what was released last */
export function lastRelease(folder = RELEASED) {
  const versions = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));
  const version = versions.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  if (version === undefined) return null;
  return { version, schemas: JSON.parse(readFileSync(join(folder, `${version}.json`), 'utf8')) };
}

/**
 * What a reader or a writer who kept to the released schemas could stumble over. Ours to send: older consumers must be able to read what is
 * sent now, and consumers of today what stands in the log. Others' to send (telemetry): what older services send must still be taken.
 * @returns {string[]} a line for each
 */
export function changesThatBreak(released, current, isOurs) {
  const found = Object.entries(released).flatMap(([type, before]) => {
    const after = current[type];
    if (after === undefined) return [`${type} is gone`];
    const directions = isOurs(type) ? ['request', 'response'] : ['request'];
    return directions.flatMap((direction) =>
      diffContracts(as(direction, before), as(direction, after))
        .findings.filter(({ level }) => level !== 'info')
        .map(({ id, text }) => `${type}: ${text} (${id})`),
    );
  });
  return [...new Set(found)];
}

/** @returns true for a message, or its headers, that a service of the platform sends */
export const isOurs = (type) => type !== 'TelemetryHeaders' && MESSAGE_TYPES[type]?.topic.owner !== null;

/** @returns {Record<string, object>} what is promised now: bodies and headers */
export const currentContracts = () => ({
  ...messageJsonSchemas(),
  EventHeaders: jsonSchemaOf(EventHeaders),
  TelemetryHeaders: jsonSchemaOf(TelemetryHeaders),
});

/** The schema as the body of a request (others send it to us) or of an answer (we send it to them). */
function as(direction, { $defs = {}, $schema: _schema, $id: _id, ...schema }) {
  const content = { 'application/json': { schema } };
  const operation = {
    ...(direction === 'request' ? { requestBody: { required: true, content } } : {}),
    responses: { 200: { description: '', ...(direction === 'response' ? { content } : {}) } },
  };
  return {
    openapi: '3.1.0',
    info: { title: 'messages', version: '1' },
    paths: { '/message': { post: operation } },
    $defs,
  };
}

function write() {
  for (const [type, schema] of Object.entries(messageJsonSchemas()))
    put(join(SCHEMAS, `${type}.json`), schema);
  put(join(ROOT, 'docs/reference/asyncapi.json'), asyncApiDocument());
  const page = join(ROOT, 'docs/reference/messages.md');
  const text = readFileSync(page, 'utf8');
  writeFileSync(page, text.slice(0, text.indexOf('## Topics')) + messagesReference());
}

/** A release is written once, and never touched again. */
function release(version) {
  const file = join(RELEASED, `${version}.json`);
  if (!/^\d+\.\d+\.\d+$/.test(version) || existsSync(file))
    throw new TypeError(`${version} is no version, or was released already.`);
  put(file, currentContracts());
}

const put = (file, value) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);

function main([option, version]) {
  write();
  const last = lastRelease();
  const breaks = last === null ? [] : changesThatBreak(last.schemas, currentContracts(), isOurs);
  for (const line of breaks)
    console.error(`Since ${last.version}: ${line}. Make a new version of the type beside it.`);
  if (breaks.length > 0) process.exitCode = 1;
  else if (option === '--release') release(version);
  execFileSync('npx', ['biome', 'format', '--write', SCHEMAS, RELEASED, 'docs/reference/asyncapi.json'], {
    cwd: ROOT,
    stdio: 'ignore',
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main(process.argv.slice(2));
