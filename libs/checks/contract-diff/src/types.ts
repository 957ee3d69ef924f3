import type { JsonObject } from '@kwanus/kernel';

/** `error`: a client that kept to the old contract can break; `warning`: it might, and no machine can tell; `info`: it can't. */
export type Level = 'error' | 'warning' | 'info';

/** One change that a client can notice. Ids are those of oasdiff wherever the meaning is the same. */
export interface ContractFinding {
  readonly id: string;
  readonly level: Level;
  /** `GET /orders/{id}` with the parameter names of the revision; '' where it concerns the whole contract. */
  readonly operation: string;
  /** RFC 6901 pointer into the revision; into the base for what is gone. */
  readonly pointer: string;
  readonly side: 'base' | 'revision';
  /** What the finding is about inside the operation: a parameter, a property path, a status. */
  readonly subject: string;
  readonly text: string;
}

/** What a comparison came to. */
export interface ContractDiff {
  readonly breaking: boolean;
  readonly findings: readonly ContractFinding[];
  /** The smallest step of a semantic version that is honest about the findings. */
  readonly semver: 'major' | 'minor' | 'patch';
}

/** How strictly, and when. */
export interface DiffOptions {
  /** `lenient` takes new enum values and variants in responses as warnings. Default: `strict-partner`. */
  readonly profile?: 'strict-partner' | 'lenient';
  /** RFC 3339; decides whether a sunset date has passed. Without it no date has passed. */
  readonly asOf?: string;
  /** Steps after which a comparison gives up. Default: 5 million. */
  readonly maxSteps?: number;
}

/** A contract is too large or too deep to be compared; nothing is known about its changes. */
export class ContractTooComplex extends Error {
  override readonly name = 'ContractTooComplex';
}

/** Data flows from the client (`request`) or to it (`response`). */
export type Direction = 'request' | 'response';

/** The first part of a rule id, as oasdiff names places. */
export type PlaceKind =
  | 'request-parameter'
  | 'request-parameter-property'
  | 'request-body'
  | 'request-property'
  | 'response-body'
  | 'response-property'
  | 'response-header';

/** Where in an operation a schema stands. */
export interface Place {
  readonly kind: PlaceKind;
  readonly direction: Direction;
  /** What is being talked about: `query limit`, `address/street`, `200 items/id`. */
  readonly label: string;
  /** Parameters and headers travel as text, in which every scalar is a string. */
  readonly asText: boolean;
  /** Of a property: whether the base requires it. */
  readonly required: boolean;
}

/** A part of a document, and where it stands. */
export interface Located {
  readonly value: JsonObject;
  readonly pointer: string;
}
