import { type Audit, api, type Case, flow, row, since, told } from './audit-cases.js';
import { goesOn, type Loose, push, put } from './edited-submission.js';

const register = (w: Loose): Loose | undefined => w['do']?.[0]?.['register'];
const send = (w: Loose): Loose | undefined => register(w)?.['try']?.[0]?.['send'];
const caught = (w: Loose): Loose | undefined => register(w)?.['catch'];
const declared = (m: Loose): Loose | undefined => m['workflows']?.[0];
const handler = (m: Loose): Loose | undefined => declared(m)?.['handlers']?.[0];
const parked = (m: Loose): Loose | undefined => m['fallback']?.[0];

const adding = (...tasks: readonly object[]): Case => flow((w) => push(w['do'], ...tasks));
const switching = (...cases: readonly object[]): object => ({ choose: { switch: cases } });
const one = { one: goesOn('end', { when: '${ .a }' }) };
const emits = { tell: { emit: { event: { with: { type: 'acme.x' } } } } };
const publishing =
  (...types: readonly string[]) =>
  (m: Loose): void =>
    put(m['events'], { publishes: types.map((type) => ({ type })) });
const second =
  (more: object) =>
  (m: Loose): void =>
    push(m['workflows'], { ...declared(m), id: 'other', ...more });
const bare = (w: Loose): void => put(w, { do: [{ send: send(w) }] });
const again = (operationId: string): object => ({ ...goesOn('end'), call: 'openapi', with: { operationId } });
const retried = (headers: object) => (w: Loose) => {
  put(caught(w), { retry: { limit: { attempt: { count: 2 } } } });
  put(send(w)?.['with'], { headers });
};
const consuming =
  (more: object) =>
  (m: Loose): void => {
    put(m['api'], {
      consumes: [{ id: 'orders', api: 'kwanus.orders', version: '^2', operations: ['getOrder'] }],
    });
    put(handler(m), { uses: 'api:orders#getOrder', ...more });
  };

/** WF: one version of a workflow. */
export const WORKFLOWS: Readonly<Record<string, Readonly<Record<string, Audit>>>> = {
  'workflow-definition': {
    WF000: row(
      flow((w) => put(w['document'], { dsl: undefined })),
      {},
      [flow((w) => put(w['document'], { dsl: '0.9.0' })), flow((w) => put(w['document'], { dsl: '1.1.0' }))],
    ),
    WF001: row(
      flow((w) => put(register(w), goesOn('nowhere'))),
      flow((w) => put(register(w), goesOn('end'))),
      [
        // a task of another list
        flow((w) => put(register(w), goesOn('send'))),
        flow((w) => {
          put(register(w), goesOn('late'));
          push(w['do'], { late: { set: { a: 1 } } });
        }),
      ],
    ),
    WF002: row(
      flow((w) => {
        put(register(w), goesOn('end'));
        push(w['do'], { late: { set: { a: 1 } } });
      }),
      adding({ late: { set: { a: 1 } } }),
      [
        adding(switching(one, { rest: goesOn('end') }), { late: { set: { a: 1 } } }),
        adding(switching(one), { late: { set: { a: 1 } } }),
      ],
    ),
    WF003: row(adding({ pause: goesOn('register', { wait: 'PT1S' }) }), adding({ pause: { wait: 'PT1S' } }), [
      adding({ pause: { wait: 'PT1S' } }, switching({ rest: goesOn('register') })),
      adding({ pause: { wait: 'PT1S' } }, switching(one, { rest: goesOn('register') })),
    ]),
    WF004: row(
      adding({ again: goesOn('register', { set: { a: 1 } }) }),
      adding({ again: { set: { a: 1 } } }),
      [
        adding({ again: goesOn('register', { set: { a: 1 } }) }),
        adding({ pause: { wait: 'PT1S' } }, { again: goesOn('register', { set: { a: 1 } }) }),
      ],
    ),
    WF005: row(adding(switching(one)), adding(switching(one, { rest: goesOn('end') })), [
      adding(switching({ rest: goesOn('end', { when: 'true' }) })),
      adding(switching({ rest: goesOn('end') })),
    ]),
    WF010: row(
      flow((w) => put(caught(w), { retry: { delay: 'PT1S' } })),
      flow((w) => put(caught(w), { retry: { limit: { attempt: { count: 3 } } } })),
      [
        flow((w) => put(caught(w), { retry: { limit: {} } })),
        flow((w) => put(caught(w), { retry: { limit: { duration: 'PT1M' } } })),
      ],
    ),
    WF012: row(adding({ s: { run: { shell: { command: 'id' } } } }), adding({ s: { set: { a: 'run' } } }), [
      adding({ s: { set: { a: '${ $secrets.key }' } } }),
      adding({ s: { set: { a: '$secrets.key' } } }),
    ]),
    WF013: row(
      adding(emits),
      told(publishing('acme.x'), (w) => push(w['do'], emits)),
      [
        told(publishing('acme.x.y'), (w) => push(w['do'], emits)),
        told(publishing('acme.x'), (w) => push(w['do'], emits)),
      ],
    ),
  },
  'workflow-triggers': {
    WF006: row(
      told((m) => put(m['events'], { subscribes: [] })),
      {},
      [
        told((m) => put(m['events'], { subscribes: [{ type: 'kwanus.order.shippe' }] })),
        told((m) => put(m['events'], { subscribes: [{ type: 'kwanus.order.shipped' }] })),
      ],
    ),
    WF015: row(
      told((m) => put(declared(m)?.['trigger'], { schedule: 'PT1H' })),
      {},
      [
        told((m) => put(declared(m), { trigger: {} })),
        told((m) => put(declared(m), { trigger: { schedule: 'PT1H' } })),
      ],
    ),
    WF016: row(told(second({})), told(second({ trigger: { schedule: 'PT1H' } })), [
      told((m) => {
        second({ trigger: { schedule: 'PT1H' } })(m);
        put(declared(m), { trigger: { schedule: 'PT1H' } });
      }),
      told((m) => {
        second({ trigger: { schedule: 'PT1H' } })(m);
        put(declared(m), { trigger: { schedule: 'PT60M' } });
      }),
    ]),
  },
  'workflow-handlers': {
    WF007: row(
      told((m) => put(declared(m), { handlers: [] })),
      {},
      [
        told((m) => put(handler(m), { task: '/do/1/register/try/0/sent' })),
        told((m) => put(handler(m), { task: '/do/0/register/try/0/send' })),
      ],
    ),
    WF008: row(
      told((m) => put(handler(m), { uses: 'api:parcels-v1#sendParcel' })),
      {},
      [
        told((m) => put(handler(m), { uses: 'api:parcels-v1#RegisterParcel' })),
        told((m) => put(handler(m), { uses: 'api:parcels-v1#registerParcel' })),
      ],
    ),
  },
  'workflow-permissions': {
    WF017: row(
      told(consuming({ permission: undefined })),
      told((m) => put(handler(m), { permission: undefined })),
      [told(consuming({ permission: undefined })), told(consuming({ permission: 'orders:read' }))],
    ),
  },
  'workflow-fallback': {
    WF009: row(
      told((m) => put(parked(m), { for: 'workflow:other' }), bare),
      told((m) => put(parked(m), { for: 'workflow:other' })),
      [
        told((m) => put(parked(m), { for: 'workflow:register-parcel/do/sen' }), bare),
        told((m) => put(parked(m), { for: 'workflow:register-parcel/do/send' }), bare),
      ],
    ),
    WF011: row(
      flow((w) => put(caught(w), { do: [{ again: again('registerParcel') }] })),
      flow((w) => put(caught(w), { do: [{ again: again('getParcel') }] })),
      [
        flow((w) => put(caught(w), { do: [{ wrap: { do: [{ again: again('registerParcel') }] } }] })),
        flow((w) => put(caught(w), { do: [{ wrap: { do: [{ again: again('getParcel') }] } }] })),
      ],
    ),
    WF014: row(flow(retried({})), flow(retried({ 'Idempotency-Key': '${ .id }' })), [
      flow(retried({ 'Idempotency-Keys': '${ .id }' })),
      flow(retried({ 'x-idempotency-key': '${ .id }' })),
    ]),
  },
};

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
