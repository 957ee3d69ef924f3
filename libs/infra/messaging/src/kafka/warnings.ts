let filtered = false;

/**
 * kafkajs's request queue sets timers with negative delays, of which Node 24 warns at every request (kafkajs 2.2.4, harmless).
 * That one warning is kept back, by its name; all others go through.
 */
export function withoutNegativeTimeoutWarning(): void {
  if (filtered) return;
  filtered = true;
  const emit = process.emitWarning.bind(process) as (...args: readonly unknown[]) => void;
  process.emitWarning = ((...args: readonly unknown[]): void => {
    if (!args.includes('TimeoutNegativeWarning')) emit(...args);
  }) as typeof process.emitWarning;
}
