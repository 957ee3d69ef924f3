import { monitoringHttp } from '@kwanus/contracts';
import { accepted, jsonOf, type KwanusClient } from '@kwanus/platform-client';

/**
 * Sends structured CloudEvents as batches.
 * @returns how many were accepted
 * @throws ApiProblem, Unreachable
 */
export async function sendTelemetry(client: KwanusClient, events: readonly unknown[]): Promise<number> {
  let sent = 0;
  for (let from = 0; from < events.length; from += monitoringHttp.MAX_TELEMETRY_BATCH) {
    const content = Buffer.from(
      JSON.stringify(events.slice(from, from + monitoringHttp.MAX_TELEMETRY_BATCH)),
    );
    const bytes = { content, mediaType: 'application/cloudevents-batch+json' };
    const response = await accepted(await client.calls.connection.send('POST', '/v1/telemetry', { bytes }));
    sent += monitoringHttp.TelemetryAccepted.parse(await jsonOf(response)).accepted;
  }
  return sent;
}
