import { kebab, TOPICS } from '@kwanus/contracts';
import type { Publisher } from '@kwanus/messaging';

/** Every stored event of intake goes out as `kwanus.integration.<name>.v1`, its data as it stands: none is internal. */
export const integrationPublisher: Publisher = ({ type, schemaVersion, data }) => ({
  topic: TOPICS.integration.name,
  type: `kwanus.integration.${kebab(type)}.v${schemaVersion}`,
  data,
});
