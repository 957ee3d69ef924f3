import { type Audit, type Case, flow, knowing, row, told } from './audit-cases.js';
import { goesOn, type Loose, push, put } from './edited-submission.js';
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

const emits = { tell: { emit: { event: { with: { type: 'acme.x' } } } } };
const second =
  (more: object) =>
  (m: Loose): void =>
    push(m['workflows'], { ...declared(m), id: 'other', ...more });
const bare = (w: Loose): void => put(w, { do: [{ send: send(w) }] });
const again = (operationId: string): object => ({ ...goesOn('end'), call: 'openapi', with: { operationId } });
const shipped = (...versions: readonly string[]) => [{ type: 'kwanus.order.shipped', versions }];
const AGAIN = '/do/register/catch/do/again';
const falling = (task: object, clause: object = {}, manifest: (m: Loose) => void = () => undefined): Case =>
  told(manifest, (w) => put(register(w), { catch: { ...clause, do: [{ again: task }] } }));
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
      [knowing({ events: shipped('2.0.0', '0.9.0') }), knowing({ events: shipped('2.0.0', '1.9.0') })],
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
      flow((w) => put(send(w)?.['with'], { parameters: { orderId: '${ .order.id }', note: 'n' } })),
      [
        flow((w) =>
          put(send(w)?.['with'], { parameters: { orderId: '${ .order.id }', note: 'n'.repeat(201) } }),
        ),
        flow((w) =>
          put(send(w)?.['with'], { parameters: { orderId: '${ .order.id }', note: 'n'.repeat(200) } }),
        ),
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
    WF011: row(falling(again('registerParcel')), falling(again('getOrder'), {}, consuming({ task: AGAIN })), [
      falling(again('getParcel'), { errors: { with: { status: 503 } } }),
      falling(again('getParcel'), { errors: { with: { status: 409 } } }),
    ]),
    WF014: row(flow(retried({})), flow(retried({ 'Idempotency-Key': '${ .id }' })), [
      flow(retried({ 'Idempotency-Keys': '${ .id }' })),
      flow(retried({ 'x-idempotency-key': '${ .id }' })),
    ]),
  },
};
