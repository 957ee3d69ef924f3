/** @returns each path once, with its last entry */
export const uniqueByPath = <Entry extends { readonly path: string }>(
  entries: readonly Entry[],
): readonly Entry[] => [...new Map(entries.map((entry) => [entry.path, entry])).values()];
