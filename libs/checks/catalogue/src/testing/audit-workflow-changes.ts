import { type Audit, api, type Case, flow, row, since, told } from './audit-cases.js';
import { goesOn, type Loose, put } from './edited-submission.js';
import {
  adding,
  caught,
  declared,
  handler,
  one,
  parked,
  publishing,
  register,
  send,
  switching,
} from './workflow-edits.js';

const schema = (part: string, ...required: readonly string[]): Case => ({
  is: {
    ...told((m) => put(declared(m), { [part]: { schema: 'wf/schema.json' } })).is,
    'wf/schema.json': JSON.stringify({
      type: 'object',
      properties: { id: { type: 'string' }, note: { type: 'string' } },
      required,
    }),
  },
});
const gone = (m: Loose): void => put(m, { workflows: [], fallback: [] });
const deprecating = (ref: string, sunset: string): Case =>
  told((m) => {
    put(m['lifecycle'], { deprecates: [{ ref, sunset }] });
    publishing('acme.x')(m);
  });
const renamed = (w: Loose): void => put(w, { do: [{ announce: register(w) }] });
const migrating = (to: string): Case =>
  told(
    (m) =>
      put(declared(m), {
        inFlight: {
          migrate: Object.fromEntries(
            ['/do/register', '/do/register/try/send', '/do/register/catch/do/park'].map((from) => [from, to]),
          ),
        },
      }),
    renamed,
  );
const delayed = (maxDelay: string): Case => told((m) => put(parked(m), { maxDelay }));
const promised = api((c) => put(c['paths']?.['/parcels']?.['post'], { 'x-latency-p99': 'PT2S' }));
const within = (after: string): Case => ({
  is: { ...promised.is, ...flow((w) => put(send(w), { timeout: { after } })).is },
});
const unused = told((m) => put(handler(m), { permission: undefined }));
const versioned = (version: string): Case =>
  told((m) => {
    put(m['metadata'], { version });
    publishing('acme.x')(m);
  });
const only503 = (...on: readonly string[]): Case =>
  told(
    (m) => put(parked(m), { on }),
    (w) => put(caught(w), { errors: { with: { status: 503 } } }),
  );

/** WC: a workflow against those of live versions; WF018 and WF019: every path of one. */
export const CHANGES: Readonly<Record<string, Readonly<Record<string, Audit>>>> = {
  'workflow-compatibility': {
    WC101: row(since(told(gone)), since({}), [
      since(told(gone), deprecating('workflow:register-parcel', '2026-11-24')),
      since(told(gone), deprecating('workflow:register-parcel', '2026-11-23')),
    ]),
    WC102: row(since(schema('input', 'id'), schema('input')), since(schema('input'), schema('input', 'id')), [
      since(schema('input', 'id', 'note'), schema('input', 'id')),
      since(schema('input', 'id'), schema('input', 'id')),
    ]),
    WC103: row(
      since(schema('output'), schema('output', 'id')),
      since(schema('output', 'id'), schema('output')),
      [
        since(schema('output', 'id'), schema('output', 'id', 'note')),
        since(schema('output', 'id'), schema('output', 'id')),
      ],
    ),
    WC104: row(
      since({}, told(publishing('acme.x'))),
      since(told(publishing('acme.x', 'acme.y')), told(publishing('acme.x'))),
      [
        since({}, deprecating('event:acme.x', '2026-11-24')),
        since({}, deprecating('event:acme.x', '2026-11-23')),
      ],
    ),
    WC105: row(
      since(told((m) => put(declared(m), { inFlight: undefined }), renamed)),
      since(told((m) => put(declared(m), { inFlight: 'pin' }), renamed)),
      [since(migrating('/do/announced')), since(migrating('/do/announce'))],
    ),
    WC106: row(since({}, unused), since({}), [since({}, unused, {}), since({}, {}, unused)]),
    WC107: row(since(told((m) => put(parked(m), { on: ['timeout'] }))), since({}), [
      since(delayed('PT61M')),
      since(delayed('PT60M')),
    ]),
    WC108: row(
      since(
        told(
          (m) => put(parked(m), { on: ['error'] }),
          (w) => put(caught(w), { when: '${ .a }' }),
        ),
      ),
      since(
        {},
        flow((w) => put(caught(w), { when: '${ .a }' })),
      ),
      [
        since(
          told(
            (m) => put(parked(m), { on: ['error'] }),
            (w) => put(caught(w), { exceptWhen: '${ .a }' }),
          ),
        ),
        since(flow((w) => put(caught(w), { as: 'error' }))),
      ],
    ),
    WC109: row(since(within('PT1S'), promised), since(within('PT3S'), promised), [
      since(within('PT1.999S'), promised),
      since(within('PT2S'), promised),
    ]),
    WC110: row(since(versioned('1.0.1')), since(versioned('2.0.0')), [
      since(versioned('1.0.9')),
      since(versioned('1.1.0')),
    ]),
    WF018: row(only503('timeout'), only503('error'), [
      only503('4xx', '5xx', 'timeout', 'permission-denied'),
      only503('4xx', '5xx', 'timeout', 'permission-denied', 'invalid-body'),
    ]),
    WF019: row(
      flow((w) => put(caught(w), { retry: { delay: 'PT1S' } })),
      flow((w) => put(caught(w), { retry: { limit: { attempt: { count: 3 } } } })),
      [
        adding({ again: goesOn('register', { set: { a: 1 } }) }),
        adding(switching(one, { rest: goesOn('register') })),
      ],
    ),
  },
};
