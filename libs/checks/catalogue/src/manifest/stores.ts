/** @returns the name of a resource, store, or event subject without prefix and plural: `kwanus.orders` and `order` are one */
export const stemOf = (name: string): string => (name.split(/[.:]/).at(-1) ?? name).replace(/s$/, '');

/** Classes of data, from what anybody may see to what harms most. */
export const DATA_CLASSES = [
  'public',
  'internal',
  'confidential',
  'personal',
  'sensitive',
  'payment',
] as const;

/** Of persons: kept no longer than was said, and in named fields only. */
export const PERSONAL = new Set<string>(['personal', 'sensitive', 'payment']);
