import { pointerOf } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { contractHosts, type DeclaredHost, externalReferences } from '../hosts/declared-hosts.js';
import { normaliseHost } from '../hosts/host.js';
import { OWN_PAGE, reachedHost } from '../hosts/reached-host.js';
import { fileRefOf, namedFiles } from '../manifest/named-files.js';
import type { CheckRun } from '../run/check-run.js';
import { codeOf } from '../run/extension-code.js';
import { type TextPlace, textsOf } from '../run/strings.js';
import { uniqueByPath } from './unique-by-path.js';

const NEVER = 'This is forbidden and can’t be waived.';

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

/** Addresses that stand in the code of extensions, and those that it was seen to call; one whose host is put together could be any. */
async function judgeExtensions(run: CheckRun): Promise<number> {
  let count = 0;
  for (const { path: file, texts, attempts } of await codeOf(run)) {
    for (const { text: url, line } of texts.addresses) {
      count += 1;
      const { reach, host } = normaliseHost(url);
      if (LOOPBACK.test(host)) await nearby(run, { file, line, url });
      else if (reach !== 'unreadable')
        await judgeHost(run, { url, pointer: '', role: 'endpoint', line }, file);
    }
    for (const { capability, via, target } of attempts) {
      if (capability !== 'network' && capability !== 'markup') continue;
      count += 1;
      await judgeCalled(run, { file, via, target });
    }
  }
  return count;
}

/** Of what was called, not merely named: the machine itself is no exception. */
async function judgeCalled(
  run: CheckRun,
  { file, via, target }: { readonly file: string; readonly via: string; readonly target: string },
): Promise<void> {
  const host = reachedHost(target);
  if (host === null || host === OWN_PAGE) return;
  const { reach, because } = normaliseHost(host.includes(':') ? `[${host}]` : host);
  if (reach === 'internal')
    await internal(run, {
      file,
      pointer: '',
      line: null,
      subject: `called ${host}`,
      what: `code that calls ${target} (${via}): ${because}`,
    });
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
  readonly line?: number | null;
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
