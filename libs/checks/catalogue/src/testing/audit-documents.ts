import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Audit, api, type Case, file, knowing, row, since, told } from './audit-cases.js';
import { type Edits, type Loose, MINIMAL, push, put, shift } from './edited-submission.js';

const provided = (m: Loose): Loose | undefined => m['api']?.['provides']?.[0];
const post = (c: Loose): Loose | undefined => c['paths']?.['/parcels']?.['post'];
const created = (c: Loose): Loose | undefined => post(c)?.['responses']?.['201'];
const versioned = (version: string, more: (m: Loose) => void = () => undefined): Case =>
  told((m) => {
    put(m['metadata'], { version });
    more(m);
  });
const grown = (version: string): Case => ({
  is: {
    ...versioned(version).is,
    ...api((c) =>
      put(post(c)?.['requestBody']?.['content']?.['application/json']?.['schema']?.['properties'], {
        colour: { type: 'string' },
      }),
    ).is,
  },
});
const served = (until: string): Case =>
  told((m) => put(m['fallback']?.[0], { serve: 'api:parcels-v1', until }));
const digest = createHash('sha256')
  .update(readFileSync(join(MINIMAL, 'docs/lifecycle.md')))
  .digest('hex');
const named = (sha256: string): Case =>
  told((m) => put(m['docs'], { lifecycle: { path: 'docs/lifecycle.md', sha256 } }));
const content = (type: string, media: object): Case =>
  api((c) => put(created(c), { content: { [type]: media } }));
const words = (count: number): string => Array.from({ length: count }, (_, at) => `word${at}`).join(' ');
const doc = (name: string, text: string): Case => file(`docs/${name}.md`, text);
const plan = (text: string): Case => file('proposal/risk-mitigation-plan.md', text);
const fewer = (guide: string): Case => {
  const removed: Edits = {
    ...api((c) => {
      const { '/parcels/{id}': _, ...rest } = c['paths'] as Record<string, unknown>;
      put(c, { paths: rest });
    }).is,
    'docs/migration-guide.md': guide,
  };
  return since({ is: removed });
};
const unversioned = (basePath: string): Case => ({
  is: {
    ...told((m) => put(provided(m), { basePath })).is,
    ...api((c) => put(c['servers']?.[0], { url: 'https://api.acme.example' })).is,
  },
});
const entangled = (levels: number): Case =>
  file(
    'api/parcels.yaml',
    JSON.stringify({
      openapi: '3.0.3',
      info: { title: 't', version: '1' },
      paths: {
        '/a': {
          get: {
            operationId: 'a',
            responses: {
              200: {
                description: 'd',
                content: { 'application/json': { schema: { $ref: '#/components/schemas/L0' } } },
              },
            },
          },
        },
      },
      components: {
        schemas: Object.fromEntries(
          Array.from({ length: levels + 1 }, (_, at) => [
            `L${at}`,
            at === levels
              ? { type: 'string' }
              : {
                  type: 'object',
                  properties: Object.fromEntries(
                    ['l', 'r'].map((side) => [side, { $ref: `#/components/schemas/L${at + 1}` }]),
                  ),
                },
          ]),
        ),
      },
    }),
  );
const lifecycle = (support: string, retirement: string): Case =>
  doc(
    'lifecycle',
    `# Lifecycle\n\nSupport until ${support}. Deprecation: six months ahead. Retirement on ${retirement}.`,
  );

/** MF, CD, VE, VS, AD, SV, FD, PC, PD, DC: manifest, contracts, versions, documents. */
export const DOCUMENTS: Readonly<Record<string, Readonly<Record<string, Audit>>>> = {
  manifest: {
    MF001: row(
      told((m) => put(m, { surprise: 1 })),
      {},
      [
        told((m) => put(m['metadata'], { name: 'a'.repeat(65) })),
        told((m) => put(m['metadata'], { name: 'a'.repeat(64) })),
      ],
    ),
    MF002: row({ as: { integrationId: 'acme.other' } }, {}, [
      { as: { release: '1.0.1' } },
      { as: { release: '1.0.0' } },
    ]),
    MF003: row(
      told((m) => push(m['workflows'], m['workflows']?.[0])),
      {},
      [
        told((m) => push(m['workflows'], { ...m['workflows']?.[0], id: 'register-parcel' })),
        told((m) => push(m['workflows'], { ...m['workflows']?.[0], id: 'register-parcels' })),
      ],
    ),
    MF005: row(
      told((m) => put(m['permissions']?.[0], { reason: '{{why}}' })),
      {},
      [
        told((m) => put(m['accountable']?.['contact'], { email: 'a@b.invalid' })),
        told((m) => put(m['accountable']?.['contact'], { email: 'a@invalid.example' })),
      ],
    ),
  },
  'contract-definition': {
    CD401: row(file('api/parcels.yaml', 'a: &x 1\nb: *x\n'), {}, [
      file('api/parcels.yaml', `a: ${'['.repeat(200)}${']'.repeat(200)}`),
      file('api/parcels.yaml', `a: ${'['.repeat(199)}${']'.repeat(199)}`),
    ]),
    CD402: row(
      api((c) => put(c, { openapi: undefined, swagger: '2.0' })),
      {},
      [api((c) => put(c, { openapi: '3.3.0' })), api((c) => put(c, { openapi: '3.2.0' }))],
    ),
    CD403: row(
      api((c) => put(created(c), { description: undefined })),
      {},
      [api((c) => put(created(c), { description: 1 })), api((c) => put(created(c), { description: '' }))],
    ),
    CD404: row(
      api((c) => put(c['paths']?.['/parcels/{id}']?.['get'], { operationId: undefined })),
      {},
      [
        api((c) => put(c['paths']?.['/parcels/{id}']?.['get'], { operationId: 'registerParcel' })),
        api((c) => put(c['paths']?.['/parcels/{id}']?.['get'], { operationId: 'registerParcels' })),
      ],
    ),
    CD405: row(entangled(30), {}, [entangled(20), entangled(15)]),
  },
  'versioned-endpoints': {
    VE101: row(unversioned('/partners/acme'), {}, [
      unversioned('/partners/acme/v'),
      unversioned('/partners/acme/v0'),
    ]),
    VE102: row(since(told((m) => put(provided(m), { basePath: '/partners/acme/v2' }))), since({}), [
      since(told((m) => put(provided(m), { basePath: '/partners/acme/v1.1' }))),
      since(told((m) => put(provided(m), { basePath: '/other/v1' }))),
    ]),
  },
  'validation-schemas': {
    VS201: row(
      api((c) => put(created(c), { content: {} })),
      {},
      [
        api((c) => put(post(c)?.['responses'], { 206: { description: 'd' } })),
        api((c) => put(post(c)?.['responses'], { 205: { description: 'd' } })),
      ],
    ),
    VS202: row(content('application/json', {}), {}, [
      content('application/problem+json; charset=utf-8', {}),
      content('application/problem+json; charset=utf-8', { schema: {} }),
    ]),
    VS203: row(content('text/csv', {}), content('text/csv', { schema: { type: 'string' } }), [
      content('application/jsonl', {}),
      content('application/json', {}),
    ]),
  },
  'audit-declaration': {
    AD301: row(
      told((m) => put(provided(m), { audit: undefined })),
      {},
      [
        told((m) => put(provided(m), { audit: { operations: ['registerParcels'] } })),
        told((m) => put(provided(m), { audit: { operations: ['registerParcel'] } })),
      ],
    ),
  },
  'semantic-version': {
    SV401: row(since({}), since(versioned('1.0.1')), [since(versioned('1.0.0')), since(versioned('1.0.1'))]),
    SV402: row(since(grown('1.0.1')), since(grown('2.0.0')), [since(grown('1.0.99')), since(grown('1.1.0'))]),
    SV403: row(
      since(versioned('1.0.1', (m) => put(m['metadata'], { supersedes: '0.9.0' }))),
      since(versioned('1.0.1')),
      [
        since(versioned('1.0.1', (m) => put(m['metadata'], { supersedes: '1.0.1' }))),
        since(versioned('1.0.1', (m) => put(m['metadata'], { supersedes: '1.0.0' }))),
      ],
    ),
  },
  fallback: {
    FD401: row(
      told((m) => shift(m['fallback'])),
      {},
      [
        told((m) => put(m['fallback']?.[0], { for: 'workflow:register-parcels' })),
        told((m) => put(m['fallback']?.[0], { for: 'workflow:register-parcel/do/register' })),
      ],
    ),
    FD402: row(
      told((m) => put(m['fallback']?.[1], { serve: 'api:parcels-v0' })),
      {},
      [served('2026-11-22'), served('2026-11-23')],
    ),
    FD404: row(
      told((m) => put(m, { rollback: { to: '0.9.0' } })),
      {},
      [
        since(told((m) => put(m, { rollback: { to: '1.0.1' } }))),
        since(told((m) => put(m, { rollback: { to: '1.0.0' } }))),
      ],
    ),
  },
  'platform-compatibility': {
    PC601: row(
      told((m) => put(m['compatibility'], { platform: '^6' })),
      {},
      [knowing({ platformVersions: ['6.0.0'] }), knowing({ platformVersions: ['5.99.0'] })],
    ),
  },
  'document-digests': {
    FD405: row(file('docs/governance.md', null), {}, [
      named(digest.replace(/.$/, (last) => (last === '0' ? '1' : '0'))),
      named(digest),
    ]),
  },
  'proposal-documents': {
    PD301: row(
      told((m) => put(m['proposal'], { compatibilityPlan: undefined })),
      {},
      [plan(' \n'), plan(`# Risk\n\n${words(15)}`)],
    ),
    PD302: row(plan('risk '.repeat(20)), {}, [
      plan(`#Risk\n\n${words(15)} risk`),
      plan(`# Risk\n\n${words(15)} risk`),
    ]),
    PD303: row(plan(`# Plan\n\n${words(20)}`), {}, [
      plan(`# Plan\n\n${words(13)} risk`),
      plan(`# Plan\n\n${words(14)} risk`),
    ]),
  },
  'api-reference': {
    DC801: row(doc('api-reference', '# API reference\n\nregisterParcel'), {}, [
      doc('api-reference', '# API reference\n\nregisterParcel, getParcels'),
      doc('api-reference', '# API reference\n\nregisterParcel, getParcel'),
    ]),
  },
  'workflow-documentation': {
    DC802: row(doc('workflow', '# Workflow\n\nIt works.'), {}, [
      doc('workflow', '# W\n\nregister-parcel registers what is parked then.'),
      doc('workflow', '# W\n\nregister-parcel registers each parcel, which is parked then.'),
    ]),
  },
  'integration-guide': {
    DC803: row(doc('integration-guide', `# Guide\n\n${words(20)} [more](nowhere.md)`), {}, [
      doc('integration-guide', `# Guide\n\n${words(14)}`),
      doc('integration-guide', `# Guide\n\n${words(15)}`),
    ]),
  },
  'migration-guide': {
    FD403: row(fewer('# Guide'), since({ is: {} }), [
      fewer('## GET /parcels/{id}\n\nIt vanished.'),
      fewer('## GET /parcels/{id}\n\nUse the list.'),
    ]),
    FD406: row(doc('migration-guide', '# Guide\n\nWelcome.'), {}, [
      doc('migration-guide', '# Guide\n\nNothing to migrate.'),
      doc('migration-guide', '# Guide\n\nNothing to migrate: the first release.'),
    ]),
  },
  'lifecycle-documentation': {
    DC805: row(doc('lifecycle', '# Lifecycle\n\nFor ever.'), {}, [
      lifecycle('2028-06-30', '2028-06-29'),
      lifecycle('2028-06-30', '2028-06-30'),
    ]),
  },
  'governance-update': {
    DC806: row(doc('governance', '# Governance\n\nHello.'), {}, [
      doc('governance', '# Governance\n\nFor SCO one thing more.'),
      doc('governance', '# Governance\n\nFor SCO there is one thing more.'),
    ]),
  },
  'optional-documents': {
    DC807: row(
      told((m) => put(m['docs'], { tutorials: 'docs/workflow.md' })),
      {},
      [
        told((m) => put(m['docs'], { onboarding: 'docs/workflow.md' })),
        told((m) => put(m['docs'], { onboarding: undefined })),
      ],
    ),
  },
};
