import { TOPICS } from '@kwanus/contracts';
import { type Publisher, publishAs } from '@kwanus/messaging';

/** Every stored event of intake goes out as `kwanus.integration.<name>.v1`, its data as it stands: none is internal. */
export const integrationPublisher: Publisher = publishAs(TOPICS.integration.name);
