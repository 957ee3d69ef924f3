import type { Decider } from '@kwanus/kernel';

/** A version of the platform is in service. */
export interface PlatformCommand {
  readonly type: 'ReleasePlatform';
  readonly versions: readonly string[];
}

export interface PlatformVersionReleased {
  readonly type: 'PlatformVersionReleased';
  readonly version: string;
}

/** Versions of the platform, in the order of their release. */
export type PlatformVersions = readonly string[];

/** The stream `platform-default`: the columns of the compatibility matrix. */
export const platformVersions: Decider<
  PlatformVersions,
  PlatformCommand,
  PlatformVersionReleased,
  undefined
> = {
  initialState: [],
  decide: ({ versions }, state): readonly PlatformVersionReleased[] =>
    [...new Set(versions)]
      .filter((version) => !state.includes(version))
      .map((version) => ({ type: 'PlatformVersionReleased', version })),
  evolve: (state, { version }): PlatformVersions => [...state, version],
};
