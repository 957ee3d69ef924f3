import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { manifestOf, mediaTypeOf, runChecks, type Verdict } from '@kwanus/checks-catalogue';
import { type ScaffoldOptions, ScaffoldRefused, scaffold } from './index.js';

const PACKAGE = dirname(createRequire(import.meta.url).resolve('@readme/oas-examples-5-427/package.json'));
/** Each version once: the folders of the other syntax hold the same descriptions. */
const described = ['3.0/json', '3.1/yaml'].flatMap((folder) =>
  readdirSync(join(PACKAGE, folder))
    .filter((name) => /\.(?:json|yaml)$/.test(name))
    .map((name) => `${folder}/${name}`),
);

const OPTIONS: ScaffoldOptions = {
  id: 'acme.trains',
  release: '1.0.0',
  platform: '>=5 <6',
  permissions: [],
  today: '2026-11-27',
};
const filesOf = (path: string, more: Partial<ScaffoldOptions> = {}): Map<string, Uint8Array> => {
  const file = join(PACKAGE, path);
  const { files } = scaffold({ name: basename(file), bytes: readFileSync(file) }, { ...OPTIONS, ...more });
  return new Map(files.map((each) => [each.path, Buffer.from(each.content)]));
};

function judged(files: ReadonlyMap<string, Uint8Array>): Promise<Verdict> {
  const { manifest, integrationId, release } = manifestOf(files.get('kwanus.yaml'), 'kwanus.yaml');
  const permission = {
    id: 'orders:read',
    title: 'Read orders',
    owner: 'SCO',
    resource: 'order',
    actions: ['read'],
  };
  return runChecks(
    {
      integrationId,
      release,
      manifest,
      manifestPath: 'kwanus.yaml',
      files: [...files].map(([path, bytes]) => ({
        path,
        digest: createHash('sha256').update(bytes).digest('hex'),
        size: bytes.byteLength,
        mediaType: mediaTypeOf(path),
      })),
      read: (path) => Promise.resolve(files.get(path) ?? null),
    },
    {
      bases: [],
      registry: {
        version: 1,
        permissions: [{ ...permission, privileged: false, tiers: [], status: 'active' }],
        tiers: {},
      },
      platformVersions: ['5.1.0'],
      profile: 'strict-partner',
      asOf: '2026-11-27T00:00:00Z',
      signal: new AbortController().signal,
    },
  );
}

const rulesOf = ({ results }: Verdict, ofContract: boolean): readonly string[] => [
  ...new Set(
    results.flatMap(({ findings }) =>
      findings
        .filter(({ severity, file }) => severity !== 'informs' && file.startsWith('api/') === ofContract)
        .map(({ ruleId }) => ruleId),
    ),
  ),
];
/** What only a person can write: placeholders, the proposal, the workflow, the guide, the dates, governance. */
const A_PERSONS = ['MF005', 'PD303', 'DC802', 'DC803', 'DC805', 'DC806'];

describe('a scaffold', () => {
  it.each(described)('[PB-2.2] of %s lacks nothing but what a person must write', async (path) => {
    const verdict = await judged(filesOf(path));
    expect(rulesOf(verdict, false).filter((rule) => !A_PERSONS.includes(rule))).toEqual([]);
  });

  it('is green once a person has written what the findings ask for', async () => {
    const files = filesOf('3.1/yaml/train-travel.yaml', { permissions: ['orders:read'] });
    const before = await judged(files);
    // Five samples of that description are wrong as published; a scaffold takes it as it is.
    expect(rulesOf(before, true)).toEqual(['VS204']);
    const written = Buffer.from(files.get('kwanus.yaml') ?? []).toString();
    files.set(
      'kwanus.yaml',
      Buffer.from(written.replaceAll(/\{\{the fields.*?\}\}/g, 'id').replaceAll(/\{\{.*?\}\}/g, 'Written.')),
    );
    const words =
      'It says platform, support, risk, purpose and TSC in many more than just these fifteen words, and nothing changes for TSC.';
    for (const [path, bytes] of files)
      if (/^(?:proposal|docs)\//.test(path) && !/lifecycle\.md|migration|reference/.test(path))
        files.set(path, Buffer.from(`${Buffer.from(bytes).toString()}\n${words} What fails is parked.\n`));
    files.set(
      'docs/lifecycle.md',
      Buffer.from(
        '# Lifecycle\n\nSupported until 2028-12-31. Deprecation is announced six months ahead. Retirement: 2029-06-30.\n',
      ),
    );
    const after = await judged(files);
    expect(
      after.results.filter(({ outcome }) => outcome === 'failed').map(({ findings }) => findings),
    ).toEqual([]);
  });

  it('[PB-4.06] calls an operation with all that it asks for, wherever that is described', async () => {
    const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
    const content = { 'application/json': { schema: { type: 'object', required: ['a'] } } };
    const contract = {
      openapi: '3.1.0',
      info: { title: 'Parcels', version: '1.0.0' },
      servers: [{ url: 'https://api.acme.example/v1' }],
      paths: {
        '/parcels/{id}/{place}': {
          parameters: [{ $ref: '#/components/parameters/Id' }],
          put: {
            operationId: 'sendParcel',
            parameters: [{ ...id, name: 'place' }],
            requestBody: { required: true, content },
            responses: { 204: { description: 'Sent' } },
          },
        },
      },
      components: { parameters: { Id: id } },
    };
    const { files } = scaffold({ name: 'a.json', bytes: Buffer.from(JSON.stringify(contract)) }, OPTIONS);
    const verdict = await judged(new Map(files.map(({ path, content }) => [path, Buffer.from(content)])));
    expect(rulesOf(verdict, false).filter((rule) => rule.startsWith('WF'))).toEqual([]);
  });

  it('keeps the contract byte for byte', () => {
    const files = filesOf('3.0/json/petstore.json');
    expect(files.get('api/petstore.json')).toEqual(readFileSync(join(PACKAGE, '3.0/json/petstore.json')));
  });

  it('is named by server and title where nobody names it', () => {
    const bytes = Buffer.from(
      '{"openapi":"3.1.0","info":{"title":"Parcel Tracking"},"servers":[{"url":"https://api.acme.example/v1"}],"paths":{}}',
    );
    const { integrationId } = scaffold({ name: 'a.json', bytes }, { ...OPTIONS, id: undefined });
    expect(integrationId).toBe('acme.parcel-tracking');
  });

  it.each([
    [
      '2.0/json/petstore.json',
      {},
      /^petstore\.json is no OpenAPI 3\.0, 3\.1 or 3\.2 document\. Swagger 2\.0 .*convert/,
    ],
    [
      '3.0/json/petstore.json',
      { id: 'Acme' },
      /^Acme is no id of an integration: .* for example acme\.parcels\.$/,
    ],
    ['3.0/json/petstore.json', { release: '1' }, /^metadata\.version: is a semantic version .*1\.3\.0$/],
  ] as const)('of %s with %p is refused', (path, more, message) => {
    const act = (): unknown => filesOf(path, more);
    expect(act).toThrow(ScaffoldRefused);
    expect(act).toThrow(message);
  });

  it('of a description that tells nobody’s name is refused', () => {
    const bytes = Buffer.from('{"openapi":"3.1.0","info":{"title":"Parcels"},"paths":{}}');
    expect(() => scaffold({ name: 'a.json', bytes }, { ...OPTIONS, id: undefined })).toThrow(
      /give --id PARTNER\.NAME\.$/,
    );
  });

  it('of a description with aliases is refused with the line', () => {
    const bytes = Buffer.from('openapi: 3.1.0\ninfo: &a {title: x}\nx: *a\n');
    expect(() => scaffold({ name: 'a.yaml', bytes }, OPTIONS)).toThrow(/^a\.yaml:\d .*without aliases\.$/);
  });
});
