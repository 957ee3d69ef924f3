import type { Loose } from '../sites.js';
import { answered, answering, at, json, post } from './contracts.js';
import { type ContractReadings, object, text, whole } from './reading.js';

const answers = (responses: Loose) => post({ responses });
const d = { description: 'd' };
const header = (more: Loose) => answering({ headers: { 'X-A': { schema: text, required: true, ...more } } });
const called = (schema: Loose, answer: Loose = {}) =>
  post({
    callbacks: {
      c: {
        '{$request.query.u}': {
          post: { requestBody: json(schema), responses: { 200: { ...d, ...answer } } },
        },
      },
    },
  });
const lines = (type: Loose) =>
  at(
    {
      '/x': { get: { responses: { 200: { ...d, content: { 'application/jsonl': { itemSchema: type } } } } } },
    },
    { openapi: '3.2.0' },
  );

/** What comes back, and what the server calls. */
export const ANSWERS: ContractReadings = {
  'failure-of-another-form': {
    why: 'a client that reads failures was promised the old form',
    base: answers({ 200: d, 404: { ...d, ...json(text) } }),
    revision: answers({ 200: d, 404: { ...d, ...json(whole) } }),
    label: 'breaks',
  },
  'failure-by-default': {
    why: 'the default has the same form',
    base: answers({ 200: d, 404: { ...d, ...json(text) }, default: { ...d, ...json(text) } }),
    revision: answers({ 200: d, default: { ...d, ...json(text) } }),
    label: 'safe',
  },
  'answer-gets-a-body': {
    why: 'a client that was promised none does not look',
    base: answering({}),
    revision: answering(json(text)),
    label: 'safe',
  },
  'answer-schema-gone': {
    why: 'it may be anything',
    base: answering(json(text)),
    revision: answering({ content: { 'application/json': {} } }),
    label: 'breaks',
  },
  'answer-of-a-range': {
    why: 'other types of the range were never promised',
    base: answering({ content: { 'application/json': { schema: text } } }),
    revision: answering({ content: { 'application/*': { schema: text } } }),
    label: 'breaks',
  },
  'answer-referenced': {
    why: 'references are not seen',
    base: answering(json(text)),
    revision: post(
      { responses: { 200: { $ref: '#/components/responses/R' } } },
      { components: { responses: { R: { ...d, ...json(text) } } } },
    ),
    label: 'silent',
  },
  'streamed-entries-other': {
    why: 'each line is of another type',
    base: lines(object({ a: text })),
    revision: lines(object({ a: whole })),
    label: 'breaks',
  },
  'header-no-longer-sure': {
    why: 'it was promised',
    base: header({}),
    revision: header({ required: false }),
    label: 'breaks',
  },
  'header-of-another-type': {
    why: 'a client that reads a number was promised one',
    base: header({ schema: whole }),
    revision: header({}),
    label: 'breaks',
  },
  'header-of-other-case': {
    why: 'case says nothing in names of headers',
    base: answering({ headers: { 'X-A': { schema: text, required: true } } }),
    revision: answering({ headers: { 'x-a': { schema: text, required: true } } }),
    label: 'silent',
  },
  'optional-header-gone': {
    why: 'it was never sure',
    base: header({ required: false }),
    revision: answering({}),
    label: 'safe',
  },
  'header-referenced': {
    why: 'references are not seen',
    base: header({}),
    revision: post(answered({ headers: { 'X-A': { $ref: '#/components/headers/A' } } }), {
      components: { headers: { A: { schema: text, required: true } } },
    }),
    label: 'silent',
  },
  'call-loses-a-property': {
    why: 'who is called was promised it',
    base: called(object({ a: text }, { required: ['a'] })),
    revision: called(object({ a: text })),
    label: 'breaks',
  },
  'call-promises-more': {
    why: 'who is called ignores what it does not know',
    base: called(object({ a: text })),
    revision: called(object({ a: text, b: text }, { required: ['b'] })),
    label: 'safe',
  },
  'answer-to-a-call-limited': {
    why: 'what the client answers is sent and may be refused',
    base: called(text, json(text)),
    revision: called(text, json({ ...text, maxLength: 3 })),
    label: 'breaks',
  },
  'link-gone': {
    why: 'links are advice',
    base: answering({ links: { l: { operationId: 'o' } } }),
    revision: answering({}),
    label: 'safe',
  },
  'webhook-comes': {
    why: 'nobody who did not ask for it is called',
    base: post(),
    revision: post({}, { webhooks: { w: { post: { requestBody: json(text), responses: { 204: d } } } } }),
    label: 'safe',
  },
};
