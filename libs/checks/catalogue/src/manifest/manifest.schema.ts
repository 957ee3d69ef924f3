import { z } from 'zod';
import { Day, Duration, FileRef, Id, Name, Path, Version, VersionRange, Words } from './parts.js';
import { DATA_CLASSES } from './stores.js';

const Metadata = z.strictObject({
  partner: Name,
  name: Name,
  version: Version,
  tier: Name.optional(),
  supersedes: Version.optional(),
});

const Lifecycle = z.strictObject({
  stability: z.enum(['experimental', 'beta', 'stable', 'deprecated']),
  deprecates: z
    .array(z.strictObject({ ref: Words, sunset: Day, guide: z.string().max(600).optional() }))
    .max(500)
    .optional(),
});

const Compatibility = z.strictObject({
  platform: VersionRange,
  mode: z
    .enum([
      'BACKWARD',
      'FORWARD',
      'FULL',
      'BACKWARD_TRANSITIVE',
      'FORWARD_TRANSITIVE',
      'FULL_TRANSITIVE',
      'NONE',
    ])
    .optional(),
  profile: z.enum(['strict-partner', 'lenient']).optional(),
});

/** Which operations of a contract report to the platform's audit log. `all`: every operation that changes state. */
const Audit = z.strictObject({
  operations: z.union([z.literal('all'), z.array(Id).max(5000)]),
  /** Where the event is not `<partner>.<operationId>.audited`: operation → type of its audit event. */
  events: z.record(z.string().max(200), z.string().max(200)).optional(),
});

const Api = z.strictObject({
  provides: z
    .array(
      z.strictObject({
        id: Id,
        openapi: FileRef,
        basePath: z
          .string()
          .max(512)
          .regex(/^\/\S*$/, 'begins with /')
          .optional(),
        audit: Audit.optional(),
      }),
    )
    .max(50)
    .optional(),
  consumes: z
    .array(
      z.strictObject({
        id: Id,
        api: z.string().max(200),
        version: VersionRange,
        operations: z.array(Id).max(2000),
      }),
    )
    .max(100)
    .optional(),
});

const Events = z.strictObject({
  subscribes: z
    .array(
      z.strictObject({
        type: z.string().max(200),
        version: VersionRange.optional(),
        schema: FileRef.optional(),
      }),
    )
    .max(500)
    .optional(),
  publishes: z
    .array(
      z.strictObject({
        type: z.string().max(200),
        version: Version.optional(),
        schema: FileRef.optional(),
        mode: z.string().max(40).optional(),
      }),
    )
    .max(500)
    .optional(),
});

const Scope = z.strictObject({
  workspace: z.string().max(200).optional(),
  resource: z.string().max(200).optional(),
  fields: z.array(z.string().max(200)).max(500).optional(),
});

const Permission = z.strictObject({
  id: Id,
  scope: Scope.optional(),
  actions: z.array(z.string().min(1).max(100)).min(1).max(100),
  reason: Words,
  limits: z.strictObject({ ratePerMinute: z.number().int().positive().optional() }).optional(),
  expires: Day.optional(),
  /** A Cedar policy of the submission. */
  policy: FileRef.optional(),
});

const Workflow = z.strictObject({
  id: Id,
  definition: FileRef,
  trigger: z.strictObject({
    event: z.string().max(200).optional(),
    schedule: z.string().max(200).optional(),
    operation: z.string().max(200).optional(),
  }),
  handlers: z
    .array(
      z.strictObject({ task: z.string().max(500), uses: z.string().max(300), permission: Id.optional() }),
    )
    .max(1000)
    .optional(),
  input: z.strictObject({ schema: FileRef }).optional(),
  output: z.strictObject({ schema: FileRef }).optional(),
  inFlight: z
    .union([z.enum(['drain', 'pin']), z.strictObject({ migrate: z.record(z.string(), z.string()) })])
    .optional(),
});

const DataAccess = z.strictObject({
  store: z.string().min(1).max(200),
  via: z.string().max(50),
  class: z.enum(DATA_CLASSES),
  purpose: Words,
  fields: z.array(z.string().max(200)).max(500),
  retentionDays: z.number().int().nonnegative().max(36_500).optional(),
});

const Extension = z.strictObject({
  id: Id,
  kind: z.enum(['ui', 'export', 'processor']),
  entry: FileRef,
  sandbox: z
    .strictObject({
      network: z.array(z.string().max(300)).max(200).optional(),
      csp: z.string().max(2000).optional(),
    })
    .optional(),
  permissions: z.array(Id).max(200).optional(),
});

const Fallback = z.strictObject({
  for: z.string().max(500),
  on: z.array(z.string().max(100)).min(1).max(20),
  do: z.enum(['park', 'retry', 'skip', 'compensate', 'serve-cached', 'disable']).optional(),
  serve: z.string().max(300).optional(),
  until: Day.optional(),
  maxDelay: Duration.optional(),
  observable: z.string().max(200).optional(),
});

const Proposal = z.strictObject({
  expansionProposal: FileRef.optional(),
  compatibilityPlan: FileRef.optional(),
  lifecyclePlan: FileRef.optional(),
  riskMitigationPlan: FileRef.optional(),
  governanceAlignment: FileRef.optional(),
});

const Preparation = z.strictObject({
  scaffolding: FileRef.optional(),
  workflow: FileRef.optional(),
  permissionMapping: FileRef.optional(),
  sandbox: FileRef.optional(),
});

const Docs = z.strictObject({
  apiReference: FileRef.optional(),
  workflow: FileRef.optional(),
  integrationGuide: FileRef.optional(),
  migrationGuide: FileRef.optional(),
  lifecycle: FileRef.optional(),
  governance: FileRef.optional(),
  tutorials: FileRef.optional(),
  onboarding: FileRef.optional(),
});

/** What stands in `kwanus.yaml`. Fields whose check comes later are taken and hashed; fields that nobody knows are refused. */
export const Manifest = z
  .strictObject({
    apiVersion: z.literal('kwanus.integration/v1'),
    kind: z.enum(['Integration', 'Capability', 'Tier']),
    metadata: Metadata,
    lifecycle: Lifecycle,
    compatibility: Compatibility,
    /** Exposed to the partner's own workspaces only. */
    partnerOnly: z.boolean().optional(),
    api: Api.optional(),
    events: Events.optional(),
    permissions: z.array(Permission).max(500).optional(),
    workflows: z.array(Workflow).max(200).optional(),
    dataAccess: z.array(DataAccess).max(500).optional(),
    extensions: z.array(Extension).max(100).optional(),
    network: z.strictObject({ egress: z.array(z.string().max(300)).max(200).optional() }).optional(),
    /** Of a tier: what it entitles to. */
    entitlements: z
      .strictObject({
        permissions: z.array(Id).max(500).optional(),
        capabilities: z.array(Id).max(500).optional(),
      })
      .optional(),
    fallback: z.array(Fallback).max(500).optional(),
    rollback: z
      .strictObject({
        to: Version,
        dataMigration: z.enum(['none', 'reversible', 'irreversible']).optional(),
        tested: Path.optional(),
      })
      .optional(),
    accountable: z.strictObject({
      contact: z.strictObject({ name: Words, email: z.email() }),
      sponsor: Words,
    }),
    proposal: Proposal.optional(),
    preparation: Preparation.optional(),
    sbom: z
      .array(z.strictObject({ path: Path, format: z.enum(['cyclonedx', 'spdx']), vex: Path.optional() }))
      .max(50)
      .optional(),
    slos: z
      .array(
        z.strictObject({
          signal: z.enum(['api-errors', 'workflow-reliability', 'permission-usage', 'extension-behaviour']),
          objective: z.number().gt(0).lt(1),
          period: Duration,
        }),
      )
      .max(50)
      .optional(),
    docs: Docs.optional(),
  })
  .meta({ id: 'Manifest', title: 'kwanus.integration/v1' });
/** A manifest that follows the schema. */
export type Manifest = z.infer<typeof Manifest>;

/** Top-level keys of a manifest, each hashed by itself. */
export const MANIFEST_SECTIONS = Object.keys(Manifest.shape) as readonly (keyof Manifest)[];

/** @returns the JSON Schema 2020-12 of the manifest, as committed beside this file */
export const manifestJsonSchema = (): object => ({
  $id: 'urn:kwanus:manifest:integration:v1',
  ...z.toJSONSchema(Manifest, { target: 'draft-2020-12', io: 'input' }),
});
