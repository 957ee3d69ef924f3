import { own, ownObject, pointerOf } from '@kwanus/checks-kit';
import type { Contract, Operation } from './contract.js';
import { compareMedia, contentOf } from './media.js';
import { compareHeaders } from './parameters.js';
import type { Comparison } from './report.js';
import type { Located, Place } from './types.js';

/** The body that a client sends. */
export function compareRequestBody(comparison: Comparison, base: Operation, revision: Operation): void {
  const before = bodyOf(comparison.base.contract, base);
  const after = bodyOf(comparison.revision.contract, revision);
  if (before === null) {
    if (after !== null) bodyAdded(comparison, after);
    return;
  }
  if (after === null)
    return comparison.report('request-body-removed', 'warning', {
      pointer: before.pointer,
      side: 'base',
      subject: BODY,
      text: 'request body: was removed',
    });
  const required = isRequired(before);
  if (required !== isRequired(after)) requirednessChanged(comparison, after);
  compareMedia(comparison, before, after, {
    kind: 'request-body',
    direction: 'request',
    label: BODY,
    asText: false,
    required,
  });
}

const BODY = 'request body';
const isRequired = ({ value }: Located): boolean => own(value, 'required') === true;

function bodyAdded(comparison: Comparison, body: Located): void {
  const required = isRequired(body);
  comparison.report(
    required ? 'request-body-added-required' : 'request-body-added-optional',
    required ? 'error' : 'info',
    {
      pointer: body.pointer,
      subject: BODY,
      text: `request body: is new${required ? ' and must be sent' : ''}`,
    },
  );
}

function requirednessChanged(comparison: Comparison, body: Located): void {
  const required = isRequired(body);
  comparison.report(
    required ? 'request-body-became-required' : 'request-body-became-optional',
    required ? 'error' : 'info',
    {
      pointer: body.pointer,
      subject: BODY,
      text: `request body: ${required ? 'must be sent now' : 'may be left out now'}`,
    },
  );
}

function bodyOf(contract: Contract, { value, pointer }: Operation): Located | null {
  const raw = own(value, 'requestBody');
  return raw === undefined ? null : contract.resolve(raw, pointer + pointerOf('requestBody'));
}

/** What a client gets back. */
export function compareResponses(comparison: Comparison, base: Operation, revision: Operation): void {
  const before = responsesOf(comparison.base.contract, base);
  const after = responsesOf(comparison.revision.contract, revision);
  for (const [status, response] of before) {
    const later = after.get(status) ?? after.get(rangeOf(status));
    if (later !== undefined) compareResponse(comparison, response, later, status);
    else if (isSuccess(status) || !after.has('default')) removed(comparison, response, status);
  }
  for (const [status, response] of after)
    if (!before.has(status) && !before.has(rangeOf(status)))
      comparison.report(`response-${isSuccess(status) ? 'success' : 'non-success'}-status-added`, 'info', {
        pointer: response.pointer,
        subject: status,
        text: `${status}: is a new response`,
      });
}

const rangeOf = (status: string): string => `${status.slice(0, 1)}XX`;

/** @returns true for what a client waits for */
export const isSuccess = (status: string): boolean => /^[23]/.test(status);

function removed(comparison: Comparison, response: Located, status: string): void {
  const success = isSuccess(status);
  comparison.report(
    `response-${success ? 'success' : 'non-success'}-status-removed`,
    success ? 'error' : 'info',
    {
      pointer: response.pointer,
      side: 'base',
      subject: status,
      text: `${status}: the response was removed`,
    },
  );
}

/** @returns the responses by status, ranges as `2XX` */
export function responsesOf(contract: Contract, { value, pointer }: Operation): ReadonlyMap<string, Located> {
  const found = new Map<string, Located>();
  for (const [status, raw] of Object.entries(ownObject(value, 'responses')))
    if (!status.startsWith('x-'))
      found.set(
        status === 'default' ? status : status.toUpperCase(),
        contract.resolve(raw, pointer + pointerOf('responses', status)),
      );
  return found;
}

function compareResponse(comparison: Comparison, base: Located, revision: Located, status: string): void {
  const place: Place = {
    kind: 'response-body',
    direction: 'response',
    label: status,
    asText: false,
    required: true,
  };
  const before = contentOf(base);
  if (before.size > 0 && contentOf(revision).size === 0)
    comparison.report('response-body-removed', isSuccess(status) ? 'error' : 'warning', {
      pointer: revision.pointer,
      subject: status,
      text: `${status}: the response has no body any more`,
    });
  else compareMedia(comparison, base, revision, place);
  compareHeaders(comparison, base, revision, status);
}
