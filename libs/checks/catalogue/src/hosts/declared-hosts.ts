import { isObject, own, ownList, ownObject, ownText, pointerOf } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';

/** A URL or host that a document names. */
export interface DeclaredHost {
  readonly url: string;
  readonly pointer: string;
  readonly role: 'server' | 'callback' | 'security' | 'egress' | 'endpoint';
  /** Of code, where no pointer leads. */
  readonly line?: number;
}

const MAX_EXPANDED = 2_000;

/**
 * @returns the URLs of a server entry: its template with every default and every enum value put in, as far as they are part of the host.
 * Where there are too many the template stays among them, so that it counts as put together at run time.
 */
export function serverUrls(server: Json): readonly string[] {
  const template = ownText(server, 'url') ?? '/';
  const head = /^.*?(?<![:/])(?=\/(?!\/)|$)/s.exec(template)?.[0] ?? template;
  let urls = [template];
  for (const [name, variable] of Object.entries(ownObject(server, 'variables'))) {
    const values = new Set(
      [own(variable, 'default'), ...ownList(variable, 'enum')].filter((value) => typeof value === 'string'),
    );
    if (values.size === 0 || !head.includes(`{${name}}`)) continue;
    if (urls.length * values.size > MAX_EXPANDED) return [...urls, template];
    urls = urls.flatMap((url) => [...values].map((value) => url.replaceAll(`{${name}}`, () => value)));
  }
  return urls;
}

/** @returns every URL that a contract names: servers at any level, callbacks, security schemes; walks without recursion */
export function contractHosts(root: JsonObject): readonly DeclaredHost[] {
  const found: DeclaredHost[] = [];
  const open: Visited[] = [{ value: root, pointer: '', key: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, pointer, key } = next;
    if (typeof value !== 'object' || value === null) continue;
    found.push(...hostsAt(next));
    if (DATA.has(key)) continue;
    for (const [name, child] of Object.entries(value))
      open.push({ value: child as Json, pointer: pointer + pointerOf(name), key: name });
  }
  return found.reverse();
}

interface Visited {
  readonly value: Json;
  readonly pointer: string;
  readonly key: string;
}

function hostsAt({ value, pointer, key }: Visited): readonly DeclaredHost[] {
  if (key === 'servers' && Array.isArray(value)) return serversAt(value as readonly Json[], pointer);
  if (!isObject(value)) return [];
  // A link may name a server of its own.
  if (key === 'server' && ownText(value, 'url') !== undefined)
    return serversAt([value], pointer).map((host) => ({ ...host, pointer: `${pointer}/url` }));
  if (key === 'callbacks') return callbacksAt(value, pointer);
  return key === 'securitySchemes' ? securityAt(value, pointer) : [];
}

/** What stands below is data of the partner's users, not the contract. */
const DATA = new Set(['example', 'examples', 'default', 'enum', 'const']);

const serversAt = (servers: readonly Json[], pointer: string): readonly DeclaredHost[] =>
  servers.flatMap((server, index) =>
    serverUrls(server)
      .filter((url) => !url.startsWith('/') || url.startsWith('//'))
      .filter((url) => /^[a-z][a-z0-9+.-]*:|^\/\/|^\{|\$/i.test(url))
      .map((url) => ({ url, pointer: pointer + pointerOf(index, 'url'), role: 'server' as const })),
  );

const callbacksAt = (callbacks: JsonObject, pointer: string): readonly DeclaredHost[] =>
  Object.entries(callbacks).flatMap(([name, callback]) =>
    isObject(callback)
      ? Object.keys(callback)
          .filter((expression) => !expression.startsWith('x-') && expression !== '$ref')
          .map((url) => ({ url, pointer: pointer + pointerOf(name, url), role: 'callback' as const }))
      : [],
  );

const URL_FIELDS = ['openIdConnectUrl', 'authorizationUrl', 'tokenUrl', 'refreshUrl'];

const securityAt = (schemes: JsonObject, pointer: string): readonly DeclaredHost[] =>
  Object.entries(schemes).flatMap(([name, scheme]) =>
    [['', scheme] as const, ...Object.entries(ownObject(scheme, 'flows'))].flatMap(([flow, value]) =>
      URL_FIELDS.flatMap((field) => {
        const url = ownText(value, field);
        const place = flow === '' ? pointerOf(name, field) : pointerOf(name, 'flows', flow, field);
        return url === undefined || url.startsWith('/')
          ? []
          : [{ url, pointer: pointer + place, role: 'security' as const }];
      }),
    ),
  );

const REFERENCES = ['$ref', '$dynamicRef', '$recursiveRef', 'operationRef'];
/** A name of a schema is no address: `Dog`, `com.example.Dog`. */
const LEADS_OUTSIDE = /^[a-z][a-z0-9+.-]*:|\/|\.(?:json|ya?ml)(?:#|$)/i;

/** @returns every reference that leads outside its document, and where it stands: `$ref` and its kin, links, mappings of discriminators */
export function externalReferences(
  root: Json,
): readonly { readonly reference: string; readonly pointer: string }[] {
  const found: { reference: string; pointer: string }[] = [];
  const open: { value: Json; pointer: string }[] = [{ value: root, pointer: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, pointer } = next;
    if (!isObject(value) && !Array.isArray(value)) continue;
    for (const [reference, place] of referencesAt(value)) found.push({ reference, pointer: pointer + place });
    for (const [name, child] of Object.entries(value))
      open.push({ value: child as Json, pointer: pointer + pointerOf(name) });
  }
  return found.reverse();
}

function referencesAt(value: Json): readonly (readonly [reference: string, place: string])[] {
  const references = REFERENCES.flatMap((key) => {
    const reference = ownText(value, key);
    return reference === undefined ? [] : [[reference, pointerOf(key)] as const];
  });
  const mapping = Object.entries(ownObject(ownObject(value, 'discriminator'), 'mapping')).flatMap(
    ([name, target]) =>
      typeof target === 'string' && LEADS_OUTSIDE.test(target)
        ? [[target, pointerOf('discriminator', 'mapping', name)] as const]
        : [],
  );
  return [...references, ...mapping].filter(([reference]) => !reference.startsWith('#'));
}
