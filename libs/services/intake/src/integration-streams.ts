/** @returns the stream of an integration */
export const integrationStream = (integrationId: string): string => `integration-${integrationId}`;

/** @returns the integration whose stream it is, or null */
export const integrationOf = (streamId: string): string | null =>
  streamId.startsWith('integration-') ? streamId.slice('integration-'.length) : null;
