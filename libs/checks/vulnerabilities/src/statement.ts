/** What a VEX document says about one vulnerability in some components. */
export interface Statement {
  readonly pointer: string;
  /** The vulnerability, under every name that the statement gives it. */
  readonly ids: readonly string[];
  /** `open`: it is affected, or being looked into; this outweighs any other statement. */
  readonly status: 'not_affected' | 'fixed' | 'open';
  /** Null: it gives none. */
  readonly reason: string | null;
  /** Package URLs and references of components. */
  readonly products: readonly string[];
}

/** @returns those that are there */
export const present = (values: readonly (string | null | undefined)[]): readonly string[] =>
  values.filter((text): text is string => text !== undefined && text !== null && text !== '');

/** `urn:cdx:<serial>/<version>#<ref>` names a component of another document. */
export function withoutLink(reference: string): string {
  const fragment = /^urn:cdx:[^#]+#(.+)$/.exec(reference)?.[1];
  if (fragment === undefined) return reference;
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
