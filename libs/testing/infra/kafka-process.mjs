// A relay or a consumer in a process of its own, for specs that kill it: `node kafka-process.mjs JSON`, from dist. Says
// {"ready": true} when it works, and what troubles it, over the channel to its parent; ends with the parent.
import { openEventLog } from '@kwanus/event-store';
import { systemClock } from '@kwanus/kernel';
import { openConsumers, openRelay } from '@kwanus/messaging';
import { openKafkaTransport } from '@kwanus/messaging/kafka';
import { noting, publisherTo, SOURCE } from './dist/notes.js';

const { role, url, topic, brokers, group, pollMs = 20 } = JSON.parse(process.argv[2]);
process.once('disconnect', () => process.exit(0));

const schema = role === 'relay' ? 'intake' : 'rollout';
const log = openEventLog({ databaseUrl: url, migrationUrl: url, schema, clock: systemClock, pollMs });
await log.start();
const transport = await openKafkaTransport({ brokers, clientId: role, sessionTimeoutMs: 3_000 });
const onTrouble = (error) => process.send({ trouble: String(error) });
if (role === 'relay') {
  const publisher = publisherTo(topic);
  openRelay({ service: 'intake', topic, publisher, log, transport, url, onTrouble }).start();
} else {
  const consumers = openConsumers({ service: 'rollout', log, transport, onTrouble });
  consumers.register({
    name: group,
    topic,
    source: SOURCE,
    handlers: noting(log, group, String(process.pid)),
  });
  await consumers.start();
}
process.send({ ready: true });
