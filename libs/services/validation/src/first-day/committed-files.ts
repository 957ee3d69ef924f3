import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from '@kwanus/checks-kit';
import { ReleaseVersion, validationHttp } from '@kwanus/contracts';
import type { FirstPermission } from '@kwanus/domain-validation';
import { z } from 'zod';
import type { PlatformFacts } from '../platform/platform.js';

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const PermissionsFile = z.strictObject({
  apiVersion: z.literal('kwanus.dev/permissions/v1'),
  permissions: z
    .array(validationHttp.ProposePermission)
    .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'every id stands once'),
});

const PlatformFile = z.strictObject({
  apiVersion: z.literal('kwanus.dev/platform-versions/v1'),
  environment: z.string().min(1).max(100),
  versions: z.array(ReleaseVersion).min(1),
});

const EventsFile = z.strictObject({
  apiVersion: z.literal('kwanus.dev/platform-events/v1'),
  events: z
    .array(z.strictObject({ type: z.string().min(1).max(200), versions: z.array(ReleaseVersion).min(1) }))
    .refine((all) => new Set(all.map(({ type }) => type)).size === all.length, 'every type stands once'),
});

/** A file that the service starts from can't be used. The message lists every problem. */
export class FirstDayRefused extends Error {
  override readonly name = 'FirstDayRefused';

  constructor(
    readonly file: string,
    readonly problems: readonly string[],
  ) {
    super([`${file} can't be used:`, ...problems.map((problem) => `  ${problem}`)].join('\n'));
  }
}

/**
 * Reads a file by its schema: unknown keys, duplicate keys and aliases are refused.
 * @throws FirstDayRefused with every problem and its line
 */
export function parseCommitted<Value>(bytes: Uint8Array, file: string, schema: z.ZodType<Value>): Value {
  const document = parseDocument(bytes, file);
  if (!document.ok) throw new FirstDayRefused(file, [`${document.line ?? 1}: ${document.message}`]);
  const parsed = schema.safeParse(document.value);
  if (parsed.success) return parsed.data;
  throw new FirstDayRefused(
    file,
    parsed.error.issues.map(({ path, message }) => {
      const pointer = path.map((part) => `/${String(part)}`).join('');
      return `${document.lineOf(pointer) ?? 1}: ${pointer}: ${message}`;
    }),
  );
}

/** @returns the permissions of a file like permissions.yaml. @throws FirstDayRefused */
export const parsePermissions = (bytes: Uint8Array, file: string): readonly FirstPermission[] =>
  parseCommitted(bytes, file, PermissionsFile).permissions.map(({ reason, ...terms }) => ({ terms, reason }));

/** @returns the platform's own permissions. @throws FirstDayRefused */
export const committedPermissions = (): readonly FirstPermission[] =>
  parsePermissions(readFileSync(join(FOLDER, 'permissions.yaml')), 'permissions.yaml');

/** @returns the platform versions in service, and the events that it publishes. @throws FirstDayRefused */
export function committedPlatform(): PlatformFacts {
  const read = <Value>(file: string, schema: z.ZodType<Value>): Value =>
    parseCommitted(readFileSync(join(FOLDER, file)), file, schema);
  const { environment, versions } = read('platform-versions.yaml', PlatformFile);
  return { environment, versions, events: read('platform-events.yaml', EventsFile).events };
}
