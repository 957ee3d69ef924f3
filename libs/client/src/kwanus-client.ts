import { intakeHttp } from '@kwanus/contracts';
import { ArtifactsClient } from './artifacts.js';
import { BodiesClient } from './bodies.js';
import { Calls, segment } from './calls.js';
import { Connection, type ConnectionOptions } from './connection.js';
import { IntegrationsClient } from './integrations.js';
import { readStream, type StreamMessage, type StreamOptions } from './stream.js';

/** Every resource of the platform, typed by its contracts. Resources without methods of their own are reached through `calls`. */
export class KwanusClient {
  readonly calls: Calls;
  readonly integrations: IntegrationsClient;
  readonly bodies: BodiesClient;
  readonly artifacts: ArtifactsClient;

  /** @throws ClientMisused when the base URL is none */
  constructor(options: ConnectionOptions) {
    this.calls = new Calls(new Connection(options));
    this.integrations = new IntegrationsClient(this.calls);
    this.bodies = new BodiesClient(this.calls);
    this.artifacts = new ArtifactsClient(this.calls);
  }

  playbooks() {
    return this.calls.all('/v1/playbooks', intakeHttp.PlaybookPage);
  }

  playbook(version: string) {
    return this.calls.get(`/v1/playbooks/${segment(version)}`, intakeHttp.PlaybookView);
  }

  /** The stewardship calendar, the earliest due date first. */
  stewardship() {
    return this.calls.all('/v1/stewardship', intakeHttp.StewardshipPage);
  }

  /** Verifies the hash chain of an integration's stream, on the server. */
  verifyChain(integration: string) {
    return this.calls.get('/v1/audit/verify', intakeHttp.AuditVerification, { query: { integration } });
  }

  /** What happens, as it happens; resumes by itself. @throws ApiProblem, Unreachable */
  stream(options: StreamOptions = {}): AsyncGenerator<StreamMessage, void, undefined> {
    return readStream(this.calls.connection, '/v1/stream', options);
  }
}
