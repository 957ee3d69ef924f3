import { isObject, own, ownObject, pointerOf } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { isSuccess, responsesOf } from './bodies.js';
import { type Contract, methodsOf, type Operation } from './contract.js';
import { compareMedia, contentOf } from './media.js';
import type { Comparison } from './report.js';
import type { Located, Place } from './types.js';

/** Calls that the server makes: what it sends is received by the client, what the client answers is received by the server. */
type Calls = ReadonlyMap<string, Operation>;

/** @returns the calls of path items that stand under names, by name and method */
function callsUnder(contract: Contract, items: JsonObject, pointer: string): Calls {
  const found = new Map<string, Operation>();
  for (const [name, raw] of Object.entries(items)) {
    if (name.startsWith('x-')) continue;
    const item = contract.resolve(raw, pointer + pointerOf(name));
    for (const operation of methodsOf(item, name)) found.set(`${name} ${operation.method}`, operation);
  }
  return found;
}

/** What the server calls by itself. */
export function compareWebhooks(comparison: Comparison): void {
  const webhooks = (contract: Contract): JsonObject => ownObject(contract.root, 'webhooks');
  const [before, after] = [webhooks(comparison.base.contract), webhooks(comparison.revision.contract)];
  for (const name of Object.keys(before))
    if (!Object.hasOwn(after, name))
      removed(comparison, `the webhook ${name}`, [pointerOf('webhooks', name), name]);
  const calls = callsUnder(comparison.base.contract, before, '/webhooks');
  const later = callsUnder(comparison.revision.contract, after, '/webhooks');
  new Calling(comparison, 'webhook').compare(calls, later, (call) => Object.hasOwn(after, call.path));
  for (const [key, call] of later)
    if (!calls.has(key))
      comparison.report('webhook-added', 'info', {
        pointer: call.pointer,
        subject: key,
        text: `the webhook ${call.path} is new`,
      });
}

/** What the server calls back at an address that the client gave. */
export function compareCallbacks(comparison: Comparison, base: Operation, revision: Operation): void {
  new Calling(comparison, 'callback').callbacks(base, revision);
}

const removed = (comparison: Comparison, what: string, [pointer, subject]: readonly [string, string]): void =>
  comparison.report(what.startsWith('the webhook') ? 'webhook-removed' : 'callback-removed', 'error', {
    pointer,
    side: 'base',
    subject,
    text: `${what} was removed`,
  });

/** Callbacks may have callbacks, also in circles: every pair is compared once. */
class Calling {
  readonly #seen = new Map<object, Set<object>>();

  constructor(
    readonly comparison: Comparison,
    readonly kind: 'webhook' | 'callback',
  ) {}

  callbacks(base: Operation, revision: Operation): void {
    const { comparison } = this;
    const [before, after] = [
      callbacksOf(comparison.base.contract, base),
      callbacksOf(comparison.revision.contract, revision),
    ];
    this.compare(before, after, () => true);
  }

  compare(before: Calls, after: Calls, isReported: (call: Operation) => boolean): void {
    for (const [key, call] of before) {
      const later = after.get(key);
      if (later !== undefined) this.#call(call, later);
      else if (isReported(call)) removed(this.comparison, `the ${this.kind} ${key}`, [call.pointer, key]);
    }
  }

  #call(base: Operation, revision: Operation): void {
    if (this.#seen.get(base.value)?.has(revision.value) === true) return;
    this.#seen.set(base.value, (this.#seen.get(base.value) ?? new Set()).add(revision.value));
    const name = `${this.kind} ${base.path}`;
    compareSent(this.comparison, [base, revision], name);
    compareAnswers(this.comparison, [base, revision], name);
    this.callbacks(base, revision);
  }
}

function callbacksOf(contract: Contract, { value, pointer }: Operation): Calls {
  const found = new Map<string, Operation>();
  for (const [name, raw] of Object.entries(ownObject(value, 'callbacks'))) {
    if (name.startsWith('x-')) continue;
    const callback = contract.resolve(raw, pointer + pointerOf('callbacks', name));
    for (const [key, call] of callsUnder(contract, callback.value, callback.pointer))
      found.set(`${name} ${key}`, call);
  }
  return found;
}

type Both = readonly [base: Operation, revision: Operation];

function bodyOf(contract: Contract, { value, pointer }: Operation): Located {
  const raw = own(value, 'requestBody');
  return isObject(raw) ? contract.resolve(raw, `${pointer}/requestBody`) : { value: {}, pointer };
}

function compareSent(comparison: Comparison, [base, revision]: Both, name: string): void {
  const [was, is] = [bodyOf(comparison.base.contract, base), bodyOf(comparison.revision.contract, revision)];
  const label = `${name} body`;
  if (contentOf(was).size > 0 && contentOf(is).size === 0)
    return comparison.report('response-body-removed', 'error', {
      pointer: is.pointer,
      subject: label,
      text: `${label}: is no longer sent`,
    });
  const place: Place = { kind: 'response-body', direction: 'response', label, asText: false, required: true };
  compareMedia(comparison, was, is, place);
}

/** What the client may answer. */
function compareAnswers(comparison: Comparison, [base, revision]: Both, name: string): void {
  const before = responsesOf(comparison.base.contract, base);
  const after = responsesOf(comparison.revision.contract, revision);
  for (const [status, response] of before) {
    if (!isSuccess(status)) continue;
    const label = `${name} ${status}`;
    const later = after.get(status) ?? after.get(`${status.slice(0, 1)}XX`) ?? after.get('default');
    if (later !== undefined)
      compareMedia(comparison, response, later, {
        kind: 'request-body',
        direction: 'request',
        label,
        asText: false,
        required: true,
      });
    else
      comparison.report('response-success-status-removed', 'error', {
        pointer: response.pointer,
        side: 'base',
        subject: label,
        text: `${label}: is no longer taken as an answer`,
      });
  }
}
