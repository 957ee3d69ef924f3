/** A release of the contracts: the JSON Schema of each message type. */
export function lastRelease(
  folder?: string,
): { readonly version: string; readonly schemas: Readonly<Record<string, object>> } | null;
export function changesThatBreak(
  released: Readonly<Record<string, object>>,
  current: Readonly<Record<string, object>>,
  isOurs: (type: string) => boolean,
): string[];
export function isOurs(type: string): boolean;
export function currentContracts(): Record<string, object>;
