import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { loadIdentities } from '@kwanus/auth';
import { ownerOf, PATH_OWNERS, SERVICES } from '@kwanus/contracts';
import { openApiDocument } from '@kwanus/service';
import { ROOT } from '@kwanus/testing-infra';
import { platformOpenApi } from './open-api.js';

interface Operation {
  readonly summary?: string;
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** What a caller would look for in vain. */
function gapsOf(method: string, { summary = '', requestBody, responses }: Operation): string[] {
  const answers = Object.entries(responses).filter(([status]) => status.startsWith('2'));
  const wordless = method === 'head';
  const gaps = {
    summary: summary === '',
    'request body': (method === 'post' || method === 'put') && requestBody === undefined,
    answer: answers.length === 0 || (!wordless && answers.some(([, { content }]) => content === undefined)),
    problem: responses['default']?.content?.['application/problem+json'] === undefined,
  };
  return Object.entries(gaps).flatMap(([gap, missing]) => (missing ? [gap] : []));
}

describe('the OpenAPI document', () => {
  let made: Document;
  beforeAll(async () => {
    made = (await platformOpenApi(loadIdentities(join(ROOT, 'identities.yaml')))) as Document;
  });

  it('that every service answers with is what the controllers of all four make: `npm run docs` writes it', () => {
    expect(openApiDocument()).toEqual(JSON.parse(JSON.stringify(made)));
  });

  it('leaves no gap: every route has a summary, its body, its answer, and problems', () => {
    const gaps = Object.entries(made.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) =>
        gapsOf(method, operation).map((gap) => `${method.toUpperCase()} ${path}: no ${gap}`),
      ),
    );
    expect(gaps).toEqual([]);
  });

  it('names no path that has no owner, and every prefix of the table leads to a path', () => {
    const paths = Object.keys(made.paths);
    expect(paths.filter((path) => ownerOf(path) === null)).toEqual([]);
    const documents = ['/openapi.json', '/asyncapi.json'];
    // OTLP over HTTP is not taken yet; its prefix is kept for it.
    const empty = ['/otlp'];
    for (const service of SERVICES)
      for (const prefix of PATH_OWNERS[service])
        if (![...documents, ...empty].includes(prefix))
          expect({ prefix, owned: paths.some((path) => path.startsWith(prefix)) }).toEqual({
            prefix,
            owned: true,
          });
  });

  it('gives each prefix to one service', () => {
    const prefixes = SERVICES.flatMap((service) => PATH_OWNERS[service]);
    expect(new Set(prefixes).size).toBe(prefixes.length);
    expect(ownerOf('/v1/integrationsX')).toBeNull();
    expect(ownerOf('/v1/operations/monitoring/telemetry/health')).toBe('monitoring');
  });
});
