import { type Edits, manifest, put } from './edited-submission.js';

const HELD = {
  consumes: [
    { id: 'orders', api: 'kwanus.orders', version: '^2.1', operations: ['getOrder', 'createOrder'] },
  ],
};

/** @returns the minimal submission with an extension of that code */
export const extension = (code: string, more: object = {}): Edits => ({
  ...manifest((m) => {
    put(m, {
      extensions: [
        {
          id: 'panel',
          kind: 'ui',
          entry: 'ui/panel.js',
          permissions: ['orders:read', 'orders:write'],
          ...more,
        },
      ],
      events: { publishes: [{ type: 'acme.parked', version: '1.0.0', schema: 'events/parked.json' }] },
    });
    put(m['api'], HELD);
    (m['permissions'] as unknown as object[]).push({
      id: 'orders:write',
      actions: ['create'],
      reason: 'to place orders',
    });
  }),
  'ui/panel.js': code,
});

/** @returns the minimal submission with an extension that does this when it is shown */
export const mounted = (body: string, more?: object): Edits =>
  extension(`export async function mount(root, kwanus) {\n  ${body}\n}`, more);

/** An extension that may reach one host. */
export const ACME = { sandbox: { network: ['api.acme.example'] } };
