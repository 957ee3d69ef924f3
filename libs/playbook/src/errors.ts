/** A playbook can't be used. The message lists every problem with file, line and remedy. */
export class PlaybookRefused extends Error {
  override readonly name = 'PlaybookRefused';

  constructor(
    readonly source: string,
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super([`${source} can't be used:`, ...problems.map((problem) => `  ${problem}`)].join('\n'), options);
  }
}
