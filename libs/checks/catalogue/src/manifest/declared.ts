import type { Manifest } from './manifest.schema.js';

type Api = NonNullable<Manifest['api']>;
type Events = NonNullable<Manifest['events']>;

/** What a manifest lists, with empty lists where it says nothing. */
export interface Declared {
  readonly provides: NonNullable<Api['provides']>;
  readonly consumes: NonNullable<Api['consumes']>;
  readonly subscribes: NonNullable<Events['subscribes']>;
  readonly publishes: NonNullable<Events['publishes']>;
  readonly permissions: NonNullable<Manifest['permissions']>;
  readonly workflows: NonNullable<Manifest['workflows']>;
  readonly dataAccess: NonNullable<Manifest['dataAccess']>;
  readonly extensions: NonNullable<Manifest['extensions']>;
  readonly fallback: NonNullable<Manifest['fallback']>;
  readonly egress: readonly string[];
}

/** @returns the lists of a manifest */
export const declaredIn = (manifest: Manifest): Declared => ({
  ...apiIn(manifest),
  ...eventsIn(manifest),
  permissions: manifest.permissions ?? [],
  workflows: manifest.workflows ?? [],
  dataAccess: manifest.dataAccess ?? [],
  extensions: manifest.extensions ?? [],
  fallback: manifest.fallback ?? [],
  egress: manifest.network?.egress ?? [],
});

const apiIn = ({ api }: Manifest): Pick<Declared, 'provides' | 'consumes'> => ({
  provides: api?.provides ?? [],
  consumes: api?.consumes ?? [],
});

const eventsIn = ({ events }: Manifest): Pick<Declared, 'subscribes' | 'publishes'> => ({
  subscribes: events?.subscribes ?? [],
  publishes: events?.publishes ?? [],
});
