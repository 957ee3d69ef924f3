/** A GET of the served OpenAPI document. */
interface Operation {
  readonly template: string;
  readonly query: readonly { readonly name: string; readonly required: boolean }[];
}

/** One answer, as whoever asked got it. */
export interface Answer {
  readonly status: number;
  readonly etag: string | null;
  readonly type: string | null;
  readonly text: string;
}

/** Real values for the parameters of the paths: by template first, else by name. */
export type Values = Readonly<Record<string, readonly string[]>>;
export type Ask = (path: string, as: string) => Promise<Answer>;

/** Why a route is left out; any other is asked. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  '/v1/stream': 'server-sent events',
  '/v1/artifacts/{digest}': 'bytes of the artefact store, no read model',
};
/** These tell of the rebuild itself: generations, progress, times. */
const OF_THE_REBUILD = /^\/v1\/operations\/.*\/(?:projections|health|relay)$/;
const MOMENTS = ['version', 'at'] as const;

/** @returns every GET under /v1, but for what is left out with its reason */
export async function readRoutes(ask: Ask, as: string): Promise<readonly Operation[]> {
  const document = JSON.parse((await ask('/openapi.json', as)).text) as {
    paths: Record<string, { get?: { parameters?: { in: string; name: string; required?: boolean }[] } }>;
  };
  return Object.entries(document.paths).flatMap(([template, { get }]) =>
    get === undefined || !template.startsWith('/v1/') || template in LEFT_OUT || OF_THE_REBUILD.test(template)
      ? []
      : [
          {
            template,
            query: (get.parameters ?? [])
              .filter((parameter) => parameter.in === 'query')
              .map(({ name, required }) => ({ name, required: required === true })),
          },
        ],
  );
}

/**
 * Asks for everything, as everybody.
 * @param moments past versions and times to travel to, for the routes that can
 * @throws TypeError for a path parameter that has no value: a new route wants one here
 */
export async function everyAnswer(
  ask: Ask,
  {
    as,
    values,
    moments,
  }: {
    as: readonly string[];
    values: Values;
    moments: Readonly<Record<(typeof MOMENTS)[number], readonly string[]>>;
  },
): Promise<ReadonlyMap<string, Answer>> {
  const answers = new Map<string, Answer>();
  for (const { template, query } of await readRoutes(ask, as[0] ?? ''))
    for (const path of filled(template, values)) {
      const required = query
        .filter((one) => one.required)
        .flatMap(({ name }) => values[name]?.map((value) => `${name}=${value}`) ?? [missing(name, template)]);
      const bare = required.length === 0 ? [''] : required;
      const travels = MOMENTS.filter((name) => query.some((one) => one.name === name)).flatMap((name) =>
        moments[name].map((value) => `${name}=${encodeURIComponent(value)}`),
      );
      const few = query.some(({ name }) => name === 'limit') ? ['limit=2'] : [];
      for (const who of as)
        for (const suffix of [...bare, ...(who === as[0] ? [...travels, ...few] : [])]) {
          const address = suffix === '' ? path : `${path}?${suffix}`;
          answers.set(`${who} ${address}`, await ask(address, who));
        }
    }
  return answers;
}

function filled(template: string, values: Values): string[] {
  const [, name] = /\{(\w+)\}/.exec(template) ?? [];
  if (name === undefined) return [template];
  const known = values[`${template} ${name}`] ?? values[name] ?? [missing(name, template)];
  return known.flatMap((value) => filled(template.replace(`{${name}}`, encodeURIComponent(value)), values));
}

function missing(name: string, template: string): never {
  throw new TypeError(`${template}: no value is known for ${name}; give one to this test.`);
}
