import { OTHER, type ReviewUse } from '@kwanus/domain-monitoring';
import { Injectable } from '@nestjs/common';
import { TELEMETRY_LOG, TelemetryLog, windowStream } from '../telemetry/telemetry-log.js';

const READ = `${TELEMETRY_LOG}_read`;
const CATCH_UP_MS = 1_000;
const instant = (milliseconds: string): string => new Date(Number(milliseconds)).toISOString();

/** What telemetry has shown of the use of permissions. */
export type SeenUse = Pick<ReviewUse, 'heardUntil' | 'lastUsed' | 'namesLostAt'>;

/** Reads when permissions were last used, by whichever release of the integration. */
@Injectable()
export class PermissionUseQuery {
  constructor(private readonly log: TelemetryLog) {}

  /** @throws Unavailable while the read model lacks windows of these releases: what it does not hold would look unused */
  async of(integration: string, release: string, releases: Iterable<string>): Promise<SeenUse> {
    for (const each of new Set([release, ...releases])) await this.checkComplete(integration, each);
    const used = await this.log.work.query<{ permission: string; last_used_ms: string }>(
      `SELECT permission, last_used_ms FROM ${READ}.permission_use WHERE integration_id = $1 ORDER BY permission`,
      [integration],
    );
    const heard = await this.log.work.query<{ heard_until_ms: string }>(
      `SELECT heard_until_ms FROM ${READ}.release_heard WHERE integration_id = $1 AND release = $2`,
      [integration, release],
    );
    const lastUsed = new Map(used.map(({ permission, last_used_ms }) => [permission, instant(last_used_ms)]));
    return {
      heardUntil: heard[0] === undefined ? null : instant(heard[0].heard_until_ms),
      lastUsed,
      namesLostAt: lastUsed.get(OTHER) ?? null,
    };
  }

  private async checkComplete(integration: string, release: string): Promise<void> {
    const streamId = windowStream({ integration, release });
    const [stream] = await this.log.work.query<{ version: number }>(
      `SELECT version::integer AS version FROM ${TELEMETRY_LOG}.es_stream WHERE stream_id = $1`,
      [streamId],
    );
    if (stream !== undefined) await this.log.projections.waitFor(streamId, stream.version, CATCH_UP_MS);
  }
}
