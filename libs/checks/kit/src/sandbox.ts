import type { Json } from '@kwanus/kernel';
import type { CodeTexts } from './code-texts.js';

/** An extension to look at, and what it is driven with. */
export interface ProbeRequest {
  readonly kind: 'ui' | 'export' | 'processor';
  readonly code: Uint8Array;
  /** Handed to a processor, and to whoever listens for them. */
  readonly events: readonly { readonly type: string; readonly data: Json }[];
  /** RFC 3339: the moment that the code takes for the present one. */
  readonly asOf: string;
}

/** Something in the code that leads out of what can be looked at. */
export interface CodeUse {
  readonly what: string;
  readonly line: number;
  /** Of a module that is asked for by name. */
  readonly module: string | null;
}

/** What a parser sees. */
export interface CodeScan {
  /** Why it could not be parsed, continuing the path; null: it was. */
  readonly refused: { readonly message: string; readonly line: number | null } | null;
  readonly uses: readonly CodeUse[];
  readonly texts: CodeTexts;
}

/** Ways to reach something. `markup` is text that a browser would read as HTML. */
export type Capability =
  | 'network'
  | 'markup'
  | 'module'
  | 'process'
  | 'code'
  | 'operation'
  | 'event'
  | 'subscription'
  | 'audit'
  | 'storage';

/** Something that the code tried while it ran. */
export interface Attempt {
  readonly capability: Capability;
  /** What it called: `fetch`, `WebSocket`; of an operation: the permission that it named. */
  readonly via: string;
  readonly target: string;
}

/** What came of running the code. */
export interface ExtensionRun {
  /** The function that the kind asks for; null: it was called. */
  readonly entryMissing: string | null;
  /** Without repetitions, in the order in which they were made first. */
  readonly attempts: readonly Attempt[];
  /** Messages of what was thrown and not caught. */
  readonly errors: readonly string[];
  /** What it used up; the run ended there. */
  readonly exhausted: 'steps' | 'memory' | 'attempts' | null;
}

/** One of the walls around the code, and whether it stood. */
export interface SandboxWall {
  readonly name: 'scan' | 'interpreter' | 'namespaces';
  /** Why it was not there; null: it was. */
  readonly notRun: string | null;
}

/** What an extension came to. */
export interface ExtensionProbe {
  readonly scan: CodeScan | null;
  readonly run: ExtensionRun | null;
  /** Why it is no whole answer; null: it is one. */
  readonly open: string | null;
}

/** Looks at extensions, and runs them where they can do no harm. */
export interface ExtensionSandbox {
  /** @returns every wall; which of them stand depends on the machine */
  readonly walls: () => Promise<readonly SandboxWall[]>;
  /** @returns what was seen; what can't be seen stands in `open`, never in silence */
  readonly probe: (request: ProbeRequest, signal: AbortSignal) => Promise<ExtensionProbe>;
}
