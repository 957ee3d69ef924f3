import { pointerOf } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { contractHosts, type DeclaredHost, externalReferences } from '../hosts/declared-hosts.js';
import { normaliseHost } from '../hosts/host.js';
import { fileRefOf, namedFiles } from '../manifest/named-files.js';
import type { CheckRun } from '../run/check-run.js';
import { addressesIn, codeLines } from '../run/code-lines.js';
import { type TextPlace, textsOf } from '../run/strings.js';

const NEVER = 'This is forbidden and can’t be waived.';
const CONNECTION =
  /\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|sqlserver|mssql|oracle|cassandra|cockroachdb|clickhouse|couchbase|neo4j|bolt|memcached|ldaps?|jdbc:[a-z0-9:]+|odbc:[a-z0-9:]*):(?:(?:\\?\/){2}|@)/i;
const DRIVER =
  /\b(?:jdbc:|odbc:|org\.postgresql\.|com\.mysql\.|oracle\.jdbc|pgbouncer|DATABASE_URL|PGHOST|PGPASSWORD|MYSQL_HOST|MONGO_URL|REDIS_URL)/i;
const PORTS = new Map([
  [5432, 'PostgreSQL'],
  [6432, 'PgBouncer'],
  [3306, 'MySQL'],
  [33060, 'MySQL X'],
  [27017, 'MongoDB'],
  [27018, 'MongoDB'],
  [1433, 'SQL Server'],
  [1521, 'Oracle'],
  [6379, 'Redis'],
  [9042, 'Cassandra'],
  [7687, 'Neo4j'],
  [26257, 'CockroachDB'],
  [11211, 'memcached'],
]);
const HOST_AND_PORT = /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^\s/?#]+:0*(\d{2,5})(?:[/?#]|$)/i;

/** FB301: a database instead of an API. */
export async function checkForbiddenDatabase(run: CheckRun): Promise<string> {
  for (const [index, { via, store }] of run.declared.dataAccess.entries())
    if (via !== 'api' && via !== 'event')
      await run.blocks('FB301', {
        pointer: pointerOf('dataAccess', index, 'via'),
        subject: `${store} ${via}`,
        message: `${store} is reached by ${via}.`,
        why: `Data is reached over API or event, where permissions hold. ${NEVER}`,
        remedy: 'Use the API or subscribe to the event, and write via: api or via: event.',
      });
  let places = 0;
  for (const { file, texts } of await declaredTexts(run)) {
    places += texts.length;
    for (const place of texts) {
      const found = databaseIn(place.text);
      if (found !== null)
        await run.blocks('FB301', {
          file,
          pointer: place.pointer,
          ...(place.line === undefined ? {} : { line: place.line }),
          subject: `${place.pointer} ${found}`,
          message: `Here stands ${found}.`,
          why: `A database is reached over an API, where permissions hold. ${NEVER}`,
          remedy: 'Take it out; use the platform’s API or events.',
        });
    }
  }
  return `${places} texts of manifest, contracts, workflows and extensions name no database.`;
}

function databaseIn(text: string): string | null {
  const connection = CONNECTION.exec(text)?.[0];
  if (connection !== undefined) return `a connection string (${connection}…)`;
  const driver = DRIVER.exec(text)?.[0];
  if (driver !== undefined) return `a database driver or its setting (${driver})`;
  const port = Number(HOST_AND_PORT.exec(text.trim())?.[1]);
  const product = PORTS.get(port);
  return product === undefined ? null : `the port ${port} of ${product}`;
}

/** The texts of everything that is run or called: manifest, contracts, workflows; the code of extensions line by line. */
async function declaredTexts(
  run: CheckRun,
): Promise<readonly { readonly file: string; readonly texts: readonly TextPlace[] }[]> {
  const { manifestPath, manifest } = run.inputs.submission;
  const found = [{ file: manifestPath, texts: textsOf(manifest) }];
  for (const { path } of uniqueByPath(
    namedFiles(manifest).filter(({ pointer }) => RUN_OR_CALLED.test(pointer)),
  )) {
    const document = await run.inspection.document(path);
    if (document?.ok === true && /\.(?:json|ya?ml)$/.test(path))
      found.push({ file: path, texts: textsOf(document.value) });
    else {
      const text = await run.inspection.text(path);
      if (text !== null) found.push({ file: path, texts: linesOf(text) });
    }
  }
  return found;
}

const RUN_OR_CALLED = /^\/(?:api|events|workflows|extensions|permissions)\//;
const uniqueByPath = <Entry extends { readonly path: string }>(
  entries: readonly Entry[],
): readonly Entry[] => [...new Map(entries.map((entry) => [entry.path, entry])).values()];
const linesOf = (text: string): readonly TextPlace[] =>
  codeLines(text).map((line) => ({ ...line, pointer: '', key: '' }));

/** FB302 internal hosts and operations, FB304 addresses taken from users, FB305 references that lead outside. */
export async function checkForbiddenInternalApi(run: CheckRun): Promise<string> {
  let hosts = 0;
  for (const { path, root } of await run.inspection.contracts())
    if (root !== null) hosts += await judgeContract(run, root, path);
  const egress = manifestHosts(run);
  for (const host of egress) await judgeHost(run, host, run.inputs.submission.manifestPath);
  hosts += egress.length + (await judgeWorkflows(run)) + (await judgeExtensions(run));
  for (const [index, { api, id }] of run.declared.consumes.entries())
    if (/(?:^|\.)internal(?:\.|$)|^kwanus\.(?:intake|validation|rollout|monitoring)(?:\.|$)/.test(api))
      await internal(run, {
        file: run.inputs.submission.manifestPath,
        pointer: pointerOf('api', 'consumes', index, 'api'),
        subject: id,
        what: `the internal API ${api}`,
      });
  await judgeReferences(run);
  return `${hosts} hosts, after undoing every way of writing them, are public; no reference leads outside.`;
}

/** @returns how many hosts the contract names */
async function judgeContract(run: CheckRun, root: JsonObject, file: string): Promise<number> {
  const declared = contractHosts(root);
  for (const host of declared) await judgeHost(run, host, file);
  for (const { key, text, pointer } of textsOf(root))
    if (key.toLowerCase() === 'x-visibility' && text.trim().toLowerCase() === 'internal')
      await internal(run, {
        file,
        pointer,
        subject: pointer,
        what: 'an operation marked x-visibility: internal',
      });
  return declared.length + (await judgeGateways(run, root, file));
}

/** Extensions of gateways name the hosts that lie behind them. */
async function judgeGateways(run: CheckRun, root: JsonObject, file: string): Promise<number> {
  const places = textsOf(root).filter(
    ({ text, pointer }) => /\/x-[^/]+/i.test(pointer) && /^[a-z][a-z0-9+.-]*:\/\//i.test(text),
  );
  for (const { text, pointer } of places)
    await judgeHost(run, { url: text, pointer, role: 'endpoint' }, file);
  return places.length;
}

const manifestHosts = ({ manifest }: CheckRun): readonly DeclaredHost[] => [
  ...(manifest.network?.egress ?? []).map((url, index) => ({
    url,
    pointer: pointerOf('network', 'egress', index),
    role: 'egress' as const,
  })),
  ...(manifest.extensions ?? []).flatMap(({ sandbox }, place) =>
    (sandbox?.network ?? []).map((url, index) => ({
      url,
      pointer: pointerOf('extensions', place, 'sandbox', 'network', index),
      role: 'egress' as const,
    })),
  ),
];

/** URLs of a workflow stand under `uri`, `endpoint`, `url`, `host` or `href`; paths inside the submission are no hosts. */
async function judgeWorkflows(run: CheckRun): Promise<number> {
  let count = 0;
  for (const { definition } of run.declared.workflows) {
    const path = fileRefOf(definition, '')?.path ?? '';
    const document = await run.inspection.document(path);
    for (const place of document?.ok === true ? textsOf(document.value) : []) {
      if (!isAddress(place)) continue;
      count += 1;
      await judgeHost(run, { url: place.text, pointer: place.pointer, role: 'endpoint' }, path);
    }
  }
  return count;
}

/** Addresses that stand in the code of extensions; one whose host is put together at run time could be any. */
async function judgeExtensions(run: CheckRun): Promise<number> {
  let count = 0;
  for (const { entry } of run.declared.extensions) {
    const file = fileRefOf(entry, '')?.path ?? '';
    const code = await run.inspection.text(file);
    for (const { text, line } of code === null ? [] : codeLines(code))
      for (const url of addressesIn(text)) {
        count += 1;
        const { reach, host } = normaliseHost(url);
        if (LOOPBACK.test(host)) await nearby(run, { file, line, url });
        else if (reach !== 'unreadable')
          await judgeHost(run, { url, pointer: '', role: 'endpoint', line }, file);
      }
  }
  return count;
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** Libraries for browsers carry it as a placeholder, and where an extension runs it leads nowhere: to be looked at, no more. */
const nearby = (
  run: CheckRun,
  { file, line, url }: { readonly file: string; readonly line: number; readonly url: string },
): Promise<void> =>
  run.warns('FB302', {
    file,
    line,
    subject: url,
    message: `The code names ${url}, the machine that it runs on.`,
    why: 'Partners reach the platform over its public API alone.',
    remedy: 'Take it out where it is your own; a placeholder of a library does no harm.',
  });

const ADDRESS_KEYS = new Set(['uri', 'endpoint', 'url', 'host', 'href']);

/** A URL, or something that is put together where one belongs; ids of schemas and errors are neither. */
function isAddress({ text, pointer, key }: TextPlace): boolean {
  if (ADDRESS_KEYS.has(key) && text.includes('${')) return true;
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) && !pointer.startsWith('/document/') && key !== 'type';
}

async function judgeHost(
  run: CheckRun,
  { url, pointer, role, line }: DeclaredHost,
  file: string,
): Promise<void> {
  if (role === 'callback' && url.startsWith('{$'))
    return run.warns('FB304', {
      file,
      pointer,
      subject: url,
      message: `The callback goes to an address taken from the request: ${url}.`,
      why: 'Whoever sends the request chooses where the platform calls.',
      remedy: 'Register callback addresses beforehand, and refer to them by id.',
    });
  const { reach, because } = normaliseHost(url);
  const place = { file, pointer, subject: url, ...(line === undefined ? {} : { line }) };
  if (role === 'egress' && /^\*\.?$|^\*\.[a-z]+$/i.test(url.trim()))
    return internal(run, { ...place, what: `${url}, which is every host` });
  if (reach === 'internal') return internal(run, { ...place, what: `${url}: ${because}` });
  if (reach === 'dynamic')
    return internal(run, {
      ...place,
      what: `${url}: the host ${because}, so nobody can tell where it leads`,
    });
  if (reach === 'unreadable') return internal(run, { ...place, what: `${url}: the host ${because}` });
}

interface Internal {
  readonly file: string;
  readonly pointer: string;
  readonly line?: number;
  readonly subject: string;
  readonly what: string;
}

const internal = (run: CheckRun, { what, ...place }: Internal): Promise<void> =>
  run.blocks('FB302', {
    ...place,
    message: `Here stands ${what}.`,
    why: `Partners reach the platform over its public API alone. ${NEVER}`,
    remedy: 'Use the public address.',
  });

async function judgeReferences(run: CheckRun): Promise<void> {
  const { manifest } = run.inputs.submission;
  for (const { path } of uniqueByPath(
    namedFiles(manifest).filter(({ pointer }) => /^\/(?:api|events|workflows)\//.test(pointer)),
  )) {
    const document = await run.inspection.document(path);
    if (document?.ok !== true) continue;
    for (const { reference, pointer } of externalReferences(document.value))
      await run.blocks('FB305', {
        file: path,
        pointer,
        subject: reference,
        message: `The reference leads outside the document: ${reference}.`,
        why: `What it leads to can change after it was judged; it is never fetched. ${NEVER}`,
        remedy: 'Bundle the document: copy what it refers to under components.',
      });
  }
}
