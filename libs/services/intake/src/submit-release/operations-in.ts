import { isObject, own, ownObject, parseDocument } from '@kwanus/checks-kit';

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'];

/** @returns the operations of an OpenAPI document by operationId, else `GET /path`; none of one that can't be read */
export function operationsIn(bytes: Uint8Array, path: string): readonly string[] {
  const read = parseDocument(bytes, path);
  if (!read.ok || !isObject(read.value)) return [];
  return Object.entries(ownObject(read.value, 'paths')).flatMap(([route, item]) =>
    METHODS.flatMap((method) => {
      const operation = own(item, method);
      if (!isObject(operation)) return [];
      const id = own(operation, 'operationId');
      return [typeof id === 'string' ? id : `${method.toUpperCase()} ${route}`];
    }),
  );
}
