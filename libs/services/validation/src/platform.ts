/** What the validation service knows of the platform that integrations meet. */
export interface PlatformFacts {
  /** Versions in service: the columns of the compatibility matrix. */
  readonly versions: readonly string[];
  readonly environment: string;
}

/** Injects the PlatformFacts. */
export const PLATFORM = Symbol('kwanus platform facts');

/** Where the options name nothing else. */
export const PLATFORM_IN_SERVICE: PlatformFacts = { versions: ['4.2.0', '5.0.0'], environment: 'production' };
