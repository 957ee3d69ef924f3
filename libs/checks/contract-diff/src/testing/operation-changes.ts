import type { Json } from '@kwanus/kernel';
import {
  answer,
  asParameter,
  body,
  callback,
  content,
  delivered,
  type Edit,
  edited,
  event,
  header,
  KEY,
  noAnswer,
  nothing,
  type OperationChange,
  OTHER,
  parameter,
  query,
  removeAt,
  responses,
  secured,
  served,
  text,
  withParameter,
} from './edits.js';
import { type Loose, valueAt, withValue } from './sites.js';

const hasSuccess = (operation: Loose): boolean =>
  Object.keys((operation['responses'] as Loose | undefined) ?? {}).some((status) => /^2\d\d$/.test(status));

const withOperation =
  (more: Loose): Edit =>
  (operation) =>
    void Object.assign(operation, more);
const gone = (id: string, more: Loose): OperationChange => ({
  id,
  make: (document, { path, value }) => {
    const base = withValue(document, path, { ...value, ...more });
    return [base, removeAt(base, path)];
  },
});

/** The rows of the second table that may be noticed, as something that can be done to an operation. */
export const NOTICED_CHANGES: readonly OperationChange[] = [
  gone('operation-removed', { deprecated: false }),
  { id: 'path-removed', make: (document, { path }) => [document, removeAt(document, path.slice(0, 2))] },
  gone('operation-removed-after-sunset', { deprecated: true, 'x-sunset': '2026-01-01' }),
  gone('operation-removed-before-sunset', { deprecated: true, 'x-sunset': '2027-01-01' }),
  { id: 'operation-added', make: (document, { path }) => [removeAt(document, path), document] },
  edited('operation-deprecated', withOperation({ deprecated: false }), withOperation({ deprecated: true })),
  edited('operation-id-changed', withOperation({ operationId: 'zz' }), withOperation({ operationId: 'yy' })),
  {
    id: 'path-renamed',
    make: (document, { path }) => {
      const [, template = ''] = path;
      const item = valueAt(document, ['paths', template]) as Json;
      return [
        document,
        withValue(removeAt(document, ['paths', template]), ['paths', `/zz${template}`], item),
      ];
    },
  },
  edited('parameter-added', nothing, withParameter(query())),
  edited('parameter-added-required', nothing, withParameter(query({ required: true }))),
  parameter('parameter-removed', {}, null),
  parameter('parameter-required', {}, { required: true }),
  parameter('parameter-optional', { required: true }, {}),
  parameter(
    'parameter-default-changed',
    { schema: { ...text, default: 'a' } },
    { schema: { ...text, default: 'b' } },
  ),
  parameter('parameter-narrower', {}, { schema: { ...text, enum: ['a'] } }),
  parameter(
    'parameter-wider',
    { schema: { ...text, enum: ['a'] } },
    { schema: { ...text, enum: ['a', 'b'] } },
  ),
  parameter('parameter-as-text', { schema: { type: 'integer' } }, {}),
  {
    id: 'parameter-document',
    make: (document, { path }) => {
      const base = structuredClone(document) as Loose;
      withParameter(query())(valueAt(base, path) as Loose, base);
      const revision = structuredClone(base);
      asParameter({ name: 'zz', in: 'query', content: content('application/json') })(
        valueAt(revision, path) as Loose,
        revision,
      );
      return [base, revision];
    },
  },
  parameter(
    'parameter-delimited',
    { schema: { type: 'array', items: text } },
    { schema: { type: 'array', items: text }, explode: false },
  ),
  edited('body-required', body({}), body({ required: true })),
  edited('body-optional', body({ required: true }), body({})),
  edited('body-media-removed', body({}, 'application/json', 'text/plain'), body({}, 'application/json')),
  edited('body-media-added', body({}, 'application/json'), body({}, 'application/json', 'text/plain')),
  edited('success-removed', answer('207'), noAnswer('207')),
  edited(
    'success-renumbered',
    nothing,
    responses((all) => {
      const [status = '', response = null] = Object.entries(all).find(([name]) => /^2\d\d$/.test(name)) ?? [];
      delete all[status];
      all['207'] = response;
    }),
    hasSuccess,
  ),
  edited('failure-added', noAnswer('418'), answer('418')),
  edited('failure-removed', answer('418'), noAnswer('418')),
  edited('response-body-removed', answer('207', { content: content('application/json') }), answer('207')),
  edited(
    'response-media-removed',
    answer('207', { content: content('application/json', 'text/plain') }),
    answer('207', { content: content('application/json') }),
  ),
  edited('header-required-removed', answer('207', header({ required: true })), answer('207')),
  edited('header-added', answer('207'), answer('207', header({ required: true }))),
  edited('security-added', secured(), secured(KEY)),
  edited('security-replaced', secured(KEY), secured(OTHER)),
  edited('security-and', secured(KEY), secured({ ...KEY, ...OTHER })),
  edited('security-or', secured(KEY), secured(KEY, OTHER)),
  edited('security-opened', secured(KEY), secured({})),
  edited('scope-added', secured({ zoauth: ['a'] }), secured({ zoauth: ['a', 'b'] })),
  edited('flow-replaced', secured({ zoauth: ['a'] }), (_, document) => {
    const flows = valueAt(document, ['components', 'securitySchemes', 'zoauth']) as Loose;
    flows['flows'] = { clientCredentials: { tokenUrl: 'https://z.example/t', scopes: {} } };
  }),
  edited('server-moved', served('https://z.example/one'), served('https://z.example/two')),
  edited('server-removed', served('https://z.example', 'https://y.example'), served('https://z.example')),
  edited('server-added', served('https://z.example'), served('https://z.example', 'https://y.example')),
  edited('webhook-removed', delivered(event(['a'])), (_, document) => void delete document['webhooks']),
  edited('webhook-less', delivered(event(['a'])), delivered(event([]))),
  edited('webhook-more', delivered(event(['a'])), delivered(event(['a', 'b'], { a: text, b: text }))),
  edited('callback-removed', callback, (operation) => void delete operation['callbacks']),
];
