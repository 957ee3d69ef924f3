import { intakeHttp } from '@kwanus/contracts';
import type { z } from 'zod';
import { type Calls, type CommandOptions, type ReadOptions, segment } from './calls.js';
import type { RequestOptions } from './connection.js';

type Body<Schema extends z.ZodType> = z.input<Schema>;
type Committed = z.infer<typeof intakeHttp.IntegrationCommitted>;

/** A moment or a version of the past, or the least version that the answer must hold. */
export interface ReadAt {
  readonly at?: string;
  readonly version?: number;
  readonly minVersion?: number;
}

/** Which integrations a list holds. */
export interface IntegrationFilter {
  readonly partner?: string;
  readonly step?: number;
  readonly state?: string;
  readonly body?: string;
  readonly q?: string;
}

const at = (id: string, rest = ''): string => `/v1/integrations/${segment(id)}${rest}`;
const asQuery = (values: object): { query: NonNullable<RequestOptions['query']> } => ({
  query: values as NonNullable<RequestOptions['query']>,
});

/** `/v1/integrations`: commands answer with the version; give it to a read as `minVersion` to see what you wrote. */
export class IntegrationsClient {
  constructor(private readonly calls: Calls) {}

  submit(body: Body<typeof intakeHttp.SubmitRelease>, options?: CommandOptions): Promise<Committed> {
    return this.#command('/v1/integrations', body, options);
  }

  list(filter: IntegrationFilter = {}) {
    return this.calls.all('/v1/integrations', intakeHttp.IntegrationPage, asQuery(filter));
  }

  get(id: string, read: ReadAt = {}) {
    return this.calls.get(at(id), intakeHttp.IntegrationView, asQuery(read));
  }

  gates(id: string, read: ReadAt = {}) {
    return this.calls.get(at(id, '/gates'), intakeHttp.GatesView, asQuery(read));
  }

  /** The audit trail, oldest first, after the event of that number. */
  events(id: string, since = 0, options: ReadOptions = {}) {
    return this.calls.all(at(id, '/events'), intakeHttp.AuditEventPage, {
      ...options,
      query: { ...options.query, since },
    });
  }

  document(id: string, kind: string, release?: string) {
    return this.calls.get(
      at(id, `/documents/${segment(kind)}`),
      intakeHttp.DocumentView,
      asQuery({ release }),
    );
  }

  decisions(id: string, read: ReadAt & { readonly release?: string } = {}) {
    return this.calls.get(at(id, '/decisions'), intakeHttp.DecisionsView, asQuery(read));
  }

  decide(
    id: string,
    body: Body<typeof intakeHttp.RecordDecision>,
    options?: CommandOptions,
  ): Promise<Committed> {
    return this.#command(at(id, '/decisions'), body, options);
  }

  /** Evidence for a task of step 2 (`preparation`) or 3 (`implementation`). */
  evidence(
    id: string,
    { phase, task }: { readonly phase: 'preparation' | 'implementation'; readonly task: string },
    body: Body<typeof intakeHttp.RecordEvidence>,
    options?: CommandOptions,
  ): Promise<Committed> {
    return this.#command(at(id, `/${phase}/${segment(task)}`), body, options);
  }

  validations(id: string, read: ReadAt & { readonly release?: string } = {}) {
    return this.calls.get(at(id, '/validations'), intakeHttp.ValidationsView, asQuery(read));
  }

  validate(
    id: string,
    body: Body<typeof intakeHttp.RequestValidation>,
    options?: CommandOptions,
  ): Promise<Committed> {
    return this.#command(at(id, '/validations'), body, options);
  }

  waivers(id: string, read: ReadAt & { readonly release?: string } = {}) {
    return this.calls.get(at(id, '/waivers'), intakeHttp.WaiversView, asQuery(read));
  }

  waive(id: string, body: Body<typeof intakeHttp.GrantWaiver>, options?: CommandOptions): Promise<Committed> {
    return this.#command(at(id, '/waivers'), body, options);
  }

  signOff(id: string, read: ReadAt & { readonly release?: string } = {}) {
    return this.calls.get(at(id, '/sign-off'), intakeHttp.SignOffView, asQuery(read));
  }

  stewardship(id: string, read: ReadAt = {}) {
    return this.calls.get(at(id, '/stewardship'), intakeHttp.StewardshipView, asQuery(read));
  }

  steward(
    id: string,
    body: Body<typeof intakeHttp.RecordStewardship>,
    options?: CommandOptions,
  ): Promise<Committed> {
    return this.#command(at(id, '/stewardship'), body, options);
  }

  lifecycle(
    id: string,
    body: Body<typeof intakeHttp.LifecycleMove>,
    options?: CommandOptions,
  ): Promise<Committed> {
    return this.#command(at(id, '/lifecycle'), body, options);
  }

  #command(path: string, body: unknown, options: CommandOptions = {}): Promise<Committed> {
    return this.calls.post(path, body, intakeHttp.IntegrationCommitted, options);
  }
}
